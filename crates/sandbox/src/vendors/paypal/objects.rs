//! What the double keeps: orders, authorizations, captures, refunds, setup tokens and payment tokens.

use std::collections::{HashMap, VecDeque};

use serde_json::{Map, Value};

use super::cards::Card;
use super::events::Event;
use super::money::Money;

/// What an order is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Intent {
    Capture,
    Authorize,
}

impl Intent {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Capture => "CAPTURE",
            Self::Authorize => "AUTHORIZE",
        }
    }
}

/// How the money comes that the payer chose on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Funding {
    Good,
    Declines,
    Pends,
}

/// What the order's maker asked to be saved once the payer has paid.
#[derive(Clone, Debug, Default)]
pub(super) struct Keep {
    pub(super) customer: Option<String>,
    pub(super) merchant_customer: Option<String>,
}

/// What an order is paid with.
#[derive(Clone, Debug)]
pub(super) struct Source {
    /// `paypal` or `card`.
    pub(super) kind: &'static str,
    pub(super) card: Option<Card>,
    pub(super) vault_id: Option<String>,
    pub(super) keep: Option<Keep>,
    /// The payment token that came of `keep`.
    pub(super) kept: Option<String>,
}

impl Source {
    /// Whether the payer has to say yes on the vendor's page.
    pub(super) fn needs_payer(&self) -> bool {
        self.kind == "paypal" && self.vault_id.is_none()
    }
}

#[derive(Clone, Debug)]
pub(super) struct Unit {
    /// As sent, with what was patched.
    pub(super) fields: Map<String, Value>,
    pub(super) reference: String,
    pub(super) amount: Money,
    pub(super) authorizations: Vec<String>,
    pub(super) captures: Vec<String>,
    pub(super) refunds: Vec<String>,
}

impl Unit {
    pub(super) fn text(&self, name: &str) -> Option<String> {
        Some(self.fields.get(name)?.as_str()?.to_owned())
    }
}

#[derive(Clone, Debug)]
pub(super) struct Order {
    pub(super) id: String,
    pub(super) intent: Intent,
    pub(super) status: &'static str,
    pub(super) units: Vec<Unit>,
    pub(super) source: Option<Source>,
    pub(super) return_url: Option<String>,
    pub(super) cancel_url: Option<String>,
    pub(super) funding: Funding,
    pub(super) payer: Option<String>,
    pub(super) created: i64,
    pub(super) updated: i64,
    /// Unix seconds; the approval is worth nothing from then on.
    pub(super) expires: i64,
}

#[derive(Clone, Debug)]
pub(super) struct Authorization {
    pub(super) id: String,
    pub(super) order: String,
    pub(super) unit: usize,
    pub(super) amount: Money,
    pub(super) captured: i64,
    pub(super) status: &'static str,
    pub(super) code: Option<&'static str>,
    pub(super) pends: bool,
    pub(super) invoice: Option<String>,
    pub(super) custom: Option<String>,
    pub(super) created: i64,
    pub(super) updated: i64,
    pub(super) expires: i64,
}

#[derive(Clone, Debug)]
pub(super) struct Capture {
    pub(super) id: String,
    pub(super) order: String,
    pub(super) unit: usize,
    pub(super) authorization: Option<String>,
    pub(super) amount: Money,
    pub(super) refunded: i64,
    pub(super) status: &'static str,
    pub(super) code: Option<&'static str>,
    pub(super) is_final: bool,
    pub(super) invoice: Option<String>,
    pub(super) custom: Option<String>,
    pub(super) created: i64,
    pub(super) updated: i64,
}

#[derive(Clone, Debug)]
pub(super) struct Refund {
    pub(super) id: String,
    pub(super) order: String,
    pub(super) capture: String,
    pub(super) amount: Money,
    /// Of the capture, with this one.
    pub(super) total: i64,
    pub(super) invoice: Option<String>,
    pub(super) custom: Option<String>,
    pub(super) note: Option<String>,
    pub(super) created: i64,
}

/// A source on its way to be saved.
#[derive(Clone, Debug)]
pub(super) struct SetupToken {
    pub(super) id: String,
    pub(super) status: &'static str,
    pub(super) customer: String,
    pub(super) card: Option<Card>,
    pub(super) return_url: Option<String>,
    pub(super) cancel_url: Option<String>,
}

/// A saved source.
#[derive(Clone, Debug)]
pub(super) struct PaymentToken {
    pub(super) id: String,
    pub(super) customer: String,
    /// None is a `PayPal` wallet.
    pub(super) card: Option<Card>,
    pub(super) deleted: bool,
}

impl PaymentToken {
    pub(super) fn kind(&self) -> &'static str {
        match self.card {
            Some(_) => "card",
            None => "paypal",
        }
    }
}

/// Objects of one kind in the order of their making.
#[derive(Debug)]
pub(super) struct Shelf<T> {
    items: Vec<T>,
    places: HashMap<String, usize>,
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            places: HashMap::new(),
        }
    }
}

impl<T> Shelf<T> {
    pub(super) fn add(&mut self, id: &str, item: T) {
        self.places.insert(id.to_owned(), self.items.len());
        self.items.push(item);
    }

    pub(super) fn get(&self, id: &str) -> Option<&T> {
        self.items.get(*self.places.get(id)?)
    }

    pub(super) fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        self.items.get_mut(*self.places.get(id)?)
    }

    /// Oldest first.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.items.iter()
    }
}

/// Everything of the one account.
#[derive(Debug, Default)]
pub(super) struct Account {
    pub(super) orders: Shelf<Order>,
    pub(super) authorizations: Shelf<Authorization>,
    pub(super) captures: Shelf<Capture>,
    pub(super) refunds: Shelf<Refund>,
    pub(super) setups: Shelf<SetupToken>,
    pub(super) tokens: Shelf<PaymentToken>,
    /// By customer id: the merchant's own id for it.
    pub(super) customers: HashMap<String, Option<String>>,
    pub(super) events: VecDeque<Event>,
}
