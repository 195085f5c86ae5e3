//! The contract of `EmailProvider`, kept by this adapter.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use anyvendor_adapter_sendgrid::{SendGrid, SendGridConfig};
use anyvendor_conformance::{EmailHarness, email};
use anyvendor_core::{
    resilience::{Clock, SystemClock},
    values::{EmailAddress, Secret},
};
use anyvendor_sandbox::{Sandbox, sendgrid::Template};

const TEMPLATE: &str = "d-0123456789abcdef0123456789abcdef";

#[tokio::test]
async fn keeps_the_contract() {
    let template = Template::new(TEMPLATE, "For {{name}}", "<p>Hello {{name}}</p>");
    let sandbox = Sandbox::builder()
        .sendgrid_template(template)
        .start()
        .await
        .unwrap();
    let config = SendGridConfig::new(Secret::new(sandbox.sendgrid_key()))
        .with_local_base_url(sandbox.sendgrid_url());
    let address = |text| EmailAddress::new(text).unwrap();
    let harness = EmailHarness {
        provider: Arc::new(SendGrid::new(config).unwrap()),
        from: address("shop@example.com"),
        to: address("ann@example.com"),
        refused_recipient: Some(address("ann@localhost")),
        template: Some(TEMPLATE.to_owned()),
        now: SystemClock.wall(),
    };
    email::run(&harness).await.assert_passed(13);
    sandbox.shutdown().await;
}
