//! Messages: send, read, cancel, redact and delete them, and receive inbound ones:
//! <https://www.twilio.com/docs/messaging/api/message-resource>.

use http::{Response, StatusCode};
use serde::Deserialize;
use serde_json::Value;

use super::address::{NUMBER, delivery_error, is_e164, opted_out, split};
use super::check::{CheckContext, check};
use super::emulator::TwilioEmulator;
use super::error::ApiError;
use super::form::Form;
use super::message::{Message, MessageStatus};

use super::segments;
use crate::body::ResponseBody;
use crate::clock;
use crate::reply::{empty, json};

/// How long free-form messages are allowed after an inbound WhatsApp message, in seconds: 24 hours.
const WINDOW: i64 = 24 * 60 * 60;
/// The words that opt a recipient out: <https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out>.
const STOP: [&str; 6] = ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"];
/// The words that opt a recipient in again.
const START: [&str; 3] = ["START", "YES", "UNSTOP"];

/// The body of `POST /_sandbox/twilio/inbound`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inbound {
    from: String,
    #[serde(default)]
    to: Option<String>,
    #[serde(default)]
    body: String,
    /// How long ago the message arrived, so that a test can let the 24 hours pass without waiting.
    #[serde(default)]
    seconds_ago: u32,
}

/// The account's number on the channel of the other party.
fn own_number(other: &str) -> String {
    let channel = if split(other).whatsapp {
        "whatsapp:"
    } else {
        ""
    };
    format!("{channel}{NUMBER}")
}

impl TwilioEmulator {
    /// Handles `POST Messages.json`. The same form sent twice creates two messages, since Twilio has no idempotency keys.
    pub(super) fn send(&self, form: &Form) -> Result<Response<ResponseBody>, ApiError> {
        let mut state = self.state();
        let now = clock::unix_seconds();
        let request = check(
            form,
            &CheckContext {
                now,
                service: &self.0.access.account.messaging_service,
                templates: &self.0.templates,
            },
        )?;
        let sender = request
            .from
            .map_or_else(|| own_number(request.to), str::to_owned);
        let pair = (request.to.to_owned(), sender);
        if state.opted_out.contains(&pair) {
            return Err(opted_out());
        }
        let at = request.send_at.unwrap_or(now);
        let last = state.inbound.get(&pair);
        let window_is_open = last.is_some_and(|last| at.saturating_sub(*last) < WINDOW);
        if request.address.whatsapp && request.content_sid.is_none() && !window_is_open {
            let message = "Failed to send freeform message because you are outside the allowed window. \
                           If you are using WhatsApp, please use a Message Template.";
            return Err(ApiError::bad_request(63016, message));
        }
        let status = match (request.send_at, request.service) {
            (Some(_), _) => MessageStatus::Scheduled,
            (None, Some(_)) => MessageStatus::Accepted,
            (None, None) => MessageStatus::Queued,
        };
        let kind = if request.media.is_empty() { "SM" } else { "MM" };
        let (encoding, segments) = segments::count(&request.body);
        let message = Message {
            sid: format!("{kind}{}", self.0.ids.hex(32)),
            account_sid: self.0.access.account.sid.clone(),
            messaging_service_sid: request.service.map(str::to_owned),
            to: request.to.to_owned(),
            from: request.from.map(str::to_owned),
            body: request.body,
            encoding,
            segments,
            media_urls: request.media,
            content_sid: request.content_sid.map(str::to_owned),
            content_variables: request.content_variables,
            status_callback: request.status_callback.map(str::to_owned),
            validity_period: request.validity_period,
            send_at: request.send_at,
            status,
            error_code: None,
            created_at: now,
            updated_at: now,
            sent_at: None,
            delivery_error: delivery_error(request.address.number),
            sender: pair.1,
        };
        let body = message.to_json();
        self.schedule_steps(&message);
        state.messages.push(message);
        Ok(json(StatusCode::CREATED, &body))
    }

