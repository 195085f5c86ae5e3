//! Captures, authorizations and refunds: made once, and never for more.

use anyvendor_adapter_paypal::PayPal;
use anyvendor_core::{
    Delivery, Kind,
    payment::{
        CancelPayment, CapturePayment, CreatePayment, GetPayment, PaymentOutcome, PaymentProvider,
        PaymentStatus, RefundPayment,
    },
};
use anyvendor_sandbox::{Fault, FaultKind, Vendor};
use futures_util::future::join_all;

use crate::{
    harness::{config, saved_wallet},
    setup::{key, money, on_page, setup},
};

#[tokio::test]
async fn a_response_lost_after_paying_is_recovered_by_the_same_key() {
    let setup = setup().await;
    let source = saved_wallet(&setup.paypal).await;
    for (name, kind) in [
        ("order-cut", FaultKind::ActThenCut),
        ("order-short", FaultKind::TruncateBody),
    ] {
        let fault = Fault::new(kind)
            .vendor(Vendor::PayPal)
            .path("/v2/checkout/orders")
            .times(9);
        setup.sandbox.inject(fault);
        let request =
            CreatePayment::new(money("10.00", "EUR"), key(name)).with_source(source.clone());
        let before = setup.sandbox.paypal().state().captures().len();
        let error = setup.paypal.create(request.clone()).await.unwrap_err();
        assert_eq!(error.delivery(), Delivery::Unknown, "{error}");
        assert!(error.idempotency_key().is_some());
        setup.sandbox.clear_faults();
        let outcome = setup.paypal.create(request).await.unwrap();
        assert!(
            matches!(outcome, PaymentOutcome::Captured(_)),
            "{outcome:?}"
        );
        assert_eq!(setup.sandbox.paypal().state().captures().len(), before + 1);
    }
}

#[tokio::test]
async fn a_thousand_concurrent_payments_fetch_one_token() {
    let setup = setup().await;
    let source = saved_wallet(&setup.paypal).await;
    let other = PayPal::new(config(&setup.sandbox)).unwrap();
    let before = setup.sandbox.paypal().state().token_requests();
    let calls = (0..1000).map(|n| {
        let request = CreatePayment::new(money("1.00", "USD"), key(&format!("order-{n}")));
        other.create(request.with_source(source.clone()))
    });
    for outcome in join_all(calls).await {
        assert!(matches!(outcome.unwrap(), PaymentOutcome::Captured(_)));
    }
    assert_eq!(setup.sandbox.paypal().state().token_requests() - before, 1);
    assert_eq!(setup.sandbox.paypal().state().captures().len(), 1000);
    // A token that the vendor no longer takes is renewed once for all.
    setup.sandbox.paypal().state().revoke_token();
    let calls = (0..50).map(|n| {
        let request = CreatePayment::new(money("1.00", "USD"), key(&format!("late-{n}")));
        other.create(request.with_source(source.clone()))
    });
    for outcome in join_all(calls).await {
        outcome.unwrap();
    }
    assert_eq!(setup.sandbox.paypal().state().token_requests() - before, 2);
}

