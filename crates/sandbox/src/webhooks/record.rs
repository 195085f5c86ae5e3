//! The posted webhooks and the responses to them, for a test to compare with what the application accepted.

use std::collections::VecDeque;

use bytes::Bytes;
use serde::Serialize;

use super::delivery::Delivery;
use crate::vendors::name::Vendor;

/// The newest deliveries that are kept.
const MAX_RECORDS: usize = 20_000;

/// Who signed a delivery, and whether its body is the vendor's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WebhookKind {
    /// The vendor's delivery.
    Genuine,
    /// A copy of the vendor's delivery.
    Duplicate,
    /// The same body, signed with another secret.
    Forged,
    /// Another body with the vendor's signature.
    Tampered,
}

/// The state of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WebhookState {
    /// Not tried yet, or to be tried again.
    Waiting,
    /// The application responded with 2xx.
    Taken,
    /// Not accepted, and not tried again.
    GivenUp,
}

/// The result of one try.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WebhookResponse {
    /// The application responded with this status.
    Status(u16),
    /// No connection could be made.
    NotConnected,
    /// The connection ended, or the time ran out, without a response.
    NoResponse,
}

/// One delivery with all its tries.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct WebhookDelivery {
    /// Counts up from 1 over all vendors.
    pub number: u64,
    /// The vendor that posted it.
    pub vendor: Vendor,
    /// The vendor's name of the event; for a batch, of its first event.
    pub event: String,
    /// The vendor's id of the delivery or its event. Copies have the same id.
    pub id: String,
    /// The address it is posted to, without the fragment.
    pub url: String,
    /// Whether it is genuine.
    pub kind: WebhookKind,
    /// Whether it was accepted.
    pub state: WebhookState,
    /// The result of each try.
    pub responses: Vec<WebhookResponse>,
    /// The vendor's body, also if a tampered one is posted.
    #[serde(serialize_with = "as_text")]
    pub body: Bytes,
}

fn as_text<S: serde::Serializer>(body: &Bytes, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&String::from_utf8_lossy(body))
}

/// All deliveries, oldest first.
#[derive(Default)]
pub(super) struct Records {
    next: u64,
    entries: VecDeque<WebhookDelivery>,
}

impl Records {
    /// Adds a delivery, and returns its number.
    pub(super) fn add(
        &mut self,
        vendor: Vendor,
        delivery: &Delivery,
        url: &str,
        kind: WebhookKind,
    ) -> u64 {
        self.next += 1;
        if self.entries.len() >= MAX_RECORDS {
            self.entries.pop_front();
        }
        self.entries.push_back(WebhookDelivery {
            number: self.next,
            vendor,
            event: delivery.event.clone(),
            id: delivery.id.clone(),
            url: url.split('#').next().unwrap_or_default().to_owned(),
            kind,
            state: WebhookState::Waiting,
            responses: Vec::new(),
            body: delivery.body.clone(),
        });
        self.next
    }

    /// Records a try of a delivery that is still kept.
    pub(super) fn record(&mut self, number: u64, response: WebhookResponse, state: WebhookState) {
        let first = self.entries.front().map_or(0, |entry| entry.number);
        let at = number
            .checked_sub(first)
            .and_then(|at| usize::try_from(at).ok());
        if let Some(entry) = at.and_then(|at| self.entries.get_mut(at)) {
            entry.responses.push(response);
            entry.state = state;
        }
    }

    pub(super) fn is_waiting(&self, vendor: Vendor, id: &str) -> bool {
        let mut waiting = self
            .entries
            .iter()
            .filter(|entry| entry.state == WebhookState::Waiting);
        waiting.any(|entry| entry.vendor == vendor && entry.id == id)
    }

    pub(super) fn all(&self) -> Vec<WebhookDelivery> {
        self.entries.iter().cloned().collect()
    }
}
