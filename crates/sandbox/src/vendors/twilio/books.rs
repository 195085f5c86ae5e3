//! What the double accepted and received, and the view of it that tests read.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::TwilioDouble;
use super::address::{fate_message, split};
use crate::clock;
use crate::error::SandboxError;

/// Where a message stands, in the vendor's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MessageStatus {
    /// With a messaging service: no sender chosen yet.
    Accepted,
    /// Waits for its `SendAt`.
    Scheduled,
    /// Waits for its turn.
    Queued,
    /// On its way to the carrier.
    Sending,
    /// With the carrier.
    Sent,
    /// At the recipient.
    Delivered,
    /// Seen by the recipient; WhatsApp only.
    Read,
    /// The carrier gave up; see `error_code`.
    Undelivered,
    /// Taken back before its time.
    Canceled,
    /// Inbound.
    Received,
}

impl MessageStatus {
    /// The vendor's word.
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

/// How a text is coded on the air.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Encoding {
    /// 7 bits a character.
    Gsm7,
    /// 16 bits a unit.
    Ucs2,
}

/// One message, outbound or inbound.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Message {
    /// `SM` or, with media, `MM`, and 32 hexadecimal digits.
    pub sid: String,
    /// The account's.
    pub account_sid: String,
    /// As sent.
    pub messaging_service_sid: Option<String>,
    /// The recipient, with its channel.
    pub to: String,
    /// The sender; with a service alone only known once the message is sending.
    pub from: Option<String>,
    /// A template's text with its variables filled in; empty once redacted.
    pub body: String,
    /// How the body is coded.
    pub encoding: Encoding,
    /// How many parts the body needs; the vendor's answer shows 0 while the service has not chosen a sender.
    pub segments: u32,
    /// As sent.
    pub media_urls: Vec<String>,
    /// As sent.
    pub content_sid: Option<String>,
    /// As sent.
    pub content_variables: BTreeMap<String, String>,
    /// As sent, with what is not called behind the `#`; only an address on this machine is called.
    pub status_callback: Option<String>,
    /// Seconds, as sent.
    pub validity_period: Option<u32>,
    /// Unix seconds.
    pub send_at: Option<i64>,
    /// Where it stands.
    pub status: MessageStatus,
    /// Why it was not delivered.
    pub error_code: Option<u32>,
    /// Unix seconds.
    pub created_at: i64,
    /// Unix seconds.
    pub updated_at: i64,
    /// Unix seconds.
    pub sent_at: Option<i64>,
    /// The code it will end with.
    pub(super) fate: Option<u32>,
    /// What the service will choose.
    pub(super) sender: String,
}

impl Message {
    /// Whether it came from outside.
    #[must_use]
    pub fn is_inbound(&self) -> bool {
        self.status == MessageStatus::Received
    }

    /// What the carrier asks, in hundred-thousandths of a dollar; nothing before it is sent.
    pub(super) fn price(&self) -> Option<u64> {
        self.sent_at.map(|_| u64::from(self.segments) * 750)
    }

    /// One step of the message's life.
    pub(super) fn step(&mut self, now: i64) {
        use MessageStatus::{
            Accepted, Delivered, Queued, Read, Scheduled, Sending, Sent, Undelivered,
        };
        let due = self.send_at.is_none_or(|at| at <= now);
        let next = match self.status {
            Scheduled if due => Queued,
            Accepted | Queued => Sending,
            Sending => Sent,
            Sent if self.fate.is_some() => Undelivered,
            Sent => Delivered,
            Delivered if split(&self.to).whatsapp => Read,
            _ => return,
        };
        self.status = next;
        self.updated_at = now;
        match next {
            Sending => self.from = Some(self.sender.clone()),
            Sent => self.sent_at = Some(now),
            Undelivered => self.error_code = self.fate,
            _ => {}
        }
    }

    /// The vendor's resource.
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
            "error_message": self.error_code.map(fate_message), "date_created": clock::rfc2822(self.created_at),
            "date_updated": clock::rfc2822(self.updated_at), "date_sent": self.sent_at.map(clock::rfc2822),
            "api_version": "2010-04-01", "uri": format!("{path}.json"),
            "subresource_uris": {"media": format!("{path}/Media.json")},
        })
    }
}

/// Where a verification stands, in the vendor's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VerificationStatus {
    /// Waits for its code.
    Pending,
    /// The code was right.
    Approved,
    /// Taken back.
    Canceled,
}

impl VerificationStatus {
    /// The vendor's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Canceled => "canceled",
        }
    }
}

/// One sending of a verification's code.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CodeSent {
    /// `VL` and 32 hexadecimal digits.
    pub sid: String,
    /// `sms`, `call`, `email` or `whatsapp`.
    pub channel: String,
    /// Unix seconds.
    pub at: i64,
}

/// One verification of an address.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Verification {
    /// `VE` and 32 hexadecimal digits.
    pub sid: String,
    /// The account's.
    pub account_sid: String,
    /// The service's.
    pub service_sid: String,
    /// A number or an e-mail address.
    pub to: String,
    /// The code that approves it.
    pub code: String,
    /// Where it stands; an old one stays pending here and is not found by the vendor's calls.
    pub status: VerificationStatus,
    /// Every sending of the code.
    pub sends: Vec<CodeSent>,
    /// How many wrong codes were tried.
    pub wrong_codes: u32,
    /// Unix seconds.
    pub created_at: i64,
    /// Unix seconds.
    pub updated_at: i64,
}

impl Verification {
    /// The channel of the last sending.
    #[must_use]
    pub fn channel(&self) -> &str {
        self.sends.last().map_or("sms", |sent| &sent.channel)
    }

    /// For the control address: with the code.
    pub(crate) fn with_code(&self) -> Value {
        json!({"sid": self.sid, "service_sid": self.service_sid, "to": self.to, "channel": self.channel(),
            "code": self.code, "status": self.status.as_str(), "sends": self.sends.len(),
            "wrong_codes": self.wrong_codes, "created_at": self.created_at})
    }
}

/// A view of everything that the double holds; each call reads the present state, oldest first.
#[derive(Clone)]
pub struct TwilioBooks(pub(super) TwilioDouble);

impl TwilioBooks {
    /// Outbound and inbound messages.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        self.0.state().messages.clone()
    }

    /// Somebody writes to the account's number, on the channel of theirs: `+15551234567` or `whatsapp:+15551234567`.
    ///
    /// # Errors
    /// When `from` is no number.
    pub fn write_in(&self, from: &str, text: &str) -> Result<(), SandboxError> {
        let message = json!({"from": from, "body": text}).to_string();
        let received = self.0.receive(message.as_bytes()).map(drop);
        received.map_err(SandboxError::Options)
    }

    /// Verifications with their codes.
    #[must_use]
    pub fn verifications(&self) -> Vec<Verification> {
        self.0.state().verifications.clone()
    }
}

impl std::fmt::Debug for TwilioBooks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TwilioBooks").finish_non_exhaustive()
    }
}
