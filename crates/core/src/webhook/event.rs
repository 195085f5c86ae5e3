//! One event: what happened, in neutral words, with the vendor's own beside them.

use std::{fmt, sync::Arc};

use bytes::Bytes;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::{
    email::{EmailEvent, InboundEmail},
    message::{InboundMessage, MessageEvent},
    payment::{CustomerEvent, PaymentEvent, SourceEvent},
    verified::Verified,
};
use crate::values::VendorId;

/// One event of a verified delivery.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct WebhookEvent {
    /// Who tells it.
    pub vendor: &'static str,
    /// The name of the endpoint of ours that it came to; set by the receiver.
    pub endpoint: Option<Arc<str>>,
    /// The vendor's id of the event, where it has one.
    pub id: Option<VendorId>,
    /// The same for each copy of the event, and for no other event of this endpoint.
    pub dedupe_key: DedupeKey,
    /// The vendor's name of the event, such as `charge.refunded`.
    pub name: String,
    /// What happened.
    pub event: Event,
    /// When it happened, by the vendor's clock. No sure order: merge states instead.
    pub occurred_at: Option<Timestamp>,
    /// When we got it.
    pub received_at: Timestamp,
    /// Whether it was signed longer ago than the usual window; see [`Verified::is_late`].
    pub late: bool,
    /// Whether real money moves, where the vendor says so.
    pub live: Option<bool>,
    /// The vendor's account that it happened in, where one endpoint serves several.
    pub account: Option<String>,
    /// The version of the vendor's API that shaped the payload, where it says so.
    pub api_version: Option<String>,
    /// The vendor's payload of this event, as it came.
    pub raw: RawEvent,
}

impl WebhookEvent {
    /// An event of a delivery; adapters fill in the rest.
    #[must_use]
    pub fn new(
        verified: &Verified<'_>,
        name: impl Into<String>,
        dedupe_key: DedupeKey,
        event: Event,
        raw: Bytes,
    ) -> Self {
        Self {
            vendor: verified.vendor(),
            endpoint: None,
            id: None,
            dedupe_key,
            name: name.into(),
            event,
            occurred_at: None,
            received_at: verified.received_at(),
            late: verified.is_late(),
            live: None,
            account: None,
            api_version: None,
            raw: RawEvent(raw),
        }
    }

    /// What a verified delivery is told as when it cannot be read at all: one event that holds the whole body.
    #[must_use]
    pub fn unreadable(verified: &Verified<'_>) -> Self {
        let body = verified.body();
        let key = DedupeKey::digest([body.as_ref()]);
        Self::new(verified, "", key, Event::Other, body.clone())
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// A payment moved on.
    Payment(PaymentEvent),
    /// A customer changed.
    Customer(CustomerEvent),
    /// A saved source changed.
    Source(SourceEvent),
    /// A mail of ours moved on.
    Email(EmailEvent),
    /// Somebody wrote a mail to us.
    InboundEmail(Box<InboundEmail>),
    /// A message of ours moved on.
    Message(MessageEvent),
    /// Somebody wrote a message to us.
    InboundMessage(Box<InboundMessage>),
    /// Something that we have no word for; see [`WebhookEvent::name`] and [`WebhookEvent::raw`].
    Other,
}

/// Tells copies of one event from other events: 1 to 128 visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DedupeKey(String);

impl DedupeKey {
    /// The vendor's own id of the event; one that is too long or odd is hashed.
    #[must_use]
    pub fn new(id: &str) -> Self {
        match (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic()) {
            true => Self(id.to_owned()),
            false => Self::digest([id.as_bytes()]),
        }
    }

    /// A key made of what tells the event from others, for vendors without such an id.
    #[must_use]
    pub fn digest<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let mut text = Vec::with_capacity(512);
        for part in parts {
            // With its length, so that ("ab", "c") and ("a", "bc") differ.
            text.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
            text.extend_from_slice(part);
        }
        let digest: [u8; 32] = Sha256::digest(&text).into();
        let digit = |nibble: u8| char::from(HEX.get(usize::from(nibble)).copied().unwrap_or(b'0'));
        Self(
            digest
                .iter()
                .take(16)
                .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
                .collect(),
        )
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DedupeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The vendor's payload, which holds people's data and is not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct RawEvent(pub Bytes);

impl fmt::Debug for RawEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawEvent({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_differ_where_events_do() {
        let two = |one: &str, other: &str| DedupeKey::digest([one.as_bytes(), other.as_bytes()]);
        assert_eq!(two("a", "b"), two("a", "b"));
        assert_ne!(two("ab", "c"), two("a", "bc"));
        assert_ne!(two("a", ""), DedupeKey::digest([b"a".as_slice()]));
        assert_eq!(two("a", "b").as_str().len(), 32);
        assert_eq!(DedupeKey::new("evt_1").as_str(), "evt_1");
        for malformed in ["", "a b", "a\n", &"a".repeat(129)] {
            assert_eq!(
                DedupeKey::new(malformed).as_str().len(),
                32,
                "{malformed:?}"
            );
        }
    }
}
