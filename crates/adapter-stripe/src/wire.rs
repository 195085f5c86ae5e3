//! Stripe's bodies under Stripe's names. Statuses and codes stay text: a new one must not break a call that succeeded.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, de::IgnoredAny};
use serde_json::Value;

#[derive(Deserialize)]
pub(crate) struct PaymentIntent {
    pub(crate) id: String,
    pub(crate) amount: i64,
    #[serde(default)]
    pub(crate) amount_capturable: i64,
    #[serde(default)]
    pub(crate) amount_received: i64,
    pub(crate) currency: String,
    pub(crate) status: String,
    pub(crate) customer: Option<Expandable<Named>>,
    pub(crate) payment_method: Option<Expandable<Named>>,
    pub(crate) latest_charge: Option<Expandable<Charge>>,
    pub(crate) last_payment_error: Option<ApiError>,
    pub(crate) next_action: Option<NextAction>,
    pub(crate) client_secret: Option<String>,
    pub(crate) cancellation_reason: Option<String>,
    /// Present if the money goes to a connected account.
    pub(crate) transfer_data: Option<IgnoredAny>,
    #[serde(default)]
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) created: Option<i64>,
    pub(crate) livemode: Option<bool>,
}

/// An object, or only its id if it was not expanded.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Expandable<T> {
    Id(String),
    Object(Box<T>),
}

#[derive(Deserialize)]
pub(crate) struct Named {
    pub(crate) id: String,
}

impl Expandable<Named> {
    pub(crate) fn id(&self) -> &str {
        match self {
            Self::Id(id) => id,
            Self::Object(object) => &object.id,
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct Charge {
    #[serde(default)]
    pub(crate) amount_refunded: i64,
}

#[derive(Deserialize)]
pub(crate) struct NextAction {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) redirect_to_url: Option<RedirectToUrl>,
}

#[derive(Deserialize)]
pub(crate) struct RedirectToUrl {
    pub(crate) url: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct SetupIntent {
    pub(crate) id: String,
    pub(crate) status: String,
    pub(crate) payment_method: Option<Expandable<PaymentMethod>>,
    pub(crate) last_setup_error: Option<ApiError>,
    pub(crate) next_action: Option<NextAction>,
    pub(crate) client_secret: Option<String>,
    pub(crate) livemode: Option<bool>,
}

/// A page on which the payer pays, or saves a payment method.
#[derive(Deserialize)]
pub(crate) struct CheckoutSession {
    pub(crate) id: String,
    /// `None` for what is neither open, complete nor expired.
    pub(crate) status: Option<String>,
    pub(crate) payment_status: Option<String>,
    pub(crate) amount_total: Option<i64>,
    pub(crate) currency: Option<String>,
    pub(crate) customer: Option<Expandable<Named>>,
    pub(crate) payment_intent: Option<Expandable<PaymentIntent>>,
    pub(crate) setup_intent: Option<Expandable<SetupIntent>>,
    /// The address of the page, as long as it is open.
    pub(crate) url: Option<String>,
    #[serde(default)]
    pub(crate) metadata: Option<BTreeMap<String, String>>,
    pub(crate) created: Option<i64>,
    pub(crate) livemode: Option<bool>,
}

#[derive(Deserialize)]
pub(crate) struct PaymentMethod {
    pub(crate) id: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) customer: Option<Expandable<Named>>,
    pub(crate) card: Option<Card>,
    pub(crate) livemode: Option<bool>,
}

#[derive(Deserialize)]
pub(crate) struct Card {
    pub(crate) brand: String,
    pub(crate) last4: String,
    pub(crate) exp_month: u8,
    pub(crate) exp_year: u16,
}

#[derive(Deserialize)]
pub(crate) struct Refund {
    pub(crate) id: String,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) status: Option<String>,
    pub(crate) failure_reason: Option<String>,
    pub(crate) payment_intent: Option<Expandable<Named>>,
    #[serde(default)]
    pub(crate) metadata: Option<BTreeMap<String, String>>,
    pub(crate) created: Option<i64>,
}

#[derive(Deserialize)]
pub(crate) struct Customer {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) deleted: bool,
    #[serde(default)]
    pub(crate) metadata: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) created: i64,
    pub(crate) email: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) phone: Option<String>,
    pub(crate) livemode: Option<bool>,
}

/// A page of a list or of a search, whose items are read one by one.
#[derive(Deserialize)]
pub(crate) struct List {
    pub(crate) data: Vec<Value>,
    #[serde(default)]
    pub(crate) has_more: bool,
    /// Where a search continues.
    pub(crate) next_page: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct ErrorBody {
    pub(crate) error: ApiError,
}

#[derive(Deserialize)]
pub(crate) struct ApiError {
    #[serde(rename = "type", default)]
    pub(crate) kind: String,
    pub(crate) code: Option<String>,
    pub(crate) decline_code: Option<String>,
    pub(crate) advice_code: Option<String>,
    pub(crate) param: Option<String>,
    pub(crate) message: Option<String>,
    #[serde(default, deserialize_with = "if_readable")]
    pub(crate) payment_intent: Option<Box<PaymentIntent>>,
    pub(crate) setup_intent: Option<Expandable<Named>>,
}

impl ApiError {
    /// The decline that a charge reports, in the form of an error.
    pub(crate) fn refused(
        code: Option<String>,
        decline_code: Option<String>,
        advice_code: Option<String>,
    ) -> Self {
        Self {
            kind: "card_error".to_owned(),
            code,
            decline_code,
            advice_code,
            param: None,
            message: None,
            payment_intent: None,
            setup_intent: None,
        }
    }
}

/// A payment that we cannot read must not hide the error that contains it.
fn if_readable<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Box<PaymentIntent>>, D::Error> {
    let value = Value::deserialize(from)?;
    Ok(serde_json::from_value(value).ok())
}
