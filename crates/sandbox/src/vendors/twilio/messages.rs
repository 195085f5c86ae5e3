//! The messages: send, read, cancel, redact, delete; and what comes in from outside.

use http::{Response, StatusCode};
use serde::Deserialize;
use serde_json::Value;

use super::address::{NUMBER, fate, is_e164, opted_out, split};
use super::books::{Message, MessageStatus};
use super::check::{Around, check};
use super::form::Form;
use super::refusal::Refusal;
use super::{TwilioDouble, empty, segments, show};
use crate::body::ResponseBody;
use crate::clock;

/// How long free text may follow an inbound WhatsApp message: 24 hours.
const WINDOW: i64 = 24 * 60 * 60;
const STOP: [&str; 6] = ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"];
const START: [&str; 3] = ["START", "YES", "UNSTOP"];

/// `POST /_sandbox/twilio/inbound`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inbound {
    from: String,
    #[serde(default)]
    to: Option<String>,
    #[serde(default)]
    body: String,
    /// To let the window of 24 hours pass without waiting for it.
    #[serde(default)]
    seconds_ago: u32,
}

/// The account's number on the channel of the other side.
fn own_number(other: &str) -> String {
    let channel = if split(other).whatsapp {
        "whatsapp:"
    } else {
        ""
    };
    format!("{channel}{NUMBER}")
}

impl TwilioDouble {
    /// `POST Messages.json`: the same form twice is two messages.
    pub(super) fn send(&self, form: &Form) -> Result<Response<ResponseBody>, Refusal> {
        let mut state = self.state();
        let now = clock::unix_seconds();
        let wanted = check(
            form,
            &Around {
                now,
                service: &self.0.account.messaging_service,
                templates: &self.0.templates,
            },
        )?;
        let sender = wanted
            .from
            .map_or_else(|| own_number(wanted.to), str::to_owned);
        let pair = (wanted.to.to_owned(), sender);
        if state.opted_out.contains(&pair) {
            return Err(opted_out());
        }
        let at = wanted.send_at.unwrap_or(now);
        let last = state.inbound.get(&pair);
        let open = last.is_some_and(|last| at.saturating_sub(*last) < WINDOW);
        if wanted.address.whatsapp && wanted.content_sid.is_none() && !open {
            let message = "Failed to send freeform message because you are outside the allowed window. \
                           If you are using WhatsApp, please use a Message Template.";
            return Err(Refusal::bad(63016, message));
        }
        let status = match (wanted.send_at, wanted.service) {
            (Some(_), _) => MessageStatus::Scheduled,
            (None, Some(_)) => MessageStatus::Accepted,
            (None, None) => MessageStatus::Queued,
        };
        let kind = if wanted.media.is_empty() { "SM" } else { "MM" };
        let (encoding, segments) = segments::count(&wanted.body);
        let message = Message {
            sid: format!("{kind}{}", self.0.ids.hex(32)),
            account_sid: self.0.account.sid.clone(),
            messaging_service_sid: wanted.service.map(str::to_owned),
            to: wanted.to.to_owned(),
            from: wanted.from.map(str::to_owned),
            body: wanted.body,
            encoding,
            segments,
            media_urls: wanted.media,
            content_sid: wanted.content_sid.map(str::to_owned),
            content_variables: wanted.content_variables,
            status_callback: wanted.status_callback.map(str::to_owned),
            validity_period: wanted.validity_period,
            send_at: wanted.send_at,
            status,
            error_code: None,
            created_at: now,
            updated_at: now,
            sent_at: None,
            fate: fate(wanted.address.number),
            sender: pair.1,
        };
        let body = message.to_json();
        self.walk(&message);
        state.messages.push(message);
        Ok(show(StatusCode::CREATED, &body))
    }

    /// `GET Messages/{Sid}.json`: the message takes one step and is shown.
    pub(super) fn read_message(&self, sid: &str) -> Option<Value> {
        let mut state = self.state();
        let message = state.messages.iter_mut().rev().find(|m| m.sid == sid)?;
        self.step(message);
        Some(message.to_json())
    }

