//! The contract of `MessagingProvider`, kept by this adapter over the sandbox.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use std::sync::Arc;

use anyvendor_adapter_twilio::Twilio;
use anyvendor_conformance::messaging;

#[tokio::test]
async fn keeps_the_contract() {
    let sandbox = harness::sandbox().await;
    let provider = Arc::new(Twilio::new(harness::config(&sandbox)).unwrap());
    messaging::run(&harness::harness(provider))
        .await
        .assert_passed(18);
    sandbox.shutdown().await;
}
