//! The objects of one account. A connected account does not see another account's objects.

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;

use super::collection::{ApiObject, Collection};
use super::objects::{
    Charge, CheckoutSession, Customer, Event, PaymentIntent, PaymentMethod, Refund, SetupIntent,
};
use super::render::Show;

/// Everything one account owns.
#[derive(Debug, Default)]
pub(super) struct Account {
    pub(super) intents: Collection<PaymentIntent>,
    pub(super) charges: Collection<Charge>,
    pub(super) refunds: Collection<Refund>,
    pub(super) customers: Collection<Customer>,
    pub(super) methods: Collection<PaymentMethod>,
    pub(super) setups: Collection<SetupIntent>,
    pub(super) sessions: Collection<CheckoutSession>,
    pub(super) events: VecDeque<Event>,
}

impl Account {
    /// The JSON of the object with this id, of whatever kind.
    pub(super) fn show(&self, id: &str) -> Option<Value> {
        fn from<T: ApiObject + Clone + Show>(
            collection: &Collection<T>,
            id: &str,
        ) -> Option<Value> {
            collection.get(id).map(Show::show)
        }
        match id.split_once('_')?.0 {
            "pi" => from(&self.intents, id),
            "ch" => from(&self.charges, id),
            "re" => from(&self.refunds, id),
            "cus" => from(&self.customers, id),
            "pm" => from(&self.methods, id),
            "seti" => from(&self.setups, id),
            "cs" => from(&self.sessions, id),
            _ => None,
        }
    }
}

/// All accounts by id.
pub(super) type Accounts = BTreeMap<String, Account>;
