//! Nothing secret and nothing personal is printed. The only test of its program, because logging is set up for all threads.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod harness;

use anyvendor_adapter_paypal::PayPal;
use anyvendor_conformance::{Printed, all_prints};
use anyvendor_core::{
    payment::{CreatePayment, CustomerRequest, GetPayment, PaymentProvider, RefundPayment},
    values::{Currency, IdempotencyKey, Money, Secret},
};
use anyvendor_sandbox::Sandbox;
use harness::{config, id};

#[tokio::test]
async fn t23_canary_never_prints() {
    let printed = Printed::listen("trace");
    let sandbox = Sandbox::start().await.unwrap();
    let mut wrong = config(&sandbox);
    wrong.client_secret = Secret::new("canary-secret").into();
    let mut shown = format!("{wrong:?}");
    let stranger = PayPal::new(wrong).unwrap();
    let paypal = PayPal::new(config(&sandbox)).unwrap();
    let amount = Money::from_minor(1000, Currency::EUR).unwrap();
    let payment = |key: &str| {
        CreatePayment::new(amount, IdempotencyKey::new(key).unwrap())
            .with_description("canary-description")
            .with_return_url("https://shop.example/canary-return".parse().unwrap())
    };
    let who = CustomerRequest::new("c-1")
        .with_email("canary@example.com".parse().unwrap())
        .with_name("canary-name");
    let waiting = paypal.create(payment("k-1")).await.unwrap();
    let customer = paypal.get_or_create_customer(who.clone()).await.unwrap();
    shown += &format!(
        "{waiting:?} {customer:?} {who:?} {:?} {paypal:?}",
        payment("k-1")
    );
    let errors = [
        stranger.create(payment("k-2")).await.unwrap_err(),
        paypal
            .get(GetPayment::new(id("canary-id")))
            .await
            .unwrap_err(),
        paypal
            .refund(RefundPayment::new(
                id("capture/canary-id"),
                IdempotencyKey::random(),
            ))
            .await
            .unwrap_err(),
        paypal
            .create(payment("k-3").with_source(id("card/canary-token")))
            .await
            .unwrap_err(),
    ];
    for error in &errors {
        shown += &all_prints(error);
    }
    assert!(!shown.contains("canary"), "{shown}");
    assert!(
        !shown.contains("checkoutnow"),
        "the payer's page is printed: {shown}"
    );
    let logged = printed.text();
    assert!(
        logged.contains("payment.create"),
        "nothing was logged at all"
    );
    let secret = sandbox.paypal().client_secret();
    let leaks: Vec<_> = logged
        .lines()
        .filter(|line| line.contains("canary") || line.contains(secret))
        .collect();
    assert!(leaks.is_empty(), "{leaks:#?}");
}
