//! Everything that the merchant's account holds: its objects by kind, its customers and its events.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::Value;

use super::collection::Collection;
use super::objects::{Authorization, Capture, Order, PaymentToken, Refund, SetupToken};
use crate::webhooks::Delivery;

/// The state of the merchant's account; the sandbox has one.
#[derive(Debug, Default)]
pub(super) struct Account {
    pub(super) orders: Collection<Order>,
    pub(super) authorizations: Collection<Authorization>,
    pub(super) captures: Collection<Capture>,
    pub(super) refunds: Collection<Refund>,
    pub(super) setups: Collection<SetupToken>,
    pub(super) tokens: Collection<PaymentToken>,
    /// The merchant's own id for each customer id, if the merchant gave one.
    pub(super) customers: HashMap<String, Option<String>>,
    pub(super) events: VecDeque<Event>,
}

/// The object that a call created or changed. A repeat of the call with the same request id shows the object's current
/// state.
#[derive(Clone, Debug)]
pub(super) enum ObjectRef {
    Order(String),
    Authorization(String),
    Void(String),
    Capture(String),
    Refund(String),
    Setup(String),
    Token(String),
}

/// A webhook event, as it was posted and as the events API lists it.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) id: String,
    pub(super) name: &'static str,
    pub(super) at: Timestamp,
    /// The id of the object that the event is about.
    pub(super) object_id: String,
    pub(super) body: Bytes,
}

impl Event {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub(super) fn delivery(&self) -> Delivery {
        Delivery {
            event: self.name.to_owned(),
            id: self.id.clone(),
            content_type: "application/json",
            body: self.body.clone(),
            url: None,
        }
    }
}
