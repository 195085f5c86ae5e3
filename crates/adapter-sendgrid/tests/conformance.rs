//! The contract of `EmailProvider`, kept by this adapter.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use std::sync::Arc;

use anyvendor_adapter_sendgrid::{SendGrid, SendGridConfig};
use anyvendor_conformance::email;
use anyvendor_core::values::Secret;

#[tokio::test]
async fn keeps_the_contract() {
    let sandbox = harness::sandbox().await;
    let config = SendGridConfig::new(Secret::new(sandbox.sendgrid().key()))
        .with_local_base_url(sandbox.sendgrid().url());
    let harness = harness::harness(Arc::new(SendGrid::new(config).unwrap()));
    email::run(&harness).await.assert_passed(13);
    sandbox.shutdown().await;
}
