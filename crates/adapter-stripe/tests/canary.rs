//! Nothing secret and nothing personal is printed. The only test of its program, because logging is set up for all threads.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod support;

use anyvendor_adapter_stripe::{Stripe, StripeConfig};
use anyvendor_conformance::{Printed, all_prints};
use anyvendor_core::{
    payment::{
        CancelPayment, CustomerRequest, GetPayment, PaymentProvider, RefundPayment, SaveSource,
    },
    values::{Metadata, Secret},
};
use serde_json::json;
use support::{Step, Vendor, build, id, intent, key, ok, payment, reply};

/// Rejections that quote the request, and a payment that is waiting for its payer.
fn replies() -> Vec<Step> {
    let message = "No such thing: 'canary-1@example.com' https://x/canary-2 (key sk_test_canary3abcdefghijklm4)";
    let refusal = json!({"error": {
        "type": "invalid_request_error", "code": "parameter_invalid", "param": "metadata[canary-4]", "message": message,
    }});
    let waits = intent(&json!({
        "status": "requires_action", "client_secret": "canary-5_secret_1",
        "metadata": {"note": "canary-6"},
        "next_action": {"type": "redirect_to_url", "redirect_to_url": {"url": "https://bank.example/?t=canary-7"}},
    }));
    let mut replies = vec![reply(400, refusal.to_string()); 6];
    replies.push(reply(200, r#"{"id": "canary-8"}"#));
    replies.push(ok(&waits).with_header("stripe-notice", "ask canary-9@example.com"));
    replies
}

#[tokio::test]
async fn t23_canary_never_prints() {
    let printed = Printed::listen("trace");
    let vendor = Vendor::scripted(replies()).await;
    let mut config = vendor.config();
    config.api_key = Secret::new("sk_test_canary").into();
    let mut shown = format!("{config:?}");
    let provider = build(config);
    let whole = payment()
        .with_description("canary-description")
        .with_receipt_email("canary <canary@example.com>".parse().unwrap())
        .with_metadata(Metadata::new().with("note", "canary-note").unwrap());
    let who = CustomerRequest::new("user-1")
        .with_email("canary@example.com".parse().unwrap())
        .with_name("canary-name");
    shown += &format!("{whole:?} {who:?}");
    let errors = [
        provider.create(whole.clone()).await.unwrap_err(),
        provider.get_or_create_customer(who).await.unwrap_err(),
        provider
            .get(GetPayment::new(id("canary-id")))
            .await
            .unwrap_err(),
        provider
            .cancel(CancelPayment::new(id("canary-id"), key("x-1")))
            .await
            .unwrap_err(),
        provider
            .refund(RefundPayment::new(id("canary-id"), key("r-1")))
            .await
            .unwrap_err(),
        provider
            .save_source(SaveSource::new(id("cus_1"), key("s-1")).with_source(id("canary-pm")))
            .await
            .unwrap_err(),
        provider.create(whole.clone()).await.unwrap_err(),
        Stripe::new(StripeConfig::new(Secret::new("pk_live_canary"))).unwrap_err(),
    ];
    let waiting = provider.create(whole).await.unwrap();
    shown += &format!("{waiting:?} {provider:?} {:?}", provider.health());
    for error in &errors {
        shown += &all_prints(error);
    }
    assert!(!shown.contains("canary"), "{shown}");
    let logged = printed.text();
    assert!(
        logged.contains("payment.create"),
        "nothing was logged at all"
    );
    assert!(
        logged.contains("notice"),
        "the vendor's notice was not logged"
    );
    let leaks: Vec<_> = logged
        .lines()
        .filter(|line| line.contains("canary"))
        .collect();
    assert!(leaks.is_empty(), "{leaks:#?}");
}
