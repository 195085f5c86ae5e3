//! The contract of `PaymentProvider`, kept by this adapter over the sandbox.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use std::sync::Arc;

use anyvendor_adapter_paypal::PayPal;
use anyvendor_conformance::payment;
use anyvendor_sandbox::Sandbox;

async fn keeps_the_contract(amount: &str, currency: &str) {
    let sandbox = Sandbox::start().await.unwrap();
    let provider = Arc::new(PayPal::new(harness::config(&sandbox)).unwrap());
    let harness = harness::harness(&sandbox, provider, amount, currency).await;
    payment::run(&harness).await.assert_passed(47);
    sandbox.shutdown().await;
}

#[tokio::test]
async fn keeps_the_contract_in_dollars() {
    keeps_the_contract("100.50", "USD").await;
}

#[tokio::test]
async fn keeps_the_contract_in_a_currency_with_other_units() {
    keeps_the_contract("12000", "JPY").await;
    keeps_the_contract("12000", "HUF").await;
    keeps_the_contract("1200", "TWD").await;
}