#[tokio::test]
async fn parts_are_captured_until_nothing_is_left_and_refunded_by_id() {
    let setup = setup().await;
    let payment = setup.reserved("order-1", "100.00").await;
    let part = |name: &str, amount: &str, last: bool| {
        CapturePayment::new(payment.id.clone(), key(name))
            .with_amount(money(amount, "EUR"))
            .with_final_capture(last)
    };
    let outcome = setup
        .paypal
        .capture(part("c-1", "30.00", false))
        .await
        .unwrap();
    let after = outcome.payment().unwrap().clone();
    assert_eq!(
        (after.captured, after.capturable),
        (money("30.00", "EUR"), money("70.00", "EUR"))
    );
    let seen = setup
        .paypal
        .get(GetPayment::new(payment.id.clone()))
        .await
        .unwrap();
    assert_eq!(seen, after, "our payment equals PayPal's");
    let wrong =
        CapturePayment::new(payment.id.clone(), key("c-x")).with_amount(money("1.00", "USD"));
    let error = setup.paypal.capture(wrong).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.field()),
        (&Kind::InvalidRequest, Some("amount"))
    );
    let outcome = setup
        .paypal
        .capture(part("c-2", "50.00", true))
        .await
        .unwrap();
    let after = outcome.payment().unwrap().clone();
    assert_eq!(
        (after.captured, after.capturable),
        (money("80.00", "EUR"), money("0.00", "EUR"))
    );
    assert_eq!(after.status, PaymentStatus::PartiallyCaptured);
    assert_eq!(
        setup
            .paypal
            .get(GetPayment::new(payment.id.clone()))
            .await
            .unwrap(),
        after
    );

    // Of two captures the caller must choose.
    let error = setup
        .paypal
        .refund(RefundPayment::new(payment.id.clone(), key("r-1")))
        .await;
    let error = error.unwrap_err();
    assert_eq!(
        (error.kind(), error.field()),
        (&Kind::InvalidRequest, Some("payment"))
    );
    let second = &after.transactions[2];
    assert_eq!(second.amount, money("50.00", "EUR"));
    let request = RefundPayment::new(second.id.clone(), key("r-2"));
    assert_eq!(
        setup.paypal.refund(request).await.unwrap().amount,
        second.amount
    );
    assert_eq!(setup.sandbox.paypal().state().refunds().len(), 1);
}

#[tokio::test]
async fn a_refund_is_made_once_per_key_and_never_exceeds_the_rest() {
    let setup = setup().await;
    let payment = setup.paid("order-1", "50.00").await;
    let refund = |name: &str, amount: &str| {
        let amount = money(amount, "EUR");
        setup
            .paypal
            .refund(RefundPayment::new(payment.id.clone(), key(name)).with_amount(amount))
    };
    let first = refund("r-1", "20.00").await.unwrap();
    assert_eq!(refund("r-1", "20.00").await.unwrap().id, first.id);
    assert_eq!(
        refund("r-1", "10.00").await.unwrap_err().kind(),
        &Kind::IdempotencyMismatch
    );
    let error = refund("r-2", "30.01").await.unwrap_err();
    assert_eq!(
        (error.kind(), error.field()),
        (&Kind::InvalidRequest, Some("amount"))
    );
    refund("r-3", "30.00").await.unwrap();
    let error = refund("r-4", "0.01").await.unwrap_err();
    assert!(
        matches!(error.kind(), Kind::Conflict | Kind::InvalidRequest),
        "{error}"
    );
    let refunds = setup.sandbox.paypal().state().refunds();
    assert_eq!(
        refunds.iter().map(|refund| refund.amount).sum::<i64>(),
        5000
    );
    assert_eq!(refunds.len(), 2);
    let seen = setup
        .paypal
        .get(GetPayment::new(payment.id.clone()))
        .await
        .unwrap();
    assert_eq!(seen.refunded, Some(money("50.00", "EUR")));
}

#[tokio::test]
async fn an_expired_or_voided_authorization_takes_nothing() {
    let setup = setup().await;
    let payment = setup.reserved("order-1", "10.00").await;
    let authorization = payment.transactions[0].id.clone();
    let authorization = authorization
        .id()
        .trim_start_matches("authorization/")
        .to_owned();
    assert!(setup.sandbox.paypal().state().expire(&authorization));
    let capture = CapturePayment::new(payment.id.clone(), key("c-1"));
    let outcome = setup.paypal.capture(capture).await.unwrap();
    let PaymentOutcome::Cancelled(gone) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(gone.status, PaymentStatus::Expired);

    let payment = setup.reserved("order-2", "10.00").await;
    let cancel = CancelPayment::new(payment.id.clone(), key("x-1"));
    setup.sandbox.inject(
        Fault::new(FaultKind::ActThenCut)
            .vendor(Vendor::PayPal)
            .path("*/void"),
    );
    let outcome = setup.paypal.cancel(cancel).await.unwrap();
    assert!(
        matches!(outcome, PaymentOutcome::Cancelled(_)),
        "{outcome:?}"
    );
    let capture = CapturePayment::new(payment.id, key("c-2"));
    assert_eq!(
        setup.paypal.capture(capture).await.unwrap_err().kind(),
        &Kind::Conflict
    );
    assert!(setup.sandbox.paypal().state().captures().is_empty());

    // The order is unpaid: there is nothing to void, and PayPal cannot close an order.
    let (payment, _) = setup.waiting(on_page("order-3")).await;
    let cancel = CancelPayment::new(payment.id, key("x-3"));
    assert_eq!(
        setup.paypal.cancel(cancel).await.unwrap_err().kind(),
        &Kind::Unsupported
    );
}

