//! One account's shelves. A connected account's objects are not another's.

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;

use super::objects::{Charge, Customer, Event, PaymentIntent, PaymentMethod, Refund, SetupIntent};
use super::render::Show;
use super::shelf::{Keyed, Shelf};
use super::webhooks;
use crate::ids::Ids;
use crate::vendors::Vendor;
use crate::webhooks::Webhooks;

/// The newest events that are kept.
const MAX_EVENTS: usize = 10_000;

/// Everything one account owns.
#[derive(Debug, Default)]
pub(super) struct Account {
    pub(super) intents: Shelf<PaymentIntent>,
    pub(super) charges: Shelf<Charge>,
    pub(super) refunds: Shelf<Refund>,
    pub(super) customers: Shelf<Customer>,
    pub(super) methods: Shelf<PaymentMethod>,
    pub(super) setups: Shelf<SetupIntent>,
    pub(super) events: VecDeque<Event>,
}

impl Account {
    /// Any object by its id.
    pub(super) fn show(&self, id: &str) -> Option<Value> {
        fn from<T: Keyed + Clone + Show>(shelf: &Shelf<T>, id: &str) -> Option<Value> {
            shelf.get(id).map(Show::show)
        }
        match id.split_once('_')?.0 {
            "pi" => from(&self.intents, id),
            "ch" => from(&self.charges, id),
            "re" => from(&self.refunds, id),
            "cus" => from(&self.customers, id),
            "pm" => from(&self.methods, id),
            "seti" => from(&self.setups, id),
            _ => None,
        }
    }
}

/// All accounts by id.
pub(super) type Accounts = BTreeMap<String, Account>;

/// What one request works with.
pub(super) struct Cx<'a> {
    pub(super) account: &'a mut Account,
    pub(super) account_id: &'a str,
    /// The account, where it is not the platform's own.
    pub(super) connected: Option<&'a str>,
    pub(super) ids: &'a Ids,
    pub(super) now: i64,
    /// The double's own address, for pages that a payer is sent to.
    pub(super) base: &'a str,
    pub(super) webhooks: &'a Webhooks,
    pub(super) request_id: &'a str,
    pub(super) key: Option<&'a str>,
}

impl Cx<'_> {
    /// Notes, and tells whoever listens, that something happened to the object as it is now.
    pub(super) fn event(&mut self, kind: &'static str, object: &impl Show) {
        if self.account.events.len() >= MAX_EVENTS {
            self.account.events.pop_front();
        }
        let event = Event {
            id: self.ids.object("evt"),
            kind,
            object: object.show(),
            request: Some(self.request_id.to_owned()),
            key: self.key.map(str::to_owned),
            created: self.now,
        };
        if self.webhooks.is_heard(Vendor::Stripe) {
            let delivery = webhooks::delivery(&event, self.connected);
            self.webhooks.emit(delivery);
        }
        self.account.events.push_back(event);
    }
}
