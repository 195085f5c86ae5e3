//! A scripted Stripe, a connection to it, and payments.
#![allow(dead_code, reason = "each test file uses a part")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use anyvendor_adapter_stripe::{Stripe, StripeConfig};
use anyvendor_core::{
    payment::CreatePayment,
    values::{Currency, IdempotencyKey, Money, Secret, VendorId},
};
pub(crate) use anyvendor_testkit::{Seen, Step};
use anyvendor_testkit::{Server, manual_clock, server::read_fixture};
use serde_json::{Value, json};

/// A response with a request id.
pub(crate) fn reply(status: u16, body: impl AsRef<[u8]>) -> Step {
    Step::response(status, body).with_header("request-id", "req_1")
}

/// A successful response.
pub(crate) fn ok(body: &Value) -> Step {
    reply(200, body.to_string())
}

/// An error with only a type, a code and a message.
pub(crate) fn vendor_error(status: u16, kind: &str, code: &str) -> Step {
    let body = json!({"error": {"type": kind, "code": code, "message": "m"}});
    reply(status, body.to_string())
}

/// A documented body, whose status is in its name.
pub(crate) fn fixture(name: &str) -> Step {
    Step::fixture(env!("CARGO_MANIFEST_DIR"), name).with_header("request-id", "req_1")
}

/// The idempotency key of a request.
pub(crate) fn key_of(seen: &Seen) -> &str {
    seen.header("idempotency-key").unwrap()
}

/// The documented PaymentIntent with some fields changed.
pub(crate) fn intent(changes: &Value) -> Value {
    changed("200_payment_intent", changes)
}

/// A documented body with some fields changed.
pub(crate) fn changed(name: &str, changes: &Value) -> Value {
    let mut body: Value =
        serde_json::from_slice(&read_fixture(env!("CARGO_MANIFEST_DIR"), name)).unwrap();
    for (field, value) in changes.as_object().unwrap() {
        body[field] = value.clone();
    }
    body
}

/// A scripted vendor.
pub(crate) struct Vendor(Server);

impl Vendor {
    /// Responds in order, and with 404 after that.
    pub(crate) async fn scripted(steps: impl IntoIterator<Item = Step>) -> Self {
        Self(Server::start_then(steps, reply(404, "the script has ended")).await)
    }

    pub(crate) fn config(&self) -> StripeConfig {
        StripeConfig::new(Secret::new("sk_test_key")).with_local_base_url(self.0.url())
    }

    pub(crate) fn provider(&self) -> Stripe {
        build(self.config())
    }

    /// The requests that arrived.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.0.seen()
    }

    /// The only request that arrived.
    pub(crate) fn only(&self) -> Seen {
        self.0.only()
    }
}

/// A connection whose clock never waits.
pub(crate) fn build(config: StripeConfig) -> Stripe {
    Stripe::builder(config)
        .clock(manual_clock())
        .build()
        .unwrap()
}

pub(crate) fn id(id: &str) -> VendorId {
    VendorId::new("stripe", id).unwrap()
}

pub(crate) fn key(key: &str) -> IdempotencyKey {
    IdempotencyKey::new(key).unwrap()
}

pub(crate) fn money(decimal: &str, code: &str) -> Money {
    Money::parse_decimal(decimal, Currency::from_code(code).unwrap()).unwrap()
}

/// 20.20 GBP, the amount in the documented bodies.
pub(crate) fn pounds() -> Money {
    money("20.20", "GBP")
}

/// A payment of 20.20 GBP by a card.
pub(crate) fn payment() -> CreatePayment {
    CreatePayment::new(pounds(), key("order-1")).with_source(id("pm_1"))
}
