//! One event: what happened, in neutral terms, together with the vendor's own.

use std::{fmt, sync::Arc};

use bytes::Bytes;
use jiff::Timestamp;

use super::{
    dedupe_key::DedupeKey,
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

/// The vendor's payload, which contains personal data and is not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct RawEvent(pub Bytes);

impl fmt::Debug for RawEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawEvent({} bytes)", self.0.len())
    }
}
