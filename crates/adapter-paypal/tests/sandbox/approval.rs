//! Payments that the payer approves on PayPal's page.

use anyvendor_core::payment::{
    GetPayment, NextAction, PaymentOutcome, PaymentProvider, PaymentStatus, RefundPayment,
    TransactionKind,
};

use crate::{
    harness::payer,
    setup::{key, money, on_page, setup},
};

#[tokio::test]
async fn a_payer_approves_and_one_capture_is_recorded() {
    let setup = setup().await;
    let (payment, page) = setup.waiting(on_page("order-1")).await;
    assert!(setup.sandbox.paypal().state().captures().is_empty());
    payer().act(&page, true).await;
    let PaymentOutcome::Captured(paid) = setup.confirm(&payment, "confirm-1").await.unwrap() else {
        panic!("not captured");
    };
    let captures = setup.sandbox.paypal().state().captures();
    assert_eq!(captures.len(), 1);
    assert_eq!(
        (captures[0].amount, captures[0].currency.as_str()),
        (2500, "EUR")
    );
    assert_eq!(captures[0].custom_id.as_deref(), Some("ref-order-1"));
    assert_eq!(paid.reference.as_deref(), Some("ref-order-1"));
    let capture = &paid.transactions[0];
    assert_eq!(capture.kind, TransactionKind::Capture);
    assert_eq!(
        capture.id.to_string(),
        format!("paypal:capture/{}", captures[0].id)
    );
    // An old record that kept the capture alone still leads to the payment, and to its refund.
    let seen = setup
        .paypal
        .get(GetPayment::new(capture.id.clone()))
        .await
        .unwrap();
    assert_eq!(seen.id, paid.id);
    let request = RefundPayment::new(capture.id.clone(), key("refund-1"));
    let refund = setup.paypal.refund(request).await.unwrap();
    assert_eq!(refund.amount, money("25.00", "EUR"));
}

#[tokio::test]
async fn a_failed_funding_sends_the_payer_back_and_the_order_continues() {
    let setup = setup().await;
    let (payment, page) = setup.waiting(on_page("order-1")).await;
    payer().act(&page, false).await;
    let outcome = setup.confirm(&payment, "confirm-1").await.unwrap();
    let PaymentOutcome::RequiresAction(again, NextAction::HostedPage(page)) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(again.id, payment.id);
    assert!(setup.sandbox.paypal().state().captures().is_empty());
    payer().act(page.expose_url(), true).await;
    let outcome = setup.confirm(&payment, "confirm-2").await.unwrap();
    assert!(
        matches!(outcome, PaymentOutcome::Captured(_)),
        "{outcome:?}"
    );
    assert_eq!(setup.sandbox.paypal().state().captures().len(), 1);
}

#[tokio::test]
async fn an_expired_approval_takes_nothing() {
    let setup = setup().await;
    let (payment, page) = setup.waiting(on_page("order-1")).await;
    payer().act(&page, true).await;
    assert!(setup.sandbox.paypal().state().expire(payment.id.id()));
    let outcome = setup.confirm(&payment, "confirm-1").await.unwrap();
    let PaymentOutcome::Cancelled(payment) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(payment.status, PaymentStatus::Expired);
    assert!(setup.sandbox.paypal().state().captures().is_empty());
}

#[tokio::test]
async fn a_pending_capture_is_processing_until_it_is_done() {
    let setup = setup().await;
    let (payment, page) = setup.waiting(on_page("order-1")).await;
    setup.visit(&page, "pending").await;
    let outcome = setup.confirm(&payment, "confirm-1").await.unwrap();
    let PaymentOutcome::Processing(pending) = &outcome else {
        panic!("{outcome:?}");
    };
    assert!(pending.captured.is_zero());
    let capture = pending.transactions[0].id.clone();
    // Reading the capture lets the sandbox's bank finish.
    let now = setup.paypal.get(GetPayment::new(capture)).await.unwrap();
    assert_eq!(now.status, PaymentStatus::Captured);
}

#[tokio::test]
async fn every_write_has_a_request_id_of_its_step_and_asks_for_the_representation() {
    let setup = setup().await;
    let (payment, page) = setup.waiting(on_page("order-1")).await;
    payer().act(&page, true).await;
    setup.confirm(&payment, "confirm-1").await.unwrap();
    setup
        .paypal
        .refund(RefundPayment::new(payment.id, key("refund-1")))
        .await
        .unwrap();
    let writes = setup
        .sandbox
        .requests()
        .into_iter()
        .filter(|request| request.method == "POST" && !request.path.starts_with("/v1/oauth2"));
    let ids: Vec<_> = writes
        .inspect(|request| assert_eq!(request.header("prefer"), Some("return=representation")))
        .map(|request| request.header("paypal-request-id").unwrap().to_owned())
        .collect();
    assert_eq!(ids, ["order-1", "confirm-1-confirm", "refund-1-refund"]);
    let body: serde_json::Value =
        serde_json::from_slice(&setup.sandbox.requests()[1].body).unwrap();
    let expected = serde_json::json!({
        "intent": "CAPTURE",
        "purchase_units": [{
            "amount": {"currency_code": "EUR", "value": "25.00"},
            "custom_id": "ref-order-1", "invoice_id": "order-1",
        }],
        "payment_source": {"paypal": {"experience_context": {
            "return_url": "https://shop.example/back?order=1", "cancel_url": "https://shop.example/gave-up",
            "shipping_preference": "NO_SHIPPING", "user_action": "PAY_NOW",
        }}},
    });
    assert_eq!(body, expected);
}
