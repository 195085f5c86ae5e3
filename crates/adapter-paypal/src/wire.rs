//! PayPal's bodies under PayPal's names. Statuses stay text: a new one must not break a call that succeeded.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Amount {
    pub(crate) currency_code: String,
    pub(crate) value: String,
}

/// The request to verify a delivery, without its last field, `webhook_event`, which is the delivery's own bytes.
#[derive(Clone, Copy, Serialize)]
pub(crate) struct VerifySignature<'a> {
    pub(crate) auth_algo: &'a str,
    pub(crate) cert_url: &'a str,
    pub(crate) transmission_id: &'a str,
    pub(crate) transmission_sig: &'a str,
    pub(crate) transmission_time: &'a str,
    pub(crate) webhook_id: &'a str,
}

#[derive(Deserialize)]
pub(crate) struct Verified {
    pub(crate) verification_status: VerificationStatus,
}

/// The result of a verification. Money may depend on it, so an unknown value makes the response malformed.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum VerificationStatus {
    Success,
    Failure,
}

#[derive(Clone, Deserialize)]
pub(crate) struct Order {
    pub(crate) id: String,
    pub(crate) status: String,
    #[serde(default)]
    pub(crate) intent: String,
    #[serde(default)]
    pub(crate) purchase_units: Vec<PurchaseUnit>,
    /// The source of the payment: one entry, whose key is the kind of the source.
    #[serde(default)]
    pub(crate) payment_source: Map<String, Value>,
    #[serde(default)]
    pub(crate) links: Vec<Link>,
    pub(crate) create_time: Option<String>,
}

#[derive(Clone, Deserialize)]
pub(crate) struct PurchaseUnit {
    pub(crate) amount: Option<Amount>,
    pub(crate) custom_id: Option<String>,
    pub(crate) invoice_id: Option<String>,
    #[serde(default)]
    pub(crate) payments: Payments,
}

#[derive(Clone, Default, Deserialize)]
pub(crate) struct Payments {
    #[serde(default)]
    pub(crate) authorizations: Vec<Booking>,
    #[serde(default)]
    pub(crate) captures: Vec<Booking>,
    #[serde(default)]
    pub(crate) refunds: Vec<Booking>,
}

/// An authorization, a capture or a refund, which have the same fields.
#[derive(Clone, Deserialize)]
pub(crate) struct Booking {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) status: String,
    pub(crate) status_details: Option<StatusDetails>,
    pub(crate) amount: Option<Amount>,
    pub(crate) processor_response: Option<ProcessorResponse>,
    pub(crate) expiration_time: Option<String>,
    pub(crate) custom_id: Option<String>,
    pub(crate) supplementary_data: Option<SupplementaryData>,
    #[serde(default)]
    pub(crate) links: Vec<Link>,
    pub(crate) create_time: Option<String>,
}

#[derive(Clone, Deserialize)]
pub(crate) struct StatusDetails {
    pub(crate) reason: Option<String>,
}

#[derive(Clone, Deserialize)]
pub(crate) struct ProcessorResponse {
    pub(crate) response_code: Option<String>,
    pub(crate) payment_advice_code: Option<String>,
}

#[derive(Clone, Deserialize)]
pub(crate) struct SupplementaryData {
    #[serde(default)]
    pub(crate) related_ids: RelatedIds,
}

#[derive(Clone, Default, Deserialize)]
pub(crate) struct RelatedIds {
    pub(crate) order_id: Option<String>,
}

#[derive(Clone, Deserialize)]
pub(crate) struct Link {
    pub(crate) href: String,
    pub(crate) rel: String,
}

#[derive(Deserialize)]
pub(crate) struct SetupToken {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) status: String,
    #[serde(default)]
    pub(crate) links: Vec<Link>,
}

#[derive(Deserialize)]
pub(crate) struct PaymentToken {
    pub(crate) id: String,
    pub(crate) customer: Option<Customer>,
    #[serde(default)]
    pub(crate) payment_source: Map<String, Value>,
}

#[derive(Deserialize)]
pub(crate) struct PaymentTokens {
    #[serde(default)]
    pub(crate) payment_tokens: Vec<Value>,
    pub(crate) total_pages: Option<u32>,
    pub(crate) customer: Option<Customer>,
}

/// A page of the transaction search.
#[derive(Deserialize)]
pub(crate) struct Transactions {
    #[serde(default)]
    pub(crate) transaction_details: Vec<Value>,
    pub(crate) total_pages: Option<u32>,
}

#[derive(Deserialize)]
pub(crate) struct TransactionDetail {
    pub(crate) transaction_info: TransactionInfo,
}

#[derive(Deserialize)]
pub(crate) struct TransactionInfo {
    pub(crate) transaction_id: String,
    /// The transaction that this one belongs to.
    pub(crate) paypal_reference_id: Option<String>,
    /// What happened, as one of PayPal's event codes (`T1107`).
    #[serde(default)]
    pub(crate) transaction_event_code: String,
    pub(crate) invoice_id: Option<String>,
    pub(crate) custom_field: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Customer {
    pub(crate) id: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct CardDetails {
    pub(crate) brand: Option<String>,
    pub(crate) last_digits: Option<String>,
    /// The month of expiry as `YYYY-MM`.
    pub(crate) expiry: Option<String>,
}

/// An error. The OAuth endpoint, and the gateway if a token is invalid, use the field `error` of OAuth.
#[derive(Deserialize)]
pub(crate) struct ErrorBody {
    #[serde(default)]
    pub(crate) name: String,
    pub(crate) message: Option<String>,
    #[serde(default)]
    pub(crate) details: Vec<Detail>,
    #[serde(default)]
    pub(crate) links: Vec<Link>,
    pub(crate) error: Option<String>,
}

impl ErrorBody {
    /// Whether this has the names of PayPal's error bodies, which a gateway's JSON has not.
    pub(crate) fn is_vendors_own(&self) -> bool {
        let is_oauth = matches!(
            self.error.as_deref(),
            Some("invalid_token" | "invalid_client")
        );
        !self.name.is_empty() || is_oauth
    }
}

#[derive(Deserialize)]
pub(crate) struct Detail {
    #[serde(default)]
    pub(crate) issue: String,
    pub(crate) field: Option<String>,
    pub(crate) description: Option<String>,
}

/// Adds a field to an object that is being written.
pub(crate) fn put(object: &mut Value, name: &str, value: impl Into<Value>) {
    if let Some(fields) = object.as_object_mut() {
        fields.insert(name.to_owned(), value.into());
    }
}