#[tokio::test]
async fn f26_one_unique_reference_is_paid_once_and_a_reference_as_often_as_wanted() {
    let setup = setup().await;
    let source = saved_wallet(&setup.paypal).await;
    let request = |name: &str| {
        CreatePayment::new(money("10.00", "EUR"), key(name))
            .with_reference("order-7")
            .with_unique_reference("invoice-7")
            .with_source(source.clone())
    };
    setup.paypal.create(request("k-1")).await.unwrap();
    let error = setup.paypal.create(request("k-2")).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.vendor_code()),
        (&Kind::Conflict, Some("DUPLICATE_INVOICE_ID"))
    );
    assert!(error.to_string().contains("find that payment"), "{error}");
    assert_eq!(setup.sandbox.paypal().state().captures().len(), 1);
    // A deposit and the balance of one order.
    let balance = request("k-3").with_unique_reference("invoice-8");
    let mut plain = request("k-4");
    plain.unique_reference = None;
    for request in [balance, plain] {
        let outcome = setup.paypal.create(request).await.unwrap();
        assert_eq!(
            outcome.payment().unwrap().reference.as_deref(),
            Some("order-7")
        );
    }
    let captures = setup.sandbox.paypal().state().captures();
    let ids: Vec<_> = captures
        .iter()
        .map(|one| one.invoice_id.as_deref())
        .collect();
    assert_eq!(ids, [Some("invoice-7"), Some("invoice-8"), Some("k-4")]);
    assert!(
        captures
            .iter()
            .all(|one| one.custom_id.as_deref() == Some("order-7"))
    );
}

#[tokio::test]
async fn a_lost_capture_is_recovered_by_its_key_even_if_nothing_is_left() {
    let setup = setup().await;
    let payment = setup.reserved("order-1", "80.00").await;
    let part = |name: &str, amount: &str, last: bool| {
        CapturePayment::new(payment.id.clone(), key(name))
            .with_amount(money(amount, "EUR"))
            .with_final_capture(last)
    };
    setup
        .paypal
        .capture(part("c-1", "30.00", false))
        .await
        .unwrap();
    let lost = Fault::new(FaultKind::ActThenCut);
    setup
        .sandbox
        .inject(lost.vendor(Vendor::PayPal).path("*/capture").times(9));
    let error = setup
        .paypal
        .capture(part("c-2", "50.00", true))
        .await
        .unwrap_err();
    assert_eq!(error.delivery(), Delivery::Unknown);
    setup.sandbox.clear_faults();
    // Nothing is reserved any more, and the key still says what it did.
    for (name, amount, last) in [("c-2", "50.00", true), ("c-1", "30.00", false)] {
        let outcome = setup
            .paypal
            .capture(part(name, amount, last))
            .await
            .unwrap();
        let seen = setup
            .paypal
            .get(GetPayment::new(payment.id.clone()))
            .await
            .unwrap();
        assert_eq!(outcome.payment(), Some(&seen), "{name}");
        assert_eq!(seen.captured, money("80.00", "EUR"));
    }
    let captures = setup.sandbox.paypal().state().captures();
    assert_eq!(
        captures.iter().map(|capture| capture.amount).sum::<i64>(),
        8000
    );
    assert_eq!(captures.len(), 2);
    // The key with another amount is neither a second capture nor a success.
    let error = setup
        .paypal
        .capture(part("c-1", "20.00", false))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), &Kind::IdempotencyMismatch);
    assert_eq!(setup.sandbox.paypal().state().captures().len(), 2);
}
