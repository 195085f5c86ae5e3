//! Posts and signs status callbacks and inbound messages: <https://www.twilio.com/docs/usage/security>.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ring::hmac;
use url::form_urlencoded;

use super::emulator::TwilioEmulator;
use super::message::Message;
use crate::clock;
use crate::webhooks::{Delivery, Sign, ToSign};

/// How long a message with a callback has one status.
const STEP_INTERVAL: Duration = Duration::from_millis(5);

/// Signs with HMAC-SHA1 over the URL and the sorted form fields, using the account's token.
pub(super) struct TwilioSigner(hmac::Key);

impl TwilioSigner {
    pub(super) fn new(token: &str) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, token.as_bytes());
        Self(key)
    }
}

impl Sign for TwilioSigner {
    fn sign(&self, request: &ToSign<'_>) -> Vec<(&'static str, String)> {
        let mut fields: Vec<_> = form_urlencoded::parse(request.body).collect();
        fields.sort();
        // The fragment holds settings for Twilio (connection overrides). It is neither sent nor signed.
        let mut text = request.url.split('#').next().unwrap_or_default().to_owned();
        for (name, value) in fields {
            text.push_str(&name);
            text.push_str(&value);
        }
        let mac = BASE64_STANDARD.encode(hmac::sign(&self.0, text.as_bytes()));
        vec![
            ("X-Twilio-Signature", mac),
            ("I-Twilio-Idempotency-Token", request.id.to_owned()),
        ]
    }
}

impl TwilioEmulator {
    /// Schedules the steps of a message whose callback is on this machine; each step is posted to the callback.
    pub(super) fn schedule_steps(&self, message: &Message) {
        let callback = message.status_callback.as_deref();
        if !callback.is_some_and(|url| self.0.webhooks.is_callable(url)) {
            return;
        }
        let wait = clock::until(message.send_at);
        let (emulator, sid) = (self.clone(), message.sid.clone());
        self.0.webhooks.later(async move {
            tokio::time::sleep(wait).await;
            loop {
                tokio::time::sleep(STEP_INTERVAL).await;
                if !emulator.advance(&sid) {
                    return;
                }
            }
        });
    }

    /// Advances the message with this id; whether its status changed.
    fn advance(&self, sid: &str) -> bool {
        let mut state = self.state();
        let found = state.messages.iter_mut().rev().find(|m| m.sid == sid);
        let Some(message) = found else { return false };
        self.step(message)
    }

    /// Advances the message by one step and posts the new status to its callback. Returns whether the status changed.
    pub(super) fn step(&self, message: &mut Message) -> bool {
        let before = message.status;
        message.step(clock::unix_seconds());
        let changed = message.status != before;
        if changed {
            self.post_status(message);
        }
        changed
    }

    /// Posts the current status of the message to its callback.
    pub(super) fn post_status(&self, message: &Message) {
        let Some(url) = message
            .status_callback
            .as_ref()
            .filter(|url| self.0.webhooks.is_callable(url))
        else {
            return;
        };
        let status = message.status.as_str();
        let error = message.error_code.map(|code| code.to_string());
        let fields = [
            ("MessageStatus", Some(status)),
            ("SmsStatus", Some(status)),
            ("ErrorCode", error.as_deref()),
        ];
        self.post_event(message, &fields, Some(url.clone()));
    }

    /// Posts an inbound message to the account's endpoint.
    pub(super) fn post_inbound(&self, message: &Message) {
        let segments = message.segments.to_string();
        let fields = [
            ("SmsMessageSid", Some(message.sid.as_str())),
            ("SmsStatus", Some("received")),
            ("Body", Some(message.body.as_str())),
            ("NumMedia", Some("0")),
            ("NumSegments", Some(segments.as_str())),
        ];
        self.post_event(message, &fields, None);
    }

    fn post_event(&self, message: &Message, extra: &[(&str, Option<&str>)], url: Option<String>) {
        let shared = [
            ("AccountSid", Some(message.account_sid.as_str())),
            ("ApiVersion", Some("2010-04-01")),
            ("From", message.from.as_deref()),
            ("MessageSid", Some(&message.sid)),
            (
                "MessagingServiceSid",
                message.messaging_service_sid.as_deref(),
            ),
            ("SmsSid", Some(&message.sid)),
            ("To", Some(&message.to)),
        ];
        let mut form = form_urlencoded::Serializer::new(String::new());
        for (name, value) in extra.iter().chain(&shared) {
            if let Some(value) = value {
                form.append_pair(name, value);
            }
        }
        self.0.webhooks.emit(Delivery {
            event: message.status.as_str().to_owned(),
            id: self.0.ids.hex(32),
            content_type: "application/x-www-form-urlencoded",
            body: form.finish().into(),
            url,
        });
    }
}
