//! The objects as the emulator stores them; tests read the public ones.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::cards::Card;
use super::collection::ApiObject;

/// The fields that are stored only to be shown again.
pub(super) type Echo = Map<String, Value>;

/// The status of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IntentStatus {
    /// The status `requires_payment_method`.
    RequiresPaymentMethod,
    /// The status `requires_confirmation`.
    RequiresConfirmation,
    /// The status `requires_action`.
    RequiresAction,
    /// The status `requires_capture`.
    RequiresCapture,
    /// The status `succeeded`.
    Succeeded,
    /// The status `canceled`.
    Canceled,
}

impl IntentStatus {
    /// The name of the status in the API.
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

/// A payment, from its creation to its capture.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PaymentIntent {
    /// The id, `pi_..`.
    pub id: String,
    /// The account that owns the payment: the `Stripe-Account` header, or the sandbox's own.
    pub account: String,
    /// The amount in minor units.
    pub amount: i64,
    /// The amount that is authorized and not yet captured.
    pub amount_capturable: i64,
    /// The captured amount.
    pub amount_received: i64,
    /// The currency code in lower case.
    pub currency: String,
    /// The customer's id, `cus_..`.
    pub customer: Option<String>,
    /// The payment method's id, `pm_..`; `None` after a decline.
    pub payment_method: Option<String>,
    /// The status of the payment.
    pub status: IntentStatus,
    /// The charge id of the latest attempt, `ch_..`.
    pub latest_charge: Option<String>,
    /// The metadata that the client set.
    pub metadata: BTreeMap<String, String>,
    /// Why the payment was canceled.
    pub cancellation_reason: Option<String>,
    /// When the object was created, in Unix seconds.
    pub created: i64,
    pub(super) canceled_at: Option<i64>,
    pub(super) capture_method: &'static str,
    pub(super) confirmation_method: &'static str,
    pub(super) client_secret: String,
    pub(super) setup_future_usage: Option<&'static str>,
    pub(super) return_url: Option<String>,
    /// The value of `allow_redirects`, if automatic payment methods are enabled.
    pub(super) automatic: Option<&'static str>,
    pub(super) types: Vec<String>,
    pub(super) multicapture: bool,
    pub(super) last_payment_error: Option<Value>,
    pub(super) next_action: Option<Value>,
    pub(super) echo: Echo,
}

/// One attempt to charge a card.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Charge {
    /// The id, `ch_..`.
    pub id: String,
    /// The account that owns the object.
    pub account: String,
    /// The payment's id, `pi_..`.
    pub payment_intent: String,
    /// The amount in minor units.
    pub amount: i64,
    /// The captured part of the amount.
    pub amount_captured: i64,
    /// The refunded part of the amount.
    pub amount_refunded: i64,
    /// The authorized part that was released without being captured.
    pub amount_released: i64,
    /// The currency code in lower case.
    pub currency: String,
    /// Whether anything was captured.
    pub captured: bool,
    /// Whether the charge succeeded.
    pub paid: bool,
    /// The error code, if the charge failed.
    pub failure_code: Option<String>,
    /// The customer's id, `cus_..`.
    pub customer: Option<String>,
    /// The payment method's id, `pm_..`.
    pub payment_method: String,
    /// The payment's metadata at the time.
    pub metadata: BTreeMap<String, String>,
    /// When the object was created, in Unix seconds.
    pub created: i64,
    pub(super) failure_message: Option<String>,
    pub(super) decline_code: Option<String>,
    pub(super) advice_code: Option<String>,
    /// The expiry month and year of the card.
    pub(super) expires: (i64, i64),
    pub(super) card: &'static Card,
    pub(super) echo: Echo,
}

/// The status of a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RefundStatus {
    /// The status `pending`.
    Pending,
    /// The status `succeeded`.
    Succeeded,
    /// The status `failed`.
    Failed,
}

impl RefundStatus {
    /// The name of the status in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }
}

