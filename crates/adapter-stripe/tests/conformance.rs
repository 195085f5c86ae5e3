//! The contract of `PaymentProvider`, kept by this adapter over the sandbox.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use std::{sync::Arc, time::Duration};

use anyvendor_adapter_stripe::{Stripe, StripeConfig};
use anyvendor_conformance::payment;
use anyvendor_core::{resilience::Policy, values::Secret};
use anyvendor_sandbox::Sandbox;

async fn keeps_the_contract(amount: &str, currency: &str) {
    let sandbox = Sandbox::start().await.unwrap();
    let short = Policy::default().with_delays(Duration::from_millis(5), Duration::from_millis(20));
    let config = StripeConfig::new(Secret::new(sandbox.stripe().key()))
        .with_local_base_url(sandbox.stripe().url())
        .with_resilience(short);
    let provider = Arc::new(Stripe::new(config).unwrap());
    let harness = harness::harness(provider, amount, currency);
    payment::run(&harness).await.assert_passed(48);
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