    /// `POST Messages/{Sid}.json`: cancel what is scheduled, or redact the text.
    pub(super) fn change(
        &self,
        sid: &str,
        form: &Form,
    ) -> Option<Result<Response<ResponseBody>, Refusal>> {
        let mut state = self.state();
        let message = state.messages.iter_mut().rev().find(|m| m.sid == sid)?;
        let (status, body) = (form.present("Status"), form.present("Body"));
        if status.is_some_and(|s| s != "canceled") || body.is_some_and(|b| !b.is_empty()) {
            let message =
                "Unknown parameters: Status can only become canceled, and Body only empty";
            return Some(Err(Refusal::bad(20001, message)));
        }
        if status.is_some() {
            if message.status != MessageStatus::Scheduled {
                let message = "This message cannot be canceled";
                return Some(Err(Refusal::new(StatusCode::CONFLICT, 30409, message)));
            }
            message.status = MessageStatus::Canceled;
            self.tell(message);
        }
        if body.is_some() {
            message.body.clear();
        }
        message.updated_at = clock::unix_seconds();
        Some(Ok(show(StatusCode::OK, &message.to_json())))
    }

    /// `DELETE Messages/{Sid}.json`
    pub(super) fn delete(&self, sid: &str) -> Option<Response<ResponseBody>> {
        let mut state = self.state();
        let at = state.messages.iter().rposition(|m| m.sid == sid)?;
        let _gone = state.messages.remove(at);
        Some(empty(StatusCode::NO_CONTENT))
    }

    /// A message from outside, as JSON `{"from", "to", "body", "seconds_ago"}`: it opens WhatsApp's window, and STOP and
    /// START stop and start. An error is a sentence for the one who sent it.
    pub(crate) fn receive(&self, json: &[u8]) -> Result<Value, String> {
        let usage = "send {\"from\": \"+15551234567\" or \"whatsapp:+15551234567\", \"body\": \"..\"}, and if needed \
                     \"to\" (the account's number) and \"seconds_ago\"";
        let ask: Inbound =
            serde_json::from_slice(json).map_err(|error| format!("{error}: {usage}"))?;
        let to = ask.to.unwrap_or_else(|| own_number(&ask.from));
        let (from, own) = (split(&ask.from), split(&to));
        if !is_e164(from.number) {
            return Err(format!("from is no number in E.164: {usage}"));
        }
        if from.whatsapp != own.whatsapp {
            return Err(format!("from and to are on different channels: {usage}"));
        }
        let mut state = self.state();
        let now = clock::unix_seconds();
        let at = now.saturating_sub(i64::from(ask.seconds_ago));
        let pair = (ask.from.clone(), to.clone());
        let word = ask.body.trim().to_uppercase();
        if STOP.contains(&word.as_str()) {
            state.opted_out.insert(pair.clone());
        } else if START.contains(&word.as_str()) {
            state.opted_out.remove(&pair);
        }
        let last = state.inbound.entry(pair).or_insert(at);
        *last = at.max(*last);
        let (encoding, segments) = segments::count(&ask.body);
        let message = Message {
            sid: format!("SM{}", self.0.ids.hex(32)),
            account_sid: self.0.account.sid.clone(),
            messaging_service_sid: None,
            to,
            from: Some(ask.from.clone()),
            body: ask.body,
            encoding,
            segments,
            media_urls: Vec::new(),
            content_sid: None,
            content_variables: std::collections::BTreeMap::new(),
            status_callback: None,
            validity_period: None,
            send_at: None,
            status: MessageStatus::Received,
            error_code: None,
            created_at: at,
            updated_at: at,
            sent_at: Some(at),
            fate: None,
            sender: ask.from,
        };
        let body = message.to_json();
        self.tell_inbound(&message);
        state.messages.push(message);
        Ok(body)
    }
}
