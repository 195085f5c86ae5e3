//! One event: what happened, in neutral terms, together with the vendor's own.

use std::{fmt, sync::Arc};

use bytes::Bytes;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::{
    email::{EmailEvent, InboundEmail},
    message::{InboundMessage, MessageEvent},
    payment::{CustomerEvent, PaymentEvent, SourceEvent},
    verified::Verified,
    word::Word,
};
use crate::values::VendorId;

/// One event of a verified delivery.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct WebhookEvent {
    /// The vendor that reports it.
    pub vendor: &'static str,
    /// The name of our endpoint that received it; set by the receiver.
    pub endpoint: Option<Arc<str>>,
    /// The vendor's id of the event, if it has one.
    pub id: Option<VendorId>,
    /// The key that is the same for all copies of the event, and different for all other events of this endpoint.
    pub dedupe_key: DedupeKey,
    /// The vendor's name of the event, such as `charge.refunded`.
    pub name: String,
    /// The event in neutral terms.
    pub event: Event,
    /// When it happened, by the vendor's clock. The order is not reliable: merge states instead.
    pub occurred_at: Option<Timestamp>,
    /// When we received it.
    pub received_at: Timestamp,
    /// Whether it was signed longer ago than the usual window; see [`Verified::is_late`].
    pub late: bool,
    /// Whether real money moves, where the vendor says so.
    pub live: Option<bool>,
    /// The vendor's account in which it happened, if one endpoint serves several.
    pub account: Option<String>,
    /// The version of the vendor's API that shaped the payload, if it is reported.
    pub api_version: Option<String>,
    /// The vendor's payload of this event, as received.
    pub raw: RawEvent,
}

impl WebhookEvent {
    /// Creates an event of a delivery; adapters fill in the rest.
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

    /// The vendor's name of the event for a log: `..` in place of a name that looks like free text.
    #[must_use]
    pub fn log_name(&self) -> impl fmt::Display + '_ {
        Word(&self.name)
    }

    /// Creates the event of a verified delivery that cannot be parsed at all: one event with the whole body.
    #[must_use]
    pub fn unreadable(verified: &Verified<'_>) -> Self {
        let body = verified.body();
        let key = DedupeKey::digest([body.as_ref()]);
        Self::new(verified, "", key, Event::Other, body.clone())
    }
}

// The vendor's names are printed only if they look like names.
impl fmt::Debug for WebhookEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookEvent")
            .field("vendor", &self.vendor)
            .field("endpoint", &self.endpoint)
            .field("id", &self.id)
            .field("dedupe_key", &self.dedupe_key)
            .field("name", &Word(&self.name))
            .field("event", &self.event)
            .field("occurred_at", &self.occurred_at)
            .field("received_at", &self.received_at)
            .field("late", &self.late)
            .field("live", &self.live)
            .field("account", &self.account.as_deref().map(Word))
            .field("api_version", &self.api_version.as_deref().map(Word))
            .field("raw", &self.raw)
            .finish()
    }
}

/// What happened, in neutral terms.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// The status of a payment changed.
    Payment(PaymentEvent),
    /// A customer changed at the vendor.
    Customer(CustomerEvent),
    /// A saved source changed at the vendor.
    Source(SourceEvent),
    /// The status of a sent email changed.
    Email(EmailEvent),
    /// An email was received.
    InboundEmail(Box<InboundEmail>),
    /// The status of a sent message changed.
    Message(MessageEvent),
    /// A message was received.
    InboundMessage(Box<InboundMessage>),
    /// Any other event; see [`WebhookEvent::name`] and [`WebhookEvent::raw`].
    Other,
}

/// A key that identifies the copies of one event: 1 to 128 visible ASCII characters.
///
/// # Examples
/// ```
/// use anyvendor_core::webhook::DedupeKey;
///
/// assert_eq!(DedupeKey::new("evt_1").as_str(), "evt_1");
/// // Without an id of the vendor, the parts that identify the event are hashed.
/// let key = DedupeKey::digest([b"delivered".as_slice(), b"msg-1"]);
/// assert_eq!(key.as_str().len(), 32);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DedupeKey(String);

impl DedupeKey {
    /// Uses the vendor's own id of the event; an id that is too long or malformed is hashed.
    #[must_use]
    pub fn new(id: &str) -> Self {
        if (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic()) {
            Self(id.to_owned())
        } else {
            Self::digest([id.as_bytes()])
        }
    }

    /// Creates a key from the parts that identify the event, for vendors without such an id.
    #[must_use]
    pub fn digest<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let mut text = Vec::with_capacity(512);
        for part in parts {
            // The length is included, so that ("ab", "c") and ("a", "bc") differ.
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

    /// The text of the key.
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

/// The vendor's payload, which contains personal data and is not printed.
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
