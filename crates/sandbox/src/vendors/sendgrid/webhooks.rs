//! What SendGrid posts of its mail: signed batches of events.
//! See <https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event>.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Map, Value, json};

use super::SendGridDouble;
use super::books::{Message, MessageStatus};
use crate::clock;
use crate::vendors::Vendor;
use crate::webhooks::{Delivery, Sign, ToSign};

/// Events are posted this often, or when a post is full.
const EVERY: Duration = Duration::from_secs(30);
const FULL: usize = 768 * 1024;

/// What stands before the point in a key of this curve in SubjectPublicKeyInfo form (RFC 5480).
const HEAD: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// A key pair that no seed decides: ring draws it.
pub(crate) struct SigningKey(EcdsaKeyPair);

impl SigningKey {
    /// A new one; none where the machine has no random numbers.
    pub(crate) fn new() -> Option<Self> {
        let (algorithm, random) = (&ECDSA_P256_SHA256_ASN1_SIGNING, SystemRandom::new());
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).ok()?;
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).ok()?;
        Some(Self(pair))
    }

    /// As SendGrid shows it.
    pub(crate) fn public(&self) -> String {
        BASE64_STANDARD.encode([&HEAD, self.0.public_key().as_ref()].concat())
    }
}

/// ECDSA over the time and the body.
pub(crate) struct SendGridSigner(pub(crate) SigningKey);

impl Sign for SendGridSigner {
    fn sign(&self, request: &ToSign<'_>) -> Vec<(&'static str, String)> {
        let time = request.at.as_second().to_string();
        let signed = [time.as_bytes(), request.body].concat();
        let signature = self.0.0.sign(&SystemRandom::new(), &signed);
        let signature = signature.map_or_else(|_| String::new(), |s| BASE64_STANDARD.encode(s));
        vec![
            ("X-Twilio-Email-Event-Webhook-Signature", signature),
            ("X-Twilio-Email-Event-Webhook-Timestamp", time),
        ]
    }
}

/// Events that wait to be posted together.
#[derive(Default)]
pub(super) struct Batch {
    events: Vec<String>,
    size: usize,
    first: String,
}

impl Batch {
    /// The post, if there is anything to post.
    fn post(&mut self, id: String) -> Option<Delivery> {
        let batch = std::mem::take(self);
        if batch.events.is_empty() {
            return None;
        }
        // A line break ends it, as at SendGrid; it is signed too.
        let body = format!("[{}]\r\n", batch.events.join(",\r\n"));
        Some(Delivery {
            vendor: Vendor::SendGrid,
            event: batch.first,
            id,
            content_type: "application/json",
            body: body.into(),
            url: None,
        })
    }
}

/// One step of a mail's life: the word, and what stands in its event beside what all have.
type Step = (&'static str, Value);

/// What becomes of a mail, by the local part of its address; the words are the sandbox's own.
fn life(to: &str) -> Vec<Step> {
    let ok = ("delivered", json!({"response": "250 OK"}));
    let processed = ("processed", json!({}));
    let bounce = |kind: &str, status: &str, reason: &str, class: &str| {
        let told = json!({"type": kind, "status": status, "reason": reason, "bounce_classification": class});
        ("bounce", told)
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
            let told = json!({"attempt": "1", "response": "450 4.2.1 Try again later"});
            vec![processed, ("deferred", told), ok]
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

impl SendGridDouble {
    /// What becomes of mail that was accepted: at once, or when it is due.
    pub(super) fn tell_all(&self, messages: &[Message]) {
        if !self.0.webhooks.is_heard(Vendor::SendGrid) {
            return;
        }
        for message in messages {
            let (double, id) = (self.clone(), message.id.clone());
            let wait = clock::until(message.send_at);
            self.0.webhooks.later(async move {
                tokio::time::sleep(wait).await;
                double.live(&id);
            });
        }
    }

    /// The mail goes out, unless somebody took it back meanwhile.
    fn live(&self, id: &str) {
        let mut state = self.state();
        let found = state.messages.iter().rev().find(|m| m.id == id);
        let Some(message) = found.filter(|m| m.status == MessageStatus::Queued).cloned() else {
            return;
        };
        let waits = !state.batch.events.is_empty();
        for (word, more) in life(&message.to.email) {
            let event = self.event(&message, word, more).to_string();
            if state.batch.size + event.len() > FULL {
                let post = state.batch.post(self.0.ids.letters(22));
                post.into_iter().for_each(|post| self.0.webhooks.emit(post));
            }
            if state.batch.events.is_empty() {
                state.batch.first = word.to_owned();
            }
            state.batch.size += event.len() + 3;
            state.batch.events.push(event);
        }
        drop(state);
        if !waits {
            let (double, wait) = (self.clone(), self.0.webhooks.scaled(EVERY));
            self.0.webhooks.later(async move {
                tokio::time::sleep(wait).await;
                let post = double.state().batch.post(double.0.ids.letters(22));
                post.into_iter()
                    .for_each(|post| double.0.webhooks.emit(post));
            });
        }
    }

    /// The custom arguments stand among the event's own fields, which win.
    fn event(&self, message: &Message, word: &str, more: Value) -> Value {
        let mut fields = Map::new();
        for (name, value) in &message.custom_args {
            fields.insert(name.clone(), value.as_str().into());
        }
        let host = "<{}@geopod-ismtpd-0.example>".replace("{}", &message.request_id);
        let own = json!({
            "email": message.to.email, "event": word, "timestamp": clock::unix_seconds(), "smtp-id": host,
            "sg_event_id": self.0.ids.letters(22), "sg_message_id": message.id,
        });
        let of = |value: Value| match value {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        fields.extend(of(own));
        fields.extend(of(more));
        match message.categories.as_slice() {
            [] => {}
            [one] => drop(fields.insert("category".into(), one.as_str().into())),
            all => drop(fields.insert("category".into(), all.into())),
        }
        Value::Object(fields)
    }
}
