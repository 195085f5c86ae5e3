//! What was posted and how it was answered: a test compares it with what the application took.

use std::collections::VecDeque;

use bytes::Bytes;
use serde::Serialize;

use super::Delivery;
use crate::vendors::Vendor;

/// The newest deliveries that are kept.
const MAX_RECORDS: usize = 20_000;

/// Whose delivery it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WebhookKind {
    /// The vendor's.
    Genuine,
    /// The vendor's, once more.
    Duplicate,
    /// The same body, signed by somebody else.
    Forged,
    /// Another body under the vendor's signature.
    Tampered,
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WebhookState {
    /// Not tried yet, or to be tried again.
    Waiting,
    /// Answered with 2xx.
    Taken,
    /// Not taken, and not tried again.
    GivenUp,
}

/// What came of one try.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WebhookAnswer {
    /// A status.
    Status(u16),
    /// Nobody listens there.
    NotConnected,
    /// The connection ended, or time ran out, without an answer.
    NoAnswer,
}

/// One delivery with all its tries.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct WebhookDelivery {
    /// Counts up from 1 over all vendors.
    pub number: u64,
    /// Whose event.
    pub vendor: Vendor,
    /// The vendor's name of what happened; of a batch, of its first event.
    pub event: String,
    /// The vendor's id of the delivery or its event, which its copies share.
    pub id: String,
    /// Where to, without what is not sent.
    pub url: String,
    /// Genuine or not.
    pub kind: WebhookKind,
    /// Where it stands.
    pub state: WebhookState,
    /// What came of each try.
    pub answers: Vec<WebhookAnswer>,
    /// What is posted, before anybody tampers with it.
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
    /// Its number.
    pub(super) fn add(&mut self, delivery: &Delivery, url: &str, kind: WebhookKind) -> u64 {
        self.next += 1;
        if self.entries.len() >= MAX_RECORDS {
            self.entries.pop_front();
        }
        self.entries.push_back(WebhookDelivery {
            number: self.next,
            vendor: delivery.vendor,
            event: delivery.event.clone(),
            id: delivery.id.clone(),
            url: url.split('#').next().unwrap_or_default().to_owned(),
            kind,
            state: WebhookState::Waiting,
            answers: Vec::new(),
            body: delivery.body.clone(),
        });
        self.next
    }

    /// Notes a try of a delivery that is still remembered.
    pub(super) fn note(&mut self, number: u64, answer: WebhookAnswer, state: WebhookState) {
        let first = self.entries.front().map_or(0, |entry| entry.number);
        let at = number
            .checked_sub(first)
            .and_then(|at| usize::try_from(at).ok());
        if let Some(entry) = at.and_then(|at| self.entries.get_mut(at)) {
            entry.answers.push(answer);
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
