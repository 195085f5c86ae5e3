//! The events of an accepted message, posted in batches:
//! <https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event>.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::emulator::SendGridEmulator;
use super::message::{Message, MessageStatus};
use crate::clock;

/// How often events are posted, unless a batch is full earlier.
const POST_INTERVAL: Duration = Duration::from_secs(30);

/// The size at which a batch is full, in bytes: 768 kB, by the same page.
const MAX_BATCH: usize = 768 * 1024;

/// The name of an event, and the fields that only this event has.
type EventStep = (&'static str, Value);

/// The events of a message, chosen by the local part of its address. These local parts are defined by the sandbox.
fn lifecycle(to: &str) -> Vec<EventStep> {
    let ok = ("delivered", json!({"response": "250 OK"}));
    let processed = ("processed", json!({}));
    let bounce = |kind: &str, status: &str, reason: &str, class: &str| {
        let fields = json!({"type": kind, "status": status, "reason": reason, "bounce_classification": class});
        ("bounce", fields)
    };
    let seen = json!({"ip": "192.0.2.1", "useragent": "Mozilla/5.0"});
    let local = to.split('@').next().unwrap_or_default();
    match local.split('+').next().unwrap_or_default() {
        "bounced" => {
            let reason = "550 5.1.1 The email account that you tried to reach does not exist";
            vec![
                processed,
                bounce("bounce", "5.1.1", reason, "Invalid Address"),
            ]
        }
        "blocked" => {
            let reason = "550 5.7.1 Message rejected";
            vec![processed, bounce("blocked", "5.7.1", reason, "Reputation")]
        }
        "dropped" => vec![(
            "dropped",
            json!({"reason": "Bounced Address", "status": "5.0.0"}),
        )],
        "deferred" => {
            let fields = json!({"attempt": "1", "response": "450 4.2.1 Try again later"});
            vec![processed, ("deferred", fields), ok]
        }
        "opened" => vec![processed, ok, ("open", seen)],
        "clicked" => {
            let mut clicked = seen.clone();
            if let Some(fields) = clicked.as_object_mut() {
                fields.insert("url".into(), "https://example.com/".into());
                fields.insert("url_offset".into(), json!({"index": 0, "type": "html"}));
            }
            vec![processed, ok, ("open", seen), ("click", clicked)]
        }
        "complained" => vec![processed, ok, ("spamreport", json!({}))],
        "unsubscribed" => vec![processed, ok, ("unsubscribe", json!({}))],
        _ => vec![processed, ok],
    }
}

impl SendGridEmulator {
    /// Schedules the events of accepted messages, for now or for their `send_at`.
    pub(super) fn schedule_events(&self, messages: &[Message]) {
        if !self.0.webhooks.has_endpoint() {
            return;
        }
        for message in messages {
            let (emulator, id) = (self.clone(), message.id.clone());
            let wait = clock::until(message.send_at);
            self.0.webhooks.later(async move {
                tokio::time::sleep(wait).await;
                emulator.add_events(&id);
            });
        }
    }

    /// Adds the events of a message to the batch, unless the message was paused or cancelled in the meantime.
    fn add_events(&self, id: &str) {
        let mut state = self.state();
        let found = state.messages.iter().rev().find(|m| m.id == id);
        let Some(message) = found.filter(|m| m.status == MessageStatus::Queued).cloned() else {
            return;
        };
        let is_scheduled = !state.batch.events.is_empty();
        for (name, extra) in lifecycle(&message.to.email) {
            let event = self.event(&message, name, extra).to_string();
            if state.batch.size + event.len() > MAX_BATCH {
                let post = state.batch.post(self.0.ids.letters(22));
                post.into_iter().for_each(|post| self.0.webhooks.emit(post));
            }
            if state.batch.events.is_empty() {
                state.batch.first = name.to_owned();
            }
            state.batch.size += event.len() + 3;
            state.batch.events.push(event);
        }
        drop(state);
        if !is_scheduled {
            let (emulator, wait) = (self.clone(), self.0.webhooks.scaled(POST_INTERVAL));
            self.0.webhooks.later(async move {
                tokio::time::sleep(wait).await;
                let post = emulator.state().batch.post(emulator.0.ids.letters(22));
                post.into_iter()
                    .for_each(|post| emulator.0.webhooks.emit(post));
            });
        }
    }

    /// The JSON of an event. The custom arguments are among its fields; a field of the event overrides an argument of the same
    /// name.
    fn event(&self, message: &Message, name: &str, extra: Value) -> Value {
        let mut fields = Map::new();
        for (argument, value) in &message.custom_args {
            fields.insert(argument.clone(), value.as_str().into());
        }
        let host = "<{}@geopod-ismtpd-0.example>".replace("{}", &message.request_id);
        let shared = json!({
            "email": message.to.email, "event": name, "timestamp": clock::unix_seconds(), "smtp-id": host,
            "sg_event_id": self.0.ids.letters(22), "sg_message_id": message.id,
        });
        let into_fields = |value: Value| match value {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        fields.extend(into_fields(shared));
        fields.extend(into_fields(extra));
        match message.categories.as_slice() {
            [] => {}
            [one] => drop(fields.insert("category".into(), one.as_str().into())),
            all => drop(fields.insert("category".into(), all.into())),
        }
        Value::Object(fields)
    }
}
