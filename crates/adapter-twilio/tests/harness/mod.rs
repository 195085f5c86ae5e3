//! What the messaging suite must know of Twilio; the workspace's contract tests use it too.
#![allow(dead_code, reason = "each test file uses a part")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{sync::Arc, time::Duration};

use anyvendor_adapter_twilio::{Twilio, TwilioConfig};
use anyvendor_conformance::MessagingHarness;
use anyvendor_core::{
    resilience::{Clock, Policy},
    values::{PhoneNumber, Secret, VendorId},
};
use anyvendor_http::SystemClock;
use anyvendor_sandbox::{Sandbox, twilio::ContentTemplate};

/// A template that the sandbox's account has, with one variable.
pub(crate) const TEMPLATE: &str = "HX00000000000000000000000000000001";

pub(crate) async fn sandbox() -> Sandbox {
    let template = ContentTemplate::new(TEMPLATE, "Your order {{1}} is on its way.");
    Sandbox::builder()
        .twilio_content(template)
        .start()
        .await
        .unwrap()
}

pub(crate) fn config(sandbox: &Sandbox) -> TwilioConfig {
    let short = Policy::default().with_delays(Duration::from_millis(5), Duration::from_millis(20));
    let token = Secret::new(sandbox.twilio().auth_token());
    TwilioConfig::new(sandbox.twilio().account_sid(), token)
        .with_from(sandbox.twilio().number())
        .with_whats_app_from(sandbox.twilio().number())
        .with_messaging_service_sid(sandbox.twilio().messaging_service())
        .with_verify_service_sid(sandbox.twilio().verify_service())
        .with_local_base_url(sandbox.twilio().url())
        .with_resilience(short)
}

pub(crate) fn phone(number: &str) -> PhoneNumber {
    PhoneNumber::new(number).unwrap()
}

pub(crate) fn harness(provider: Arc<Twilio>) -> MessagingHarness {
    MessagingHarness {
        provider,
        to: phone("+15550109999"),
        invalid_recipient: Some(phone("+15005550001")),
        opted_out: Some(phone("+15005550004")),
        template: Some(TEMPLATE.to_owned()),
        media: Some("https://shop.example/a.png".parse().unwrap()),
        unknown_message: VendorId::new("twilio", "SM00000000000000000000000000000000").unwrap(),
        now: SystemClock.wall(),
    }
}
