//! What the email suite must know of SendGrid; the workspace's contract tests use it too.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use anyvendor_adapter_sendgrid::SendGrid;
use anyvendor_conformance::EmailHarness;
use anyvendor_core::{resilience::Clock, values::EmailAddress};
use anyvendor_http::SystemClock;
use anyvendor_sandbox::{Sandbox, sendgrid::Template};

pub(crate) const TEMPLATE: &str = "d-0123456789abcdef0123456789abcdef";

/// A sandbox that has the suite's template.
pub(crate) async fn sandbox() -> Sandbox {
    let template = Template::new(TEMPLATE, "For {{name}}", "<p>Hello {{name}}</p>");
    let builder = Sandbox::builder().sendgrid_template(template);
    builder.start().await.unwrap()
}

pub(crate) fn harness(provider: Arc<SendGrid>) -> EmailHarness {
    let address = |text| EmailAddress::new(text).unwrap();
    EmailHarness {
        provider,
        from: address("shop@example.com"),
        to: address("ann@example.com"),
        refused_recipient: Some(address("ann@localhost")),
        template: Some(TEMPLATE.to_owned()),
        now: SystemClock.wall(),
    }
}
