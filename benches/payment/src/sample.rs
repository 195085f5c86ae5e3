//! The payment that is created, and the response that Stripe gives.

use anyvendor_core::{
    payment::CreatePayment,
    values::{Currency, IdempotencyKey, Money, VendorId},
};

/// Stripe's response, which is also a fixture of the adapter's tests.
pub(crate) const INTENT: &[u8] =
    include_bytes!("../../../crates/adapter-stripe/tests/fixtures/200_payment_intent.json");
pub(crate) const HEADERS: [(&str, &str); 4] = [
    ("content-type", "application/json"),
    ("request-id", "req_0123456789abcd"),
    ("idempotency-key", "order-1"),
    ("stripe-version", "2025-01-27.acacia"),
];

pub(crate) fn payment() -> CreatePayment {
    let gbp = Currency::from_code("GBP").expect("a currency");
    let amount = Money::from_minor(2_020, gbp).expect("an amount");
    let key = IdempotencyKey::new("order-1").expect("a key");
    let id = |id| VendorId::new("stripe", id).expect("an id");
    CreatePayment::new(amount, key)
        .with_reference("order-1".to_owned())
        .with_customer(id("cus_1"))
        .with_source(id("pm_1"))
}
