//! The contract of `PaymentProvider`, kept by this adapter over the sandbox.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{sync::Arc, time::Duration};

use anyvendor_adapter_stripe::{Stripe, StripeConfig};
use anyvendor_conformance::{DeclinedSource, PaymentHarness, payment};
use anyvendor_core::{
    payment::DeclineCode,
    resilience::Policy,
    values::{Currency, Money, Secret, VendorId},
};
use anyvendor_sandbox::Sandbox;

fn id(id: &str) -> VendorId {
    VendorId::new("stripe", id).unwrap()
}

async fn keeps_the_contract(amount: &str, currency: &str) {
    let sandbox = Sandbox::start().await.unwrap();
    let short = Policy::default().with_delays(Duration::from_millis(5), Duration::from_millis(20));
    let config = StripeConfig::new(Secret::new(sandbox.stripe_key()))
        .with_local_base_url(sandbox.stripe_url())
        .with_resilience(short);
    let declined = [
        ("pm_card_visa_chargeDeclined", DeclineCode::Generic),
        (
            "pm_card_visa_chargeDeclinedInsufficientFunds",
            DeclineCode::InsufficientFunds,
        ),
        ("pm_card_chargeDeclinedExpiredCard", DeclineCode::Expired),
    ];
    let harness = PaymentHarness {
        provider: Arc::new(Stripe::new(config).unwrap()),
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
    };
    payment::run(&harness).await.assert_passed(30);
    sandbox.shutdown().await;
}

#[tokio::test]
async fn keeps_the_contract_in_dollars() {
    keeps_the_contract("100.50", "USD").await;
}

#[tokio::test]
async fn keeps_the_contract_in_a_currency_with_other_units() {
    keeps_the_contract("12000", "JPY").await;
    keeps_the_contract("100.500", "KWD").await;
    keeps_the_contract("12000", "ISK").await;
}