/// A refund of a charge.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Refund {
    /// The id, `re_..`.
    pub id: String,
    /// The account that owns the object.
    pub account: String,
    /// The amount in minor units.
    pub amount: i64,
    /// The currency code in lower case.
    pub currency: String,
    /// The id of the refunded charge, `ch_..`.
    pub charge: String,
    /// The payment's id, `pi_..`.
    pub payment_intent: String,
    /// The reason that the client gave.
    pub reason: Option<String>,
    /// The status of the refund.
    pub status: RefundStatus,
    /// The metadata that the client set.
    pub metadata: BTreeMap<String, String>,
    /// When the object was created, in Unix seconds.
    pub created: i64,
    /// Whether the connected account that received the money pays the refund.
    pub reverse_transfer: bool,
    /// Whether the platform gives its fee back.
    pub refund_application_fee: bool,
    /// The status that the refund gets when it is next read.
    pub(super) next_status: Option<RefundStatus>,
}

/// A customer of the application.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Customer {
    /// The id, `cus_..`.
    pub id: String,
    /// The account that owns the object.
    pub account: String,
    /// The email address that the client set.
    pub email: Option<String>,
    /// The name that the client set.
    pub name: Option<String>,
    /// The metadata that the client set.
    pub metadata: BTreeMap<String, String>,
    /// Whether the customer was deleted.
    pub deleted: bool,
    /// When the object was created, in Unix seconds.
    pub created: i64,
    pub(super) default_payment_method: Option<String>,
    pub(super) echo: Echo,
}

/// A card that can be charged.
#[derive(Clone, Debug)]
pub(super) struct PaymentMethod {
    pub(super) id: String,
    pub(super) customer: Option<String>,
    pub(super) card: &'static Card,
    pub(super) exp_month: i64,
    pub(super) exp_year: i64,
    /// Whether the card may be charged off session without authentication.
    pub(super) set_up: bool,
    /// Whether the method was used without a customer, or detached; it may not be used again.
    pub(super) consumed: bool,
    pub(super) metadata: BTreeMap<String, String>,
    pub(super) billing_details: Option<Value>,
    pub(super) created: i64,
}

/// The setup of a card for later payments, without a payment.
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

/// A page on which the payer pays, or saves a card.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CheckoutSession {
    /// The id, `cs_test_..`.
    pub id: String,
    /// The account that owns the session.
    pub account: String,
    /// What the session is for: `payment` or `setup`.
    pub mode: &'static str,
    /// The status: `open`, `complete` or `expired`.
    pub status: &'static str,
    /// The amount in minor units, if something is paid.
    pub amount: Option<i64>,
    /// The currency code in lower case.
    pub currency: String,
    /// The payment's id, `pi_..`, once the payer has acted.
    pub payment_intent: Option<String>,
    /// The setup's id, `seti_..`, if a card is saved.
    pub setup_intent: Option<String>,
    /// The metadata that the client set.
    pub metadata: BTreeMap<String, String>,
    /// When the object was created, in Unix seconds.
    pub created: i64,
    /// When the page closes, in Unix seconds.
    pub expires_at: i64,
    pub(super) customer: Option<String>,
    pub(super) makes_customer: bool,
    pub(super) paid: bool,
    pub(super) success_url: String,
    pub(super) cancel_url: Option<String>,
    pub(super) url: String,
    /// The payment that is made once the payer acts.
    pub(super) draft: Option<Box<PaymentIntent>>,
    pub(super) echo: Echo,
}

/// An event about an object.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) id: String,
    pub(super) kind: &'static str,
    pub(super) object: Value,
    pub(super) request: Option<String>,
    pub(super) key: Option<String>,
    pub(super) created: i64,
}

macro_rules! api_objects {
    ($($type:ident = $word:literal),*) => {
        $(impl ApiObject for $type {
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

api_objects!(
    PaymentIntent = "payment_intent",
    Charge = "charge",
    Refund = "refund",
    Customer = "customer",
    PaymentMethod = "payment_method",
    SetupIntent = "setup_intent",
    CheckoutSession = "checkout.session",
    Event = "event"
);