    /// Handles `GET Messages/{Sid}.json`. Reading a message advances its status by one step.
    pub(super) fn read_message(&self, sid: &str) -> Option<Value> {
        let mut state = self.state();
        let message = state.messages.iter_mut().rev().find(|m| m.sid == sid)?;
        self.step(message);
        Some(message.to_json())
    }

    /// Handles `POST Messages/{Sid}.json`, which cancels a scheduled message or redacts the text.
    pub(super) fn change(
        &self,
        sid: &str,
        form: &Form,
    ) -> Option<Result<Response<ResponseBody>, ApiError>> {
        let mut state = self.state();
        let message = state.messages.iter_mut().rev().find(|m| m.sid == sid)?;
        let (status, body) = (form.present("Status"), form.present("Body"));
        if status.is_some_and(|s| s != "canceled") || body.is_some_and(|b| !b.is_empty()) {
            let message =
                "Unknown parameters: Status can only become canceled, and Body only empty";
            return Some(Err(ApiError::bad_request(20001, message)));
        }
        if status.is_some() {
            if message.status != MessageStatus::Scheduled {
                let message = "This message cannot be canceled";
                return Some(Err(ApiError::new(StatusCode::CONFLICT, 30409, message)));
            }
            message.status = MessageStatus::Canceled;
            self.post_status(message);
        }
        if body.is_some() {
            message.body.clear();
        }
        message.updated_at = clock::unix_seconds();
        Some(Ok(json(StatusCode::OK, &message.to_json())))
    }

    /// Handles `DELETE Messages/{Sid}.json`.
    pub(super) fn delete(&self, sid: &str) -> Option<Response<ResponseBody>> {
        let mut state = self.state();
        let at = state.messages.iter().rposition(|m| m.sid == sid)?;
        let _deleted = state.messages.remove(at);
        Some(empty(StatusCode::NO_CONTENT))
    }

    /// Receives an inbound message, given as JSON `{"from", "to", "body", "seconds_ago"}`. It opens WhatsApp's window of 24
    /// hours, and STOP and START opt the sender out and in. The error explains to the caller what is wrong.
    pub(crate) fn receive(&self, json: &[u8]) -> Result<Value, String> {
        let usage = "send {\"from\": \"+15551234567\" or \"whatsapp:+15551234567\", \"body\": \"..\"}, and if needed \
                     \"to\" (the account's number) and \"seconds_ago\"";
        let inbound: Inbound =
            serde_json::from_slice(json).map_err(|error| format!("{error}: {usage}"))?;
        let to = inbound.to.unwrap_or_else(|| own_number(&inbound.from));
        let (from, account) = (split(&inbound.from), split(&to));
        if !is_e164(from.number) {
            return Err(format!("from is not a number in E.164: {usage}"));
        }
        if from.whatsapp != account.whatsapp {
            return Err(format!("from and to are on different channels: {usage}"));
        }
        let mut state = self.state();
        let now = clock::unix_seconds();
        let at = now.saturating_sub(i64::from(inbound.seconds_ago));
        let pair = (inbound.from.clone(), to.clone());
        let word = inbound.body.trim().to_uppercase();
        if STOP.contains(&word.as_str()) {
            state.opted_out.insert(pair.clone());
        } else if START.contains(&word.as_str()) {
            state.opted_out.remove(&pair);
        }
        let last = state.inbound.entry(pair).or_insert(at);
        *last = at.max(*last);
        let (encoding, segments) = segments::count(&inbound.body);
        let message = Message {
            sid: format!("SM{}", self.0.ids.hex(32)),
            account_sid: self.0.access.account.sid.clone(),
            messaging_service_sid: None,
            to,
            from: Some(inbound.from.clone()),
            body: inbound.body,
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
            delivery_error: None,
            sender: inbound.from,
        };
        let body = message.to_json();
        self.post_inbound(&message);
        state.messages.push(message);
        Ok(body)
    }
}
