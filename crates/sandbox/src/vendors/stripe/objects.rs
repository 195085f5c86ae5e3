//! Stripe's objects as the double keeps them; also what tests see when they ask for its books.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::cards::Card;
use super::shelf::Keyed;

/// Fields that are kept only to be shown again.
pub(super) type Echo = Map<String, Value>;

/// Where a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IntentStatus {
    /// `requires_payment_method`
    RequiresPaymentMethod,
    /// `requires_confirmation`
    RequiresConfirmation,
    /// `requires_action`
    RequiresAction,
    /// `requires_capture`
    RequiresCapture,
    /// `succeeded`
    Succeeded,
    /// `canceled`
    Canceled,
}

impl IntentStatus {
    /// Stripe's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RequiresPaymentMethod => "requires_payment_method",
            Self::RequiresConfirmation => "requires_confirmation",
            Self::RequiresAction => "requires_action",
            Self::RequiresCapture => "requires_capture",
            Self::Succeeded => "succeeded",
            Self::Canceled => "canceled",
        }
    }
}

/// A payment from creation to capture.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PaymentIntent {
    /// `pi_..`
    pub id: String,
    /// The account that owns it: the `Stripe-Account` header, or the sandbox's own.
    pub account: String,
    /// Minor units.
    pub amount: i64,
    /// Authorized and not yet captured.
    pub amount_capturable: i64,
    /// Captured.
    pub amount_received: i64,
    /// Lower case.
    pub currency: String,
    /// `cus_..`
    pub customer: Option<String>,
    /// `pm_..`; none after a decline.
    pub payment_method: Option<String>,
    /// Where it stands.
    pub status: IntentStatus,
    /// `ch_..` of the last attempt.
    pub latest_charge: Option<String>,
    /// As sent.
    pub metadata: BTreeMap<String, String>,
    /// Why it was canceled.
    pub cancellation_reason: Option<String>,
    /// Unix seconds.
    pub created: i64,
    pub(super) canceled_at: Option<i64>,
    pub(super) capture_method: &'static str,
    pub(super) confirmation_method: &'static str,
    pub(super) client_secret: String,
    pub(super) setup_future_usage: Option<&'static str>,
    pub(super) return_url: Option<String>,
    /// `allow_redirects`, when automatic payment methods are on.
    pub(super) automatic: Option<&'static str>,
    pub(super) types: Vec<String>,
    pub(super) multicapture: bool,
    pub(super) last_payment_error: Option<Value>,
    pub(super) next_action: Option<Value>,
    pub(super) echo: Echo,
}

/// One attempt at a card.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Charge {
    /// `ch_..`
    pub id: String,
    /// The account that owns it.
    pub account: String,
    /// `pi_..`
    pub payment_intent: String,
    /// Minor units.
    pub amount: i64,
    /// What was captured of it.
    pub amount_captured: i64,
    /// What was given back by refunds.
    pub amount_refunded: i64,
    /// What an authorization gave back without being captured.
    pub amount_released: i64,
    /// Lower case.
    pub currency: String,
    /// Whether anything was captured.
    pub captured: bool,
    /// Whether the card agreed.
    pub paid: bool,
    /// Why the card did not.
    pub failure_code: Option<String>,
    /// `cus_..`
    pub customer: Option<String>,
    /// `pm_..`
    pub payment_method: String,
    /// The payment's metadata at the time.
    pub metadata: BTreeMap<String, String>,
    /// Unix seconds.
    pub created: i64,
    pub(super) failure_message: Option<String>,
    pub(super) decline_code: Option<String>,
    pub(super) advice_code: Option<String>,
    /// Month and year.
    pub(super) expires: (i64, i64),
    pub(super) card: &'static Card,
    pub(super) echo: Echo,
}

/// Where a refund stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RefundStatus {
    /// `pending`
    Pending,
    /// `succeeded`
    Succeeded,
    /// `failed`
    Failed,
}

impl RefundStatus {
    /// Stripe's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }
}

/// Money on its way back.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Refund {
    /// `re_..`
    pub id: String,
    /// The account that owns it.
    pub account: String,
    /// Minor units.
    pub amount: i64,
    /// Lower case.
    pub currency: String,
    /// `ch_..`
    pub charge: String,
    /// `pi_..`
    pub payment_intent: String,
    /// As sent.
    pub reason: Option<String>,
    /// Where it stands.
    pub status: RefundStatus,
    /// As sent.
    pub metadata: BTreeMap<String, String>,
    /// Unix seconds.
    pub created: i64,
    /// What becomes of it when it is next looked at.
    pub(super) then: Option<RefundStatus>,
}

/// A payer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Customer {
    /// `cus_..`
    pub id: String,
    /// The account that owns it.
    pub account: String,
    /// As sent.
    pub email: Option<String>,
    /// As sent.
    pub name: Option<String>,
    /// As sent.
    pub metadata: BTreeMap<String, String>,
    /// Whether it was deleted.
    pub deleted: bool,
    /// Unix seconds.
    pub created: i64,
    pub(super) default_payment_method: Option<String>,
    pub(super) echo: Echo,
}

/// A card.
#[derive(Clone, Debug)]
pub(super) struct PaymentMethod {
    pub(super) id: String,
    pub(super) customer: Option<String>,
    pub(super) card: &'static Card,
    pub(super) exp_month: i64,
    pub(super) exp_year: i64,
    /// May be charged off session without authentication.
    pub(super) set_up: bool,
    /// Used up or detached: never to be used again.
    pub(super) spent: bool,
    pub(super) metadata: BTreeMap<String, String>,
    pub(super) billing_details: Option<Value>,
    pub(super) created: i64,
}

/// A card being saved without a payment.
#[derive(Clone, Debug)]
pub(super) struct SetupIntent {
    pub(super) id: String,
    pub(super) customer: Option<String>,
    pub(super) payment_method: Option<String>,
    pub(super) status: IntentStatus,
    pub(super) usage: &'static str,
    pub(super) client_secret: String,
    pub(super) return_url: Option<String>,
    pub(super) automatic: Option<&'static str>,
    pub(super) types: Vec<String>,
    pub(super) last_setup_error: Option<Value>,
    pub(super) next_action: Option<Value>,
    pub(super) cancellation_reason: Option<String>,
    pub(super) metadata: BTreeMap<String, String>,
    pub(super) description: Option<String>,
    pub(super) created: i64,
}

/// Something that happened.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) id: String,
    pub(super) kind: &'static str,
    pub(super) object: Value,
    pub(super) request: Option<String>,
    pub(super) key: Option<String>,
    pub(super) created: i64,
}

macro_rules! keyed {
    ($($type:ident = $word:literal),*) => {
        $(impl Keyed for $type {
            const OBJECT: &'static str = $word;
            fn id(&self) -> &str {
                &self.id
            }
            fn created(&self) -> i64 {
                self.created
            }
        })*
    };
}

keyed!(
    PaymentIntent = "payment_intent",
    Charge = "charge",
    Refund = "refund",
    Customer = "customer",
    PaymentMethod = "payment_method",
    SetupIntent = "setup_intent",
    Event = "event"
);
