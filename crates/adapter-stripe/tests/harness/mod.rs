//! What the payment suite must know of Stripe; the workspace's contract ring uses it too.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use anyvendor_adapter_stripe::Stripe;
use anyvendor_conformance::{DeclinedSource, PaymentHarness};
use anyvendor_core::{
    payment::DeclineCode,
    values::{Currency, Money, VendorId},
};

pub(crate) fn id(id: &str) -> VendorId {
    VendorId::new("stripe", id).unwrap()
}

/// Stripe's test cards, paying in this currency.
pub(crate) fn harness(provider: Arc<Stripe>, amount: &str, currency: &str) -> PaymentHarness {
    let declined = [
        ("pm_card_visa_chargeDeclined", DeclineCode::Generic),
        (
            "pm_card_visa_chargeDeclinedInsufficientFunds",
            DeclineCode::InsufficientFunds,
        ),
        ("pm_card_chargeDeclinedExpiredCard", DeclineCode::Expired),
    ];
    PaymentHarness {
        provider,
        amount: Money::parse_decimal(amount, Currency::from_code(currency).unwrap()).unwrap(),
        good_source: id("pm_card_visa"),
        declined_sources: declined
            .map(|(source, code)| DeclinedSource {
                source: id(source),
                code,
            })
            .into(),
        action_source: Some(id("pm_card_authenticationRequired")),
        unknown_payment: id("pi_unknown"),
        return_url: "https://shop.example/back".parse().unwrap(),
    }
}
