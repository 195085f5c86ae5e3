//! The objects that the emulator stores: orders, authorizations, captures, refunds, setup tokens and payment tokens.

use serde_json::{Map, Value};

use super::cards::Card;
use super::money::Money;

/// Whether an order is captured immediately or authorized first.
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

/// How the payment behaves that the payer chose on the approval page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Funding {
    Succeeds,
    Declines,
    Pends,
}

/// The request to save the payment source once the order is paid.
#[derive(Clone, Debug, Default)]
pub(super) struct SaveRequest {
    pub(super) customer: Option<String>,
    pub(super) merchant_customer: Option<String>,
}

/// The payment source of an order.
#[derive(Clone, Debug)]
pub(super) struct Source {
    /// `paypal` or `card`.
    pub(super) kind: &'static str,
    pub(super) card: Option<Card>,
    pub(super) vault_id: Option<String>,
    pub(super) save: Option<SaveRequest>,
    /// The payment token that was created for `save`.
    pub(super) saved_token: Option<String>,
    /// Whether the card's owner has to authenticate with 3-D Secure.
    pub(super) challenges: bool,
}

/// The result of the 3-D Secure authentication of a card's owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Authentication {
    Succeeded,
    Failed,
}

impl Source {
    /// Whether the payer has to approve or to authenticate on the vendor's page.
    pub(super) fn needs_payer(&self) -> bool {
        self.challenges || (self.kind == "paypal" && self.vault_id.is_none())
    }
}

/// A purchase unit of an order.
#[derive(Clone, Debug)]
pub(super) struct Unit {
    /// The fields as they were sent, with later patches applied.
    pub(super) fields: Map<String, Value>,
    pub(super) reference: String,
    pub(super) amount: Money,
    pub(super) authorizations: Vec<String>,
    pub(super) captures: Vec<String>,
    pub(super) refunds: Vec<String>,
}

impl Unit {
    /// A field of the unit, if it is a text.
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
    pub(super) authentication: Option<Authentication>,
    pub(super) payer: Option<String>,
    pub(super) created: i64,
    pub(super) updated: i64,
    /// When the approval ends, in Unix seconds.
    pub(super) expires: i64,
}

#[derive(Clone, Debug)]
pub(super) struct Authorization {
    pub(super) id: String,
    pub(super) order: String,
    /// The original authorization, if this one was made by reauthorizing it.
    pub(super) parent: Option<String>,
    pub(super) unit: usize,
    pub(super) amount: Money,
    pub(super) captured: i64,
    pub(super) status: &'static str,
    /// The processor's response code, for a card.
    pub(super) code: Option<&'static str>,
    /// Whether captures of this authorization stay pending.
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
    /// The processor's response code, for a card.
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
    /// The capture's refunded total, including this refund, in minor units.
    pub(super) total: i64,
    pub(super) invoice: Option<String>,
    pub(super) custom: Option<String>,
    pub(super) note: Option<String>,
    pub(super) created: i64,
}

/// A payment source that the payer has not yet agreed to save, or whose payment token was not yet created.
#[derive(Clone, Debug)]
pub(super) struct SetupToken {
    pub(super) id: String,
    pub(super) status: &'static str,
    pub(super) customer: String,
    pub(super) card: Option<Card>,
    pub(super) return_url: Option<String>,
    pub(super) cancel_url: Option<String>,
}

/// A saved payment source.
#[derive(Clone, Debug)]
pub(super) struct PaymentToken {
    pub(super) id: String,
    pub(super) customer: String,
    /// The saved card; without one the source is a `PayPal` wallet.
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
