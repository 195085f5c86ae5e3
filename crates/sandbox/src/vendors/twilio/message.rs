//! A message, its status and its JSON: <https://www.twilio.com/docs/messaging/api/message-resource>.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::address::{delivery_error_message, split};
use crate::clock;

/// The status of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MessageStatus {
    /// The messaging service has not chosen a sender yet.
    Accepted,
    /// The message waits for its `SendAt`.
    Scheduled,
    /// The message waits in the queue.
    Queued,
    /// The message is being sent to the carrier.
    Sending,
    /// The carrier has accepted the message.
    Sent,
    /// The recipient has received the message.
    Delivered,
    /// The recipient has read the message (WhatsApp only).
    Read,
    /// The carrier could not deliver the message; `error_code` says why.
    Undelivered,
    /// The message was canceled before it was sent.
    Canceled,
    /// The message is inbound.
    Received,
}

impl MessageStatus {
    /// The name of the status in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Scheduled => "scheduled",
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Undelivered => "undelivered",
            Self::Canceled => "canceled",
            Self::Received => "received",
        }
    }
}

/// The character encoding of a text message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Encoding {
    /// 7 bits per character.
    Gsm7,
    /// 16 bits per code unit.
    Ucs2,
}

/// One message, outbound or inbound.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Message {
    /// The id of the message: `SM`, or `MM` if it has media, and 32 hexadecimal digits.
    pub sid: String,
    /// The id of the account.
    pub account_sid: String,
    /// The messaging service, if the client named one.
    pub messaging_service_sid: Option<String>,
    /// The recipient, with its channel.
    pub to: String,
    /// The sender. If the client named only a messaging service, it is known once the message is being sent.
    pub from: Option<String>,
    /// The text, with the variables of a template replaced; empty after it was redacted.
    pub body: String,
    /// The encoding of the body.
    pub encoding: Encoding,
    /// The number of parts of the body. The API shows 0 while the messaging service has not chosen a sender.
    pub segments: u32,
    /// The URLs of the media files.
    pub media_urls: Vec<String>,
    /// The content template, if the client named one.
    pub content_sid: Option<String>,
    /// The values of the template's variables.
    pub content_variables: BTreeMap<String, String>,
    /// The callback URL as it was sent, including the fragment, which is not part of the request. Only a URL on this machine
    /// is called.
    pub status_callback: Option<String>,
    /// The validity period in seconds, if the client set one.
    pub validity_period: Option<u32>,
    /// When the message is to be sent, in Unix seconds.
    pub send_at: Option<i64>,
    /// The status of the message.
    pub status: MessageStatus,
    /// The error code, if the message was not delivered.
    pub error_code: Option<u32>,
    /// When the message was created, in Unix seconds.
    pub created_at: i64,
    /// When the message was last changed, in Unix seconds.
    pub updated_at: i64,
    /// When the message was sent, in Unix seconds.
    pub sent_at: Option<i64>,
    /// The error code that the message will end with.
    pub(super) delivery_error: Option<u32>,
    /// The sender that the messaging service will choose.
    pub(super) sender: String,
}

impl Message {
    /// Whether the message is inbound.
    #[must_use]
    pub fn is_inbound(&self) -> bool {
        self.status == MessageStatus::Received
    }

    /// The price in hundred-thousandths of a dollar, or `None` before the message is sent.
    pub(super) fn price(&self) -> Option<u64> {
        self.sent_at.map(|_| u64::from(self.segments) * 750)
    }

    /// Advances the status by one step, if it can change now.
    pub(super) fn step(&mut self, now: i64) {
        use MessageStatus::{
            Accepted, Delivered, Queued, Read, Scheduled, Sending, Sent, Undelivered,
        };
        let due = self.send_at.is_none_or(|at| at <= now);
        let next = match self.status {
            Scheduled if due => Queued,
            Accepted | Queued => Sending,
            Sending => Sent,
            Sent if self.delivery_error.is_some() => Undelivered,
            Sent => Delivered,
            Delivered if split(&self.to).whatsapp => Read,
            _ => return,
        };
        self.status = next;
        self.updated_at = now;
        match next {
            Sending => self.from = Some(self.sender.clone()),
            Sent => self.sent_at = Some(now),
            Undelivered => self.error_code = self.delivery_error,
            _ => {}
        }
    }

    /// The JSON of the resource.
    pub(crate) fn to_json(&self) -> Value {
        let chosen = !matches!(
            self.status,
            MessageStatus::Accepted | MessageStatus::Scheduled
        );
        let segments = if chosen { self.segments } else { 0 };
        let direction = if self.is_inbound() {
            "inbound"
        } else {
            "outbound-api"
        };
        let dollars = |p: u64| format!("-{}.{:05}", p / 100_000, p % 100_000);
        let price = self.price().map(dollars);
        let path = format!(
            "/2010-04-01/Accounts/{}/Messages/{}",
            self.account_sid, self.sid
        );
        json!({
            "sid": self.sid, "account_sid": self.account_sid, "messaging_service_sid": self.messaging_service_sid,
            "to": self.to, "from": self.from, "body": self.body, "status": self.status.as_str(), "direction": direction,
            "num_segments": segments.to_string(), "num_media": self.media_urls.len().to_string(),
            "price": price, "price_unit": price.as_ref().map(|_| "USD"), "error_code": self.error_code,
            "error_message": self.error_code.map(delivery_error_message), "date_created": clock::rfc2822(self.created_at),
            "date_updated": clock::rfc2822(self.updated_at), "date_sent": self.sent_at.map(clock::rfc2822),
            "api_version": "2010-04-01", "uri": format!("{path}.json"),
            "subresource_uris": {"media": format!("{path}/Media.json")},
        })
    }
}
