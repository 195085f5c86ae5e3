//! Rejections that continue on a page, and what a request id says later.

use anyvendor_adapter_paypal::PayPalOptions;
use anyvendor_core::payment::{
    CreatePayment, DeclineCode, NextAction, PayerPresence, PaymentOutcome, PaymentProvider,
    PaymentStatus, RefundPayment, RefundStatus,
};
use serde_json::{Value, json};

use crate::{amount, created, order, paying, vendor};

/// A rejection with the page that PayPal documents for it.
fn refusal(issue: &str, links: &[(&str, &str)]) -> Value {
    let links: Vec<Value> = links
        .iter()
        .map(|(rel, href)| json!({"href": href, "rel": rel, "method": "GET"}))
        .collect();
    json!({"name": "UNPROCESSABLE_ENTITY", "debug_id": "f7707100bc347", "links": links,
        "details": [{"issue": issue, "description": "d"}]})
}

async fn refused(request: CreatePayment, body: Value) -> PaymentOutcome {
    let (paypal, transport) = vendor([(422, body)]);
    let outcome = paypal.create(request).await.unwrap();
    assert_eq!(transport.count_to("/v2/checkout/orders"), 1);
    outcome
}

#[tokio::test]
async fn f27_the_page_of_a_rejected_order_is_where_the_payer_continues() {
    let checkout = "https://www.paypal.com/checkoutnow?token=5O190127TN364715T";
    let bank =
        "https://www.paypal.com/webapps/helios?action=verify&flow=3ds&cart_id=5O190127TN364715T";
    for (issue, rel, page) in [
        ("PAYER_ACTION_REQUIRED", "payer-action", bank),
        ("PAYER_ACTION_REQUIRED", "payer-action", checkout),
        ("INSTRUMENT_DECLINED", "redirect", checkout),
    ] {
        let request = paying().with_reference("order-1");
        let outcome = refused(request.clone(), refusal(issue, &[(rel, page)])).await;
        let PaymentOutcome::RequiresAction(payment, action) = outcome else {
            panic!("{issue} {rel}: {outcome:?}");
        };
        assert_eq!(action.page().unwrap().expose(), page);
        assert_eq!(
            matches!(action, NextAction::Redirect(_)),
            rel == "payer-action"
        );
        assert_eq!(payment.id.to_string(), "paypal:5O190127TN364715T");
        assert_eq!(payment.reference.as_deref(), Some("order-1"));
        assert_eq!(
            (payment.amount, payment.captured.is_zero()),
            (request.amount, true)
        );
        // Nobody is there to open the page.
        let away = request.with_presence(PayerPresence::OffSession);
        let outcome = refused(away, refusal(issue, &[(rel, page)])).await;
        assert!(
            matches!(
                outcome,
                PaymentOutcome::RequiresAction(_, NextAction::ReturnToSession)
            ),
            "{outcome:?}"
        );
    }
    // A page without an order cannot be continued by anybody.
    for links in [
        &[][..],
        &[(
            "payer-action",
            "https://www.paypal.com/webapps/helios?flow=3ds",
        )],
    ] {
        let outcome = refused(paying(), refusal("PAYER_ACTION_REQUIRED", links)).await;
        let PaymentOutcome::Declined(decline, None) = outcome else {
            panic!("{outcome:?}");
        };
        assert_eq!(decline.code, DeclineCode::AuthenticationRequired);
    }
}

#[tokio::test]
async fn f24_a_vaulted_card_that_has_to_be_verified_waits_for_its_owner() {
    // As in the public report about saved cards: 200, no bookings, a page.
    for status in ["PAYER_ACTION_REQUIRED", "CREATED"] {
        let mut waits = order(status, json!({}));
        waits["payment_source"] = json!({"card": {"last_digits": "6889"}});
        waits["links"] = json!([{"href": "https://www.paypal.com/webapps/helios?action=verify&flow=3ds&cart_id=5O190127TN364715T",
        "rel": "payer-action", "method": "GET"}]);
        let outcome = created(waits.clone()).await.unwrap();
        assert!(
            matches!(
                outcome,
                PaymentOutcome::RequiresAction(_, NextAction::Redirect(_))
            ),
            "{outcome:?}"
        );
        // The owner has been there.
        waits["payment_source"]["card"]["authentication_result"] =
            json!({"liability_shift": "POSSIBLE"});
        waits["status"] = json!("CREATED");
        let outcome = created(waits).await.unwrap();
        assert!(
            matches!(outcome, PaymentOutcome::Incomplete(..)),
            "{outcome:?}"
        );
    }
}

#[tokio::test]
async fn f18_a_refund_that_failed_later_is_reported_as_failed_by_its_key() {
    let capture = json!({"id": "C1", "status": "COMPLETED", "amount": amount("100.00"), "custom_id": "order-1",
        "supplementary_data": {"related_ids": {"order_id": "5O190127TN364715T"}}});
    let refund = |status: &str| json!({"id": "R1", "status": status, "amount": amount("10.00")});
    let (paypal, transport) = vendor([
        (200, capture.clone()),
        (201, refund("PENDING")),
        (200, capture),
        (200, refund("FAILED")),
    ]);
    let id = anyvendor_core::values::VendorId::new("paypal", "capture/C1").unwrap();
    let request = RefundPayment::new(id, paying().idempotency_key).with_amount(crate::usd("10.00"));
    let first = paypal.refund(request.clone()).await.unwrap();
    assert_eq!(first.status, RefundStatus::Pending);
    let later = paypal.refund(request).await.unwrap();
    assert!(matches!(later.status, RefundStatus::Failed(_)), "{later:?}");
    assert_eq!(later.payment.unwrap().id(), "5O190127TN364715T");
    let sent = transport.sent();
    let body: Value = serde_json::from_slice(&sent[2].body).unwrap();
    assert_eq!(body["custom_id"], "order-1");
}

#[tokio::test]
async fn f26_one_key_serves_every_step_of_an_order() {
    let waiting = || order("APPROVED", json!({}));
    let paid = || {
        let capture = json!({"id": "C1", "status": "COMPLETED", "amount": amount("100.00")});
        order("COMPLETED", json!({"captures": [capture]}))
    };
    let refund = json!({"id": "R1", "status": "COMPLETED", "amount": amount("100.00")});
    let (paypal, transport) = vendor([
        (201, waiting()),
        (200, waiting()),
        (201, paid()),
        (200, paid()),
        (201, refund),
    ]);
    let options = PayPalOptions::new().with_client_metadata_id("session-1");
    let request = paying().with_extension(options);
    let key = request.idempotency_key.clone();
    let outcome = paypal.create(request).await.unwrap();
    let payment = outcome.payment().unwrap();
    assert_eq!(payment.status, PaymentStatus::RequiresConfirmation);
    let confirm = anyvendor_core::payment::ConfirmPayment::new(payment.id.clone(), key.clone());
    paypal.confirm(confirm).await.unwrap();
    paypal
        .refund(RefundPayment::new(payment.id.clone(), key))
        .await
        .unwrap();
    let sent = transport.sent();
    let ids: Vec<_> = sent
        .iter()
        .filter_map(|sent| sent.header("paypal-request-id"))
        .collect();
    assert_eq!(ids, ["order-1", "order-1-confirm", "order-1-refund"]);
}
