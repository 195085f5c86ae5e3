//! Reservations over days: the honor period, reauthorizing, capturing and voiding afterwards.

use std::time::Duration;

use anyvendor_adapter_paypal::{PayPalCaptureOptions, Reauthorize};
use anyvendor_core::{
    Kind,
    payment::{
        CancelPayment, CapturePayment, GetPayment, Payment, PaymentOutcome, PaymentProvider,
        PaymentStatus, TransactionKind,
    },
};
use anyvendor_sandbox::{Fault, FaultKind, Vendor};

use crate::setup::{Setup, key, money, setup};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn authorizations(payment: &Payment) -> Vec<String> {
    let all = payment.transactions.iter();
    let all = all.filter(|one| one.kind == TransactionKind::Authorization);
    all.map(|one| one.id.id().to_owned()).collect()
}

async fn seen(setup: &Setup, payment: &Payment) -> Payment {
    let request = GetPayment::new(payment.id.clone());
    setup.paypal.get(request).await.unwrap()
}

#[tokio::test]
async fn f27_a_reservation_is_made_again_after_the_honor_period() {
    let setup = setup().await;
    let payment = setup.reserved("order-1", "100.00").await;
    let again = |name: &str| Reauthorize::new(payment.id.clone(), key(name));
    let error = setup.paypal.reauthorize(again("a-0")).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.vendor_code()),
        (&Kind::Conflict, Some("REAUTHORIZATION_TOO_SOON"))
    );
    setup.later(3 * DAY);
    for (amount, field) in [
        (money("100.00", "USD"), "amount"),
        (money("115.01", "EUR"), "amount"),
    ] {
        let request = again("a-1").with_amount(amount);
        let error = setup.paypal.reauthorize(request).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.field()),
            (&Kind::InvalidRequest, Some(field))
        );
    }
    let outcome = setup.paypal.reauthorize(again("a-1")).await.unwrap();
    let PaymentOutcome::Authorized(renewed) = outcome else {
        panic!("{outcome:?}");
    };
    // One reservation, not two.
    assert_eq!(
        (&renewed.id, renewed.capturable),
        (&payment.id, money("100.00", "EUR"))
    );
    assert_eq!(authorizations(&renewed).len(), 2);
    assert_eq!(seen(&setup, &payment).await, renewed);
    let repeated = setup.paypal.reauthorize(again("a-1")).await.unwrap();
    assert_eq!(repeated.payment(), Some(&renewed));

    // The capture belongs to the new authorization, and the same key never takes from the original.
    for _ in 0..2 {
        let capture = CapturePayment::new(payment.id.clone(), key("c-1"));
        let outcome = setup.paypal.capture(capture).await.unwrap();
        assert!(
            matches!(outcome, PaymentOutcome::Captured(_)),
            "{outcome:?}"
        );
    }
    let captures = setup.sandbox.paypal().state().captures();
    assert_eq!(captures.len(), 1);
    let used = captures[0].authorization_id.as_deref().unwrap();
    assert_eq!(authorizations(&renewed)[1], format!("authorization/{used}"));
}

#[tokio::test]
async fn f27_a_reauthorized_payment_is_captured_in_parts_and_voided() {
    let setup = setup().await;
    let payment = setup.reserved("order-1", "100.00").await;
    setup.later(4 * DAY);
    let again = Reauthorize::new(payment.id.clone(), key("a-1"));
    setup.paypal.reauthorize(again).await.unwrap();
    let part = CapturePayment::new(payment.id.clone(), key("c-1"))
        .with_amount(money("30.00", "EUR"))
        .with_final_capture(false);
    let outcome = setup.paypal.capture(part).await.unwrap();
    let partly = outcome.payment().unwrap().clone();
    assert_eq!(
        (partly.captured, partly.capturable),
        (money("30.00", "EUR"), money("70.00", "EUR"))
    );
    let now = seen(&setup, &payment).await;
    assert_eq!(
        (now.captured, now.capturable),
        (partly.captured, partly.capturable)
    );
    let cancel = CancelPayment::new(payment.id.clone(), key("x-1"));
    let cancelled = setup.paypal.cancel(cancel).await.unwrap();
    // The rest is released once, however often it is asked for.
    let again = CancelPayment::new(payment.id.clone(), key("x-1b"));
    assert_eq!(setup.paypal.cancel(again).await.unwrap(), cancelled);
    let now = seen(&setup, &payment).await;
    assert_eq!(
        (now.captured, now.capturable),
        (partly.captured, money("0.00", "EUR"))
    );
    let states = setup.sandbox.paypal().state().authorizations();
    assert!(
        states.iter().all(|one| one.status == "VOIDED"),
        "{states:?}"
    );

    let payment = setup.reserved("order-2", "10.00").await;
    setup.later(4 * DAY);
    let again = Reauthorize::new(payment.id.clone(), key("a-2"));
    setup.paypal.reauthorize(again).await.unwrap();
    let cancel = CancelPayment::new(payment.id.clone(), key("x-2"));
    let outcome = setup.paypal.cancel(cancel).await.unwrap();
    assert!(
        matches!(outcome, PaymentOutcome::Cancelled(_)),
        "{outcome:?}"
    );
    assert_eq!(
        seen(&setup, &payment).await.status,
        PaymentStatus::Cancelled
    );
    let again = Reauthorize::new(payment.id, key("a-3"));
    let error = setup.paypal.reauthorize(again).await.unwrap_err();
    assert_eq!(error.kind(), &Kind::Conflict);
}

#[tokio::test]
async fn f27_a_capture_after_the_honor_period_reauthorizes_if_it_is_asked_to() {
    let setup = setup().await;
    let capture = |payment: &Payment, name: &str| {
        let options = PayPalCaptureOptions::new().with_reauthorize(true);
        CapturePayment::new(payment.id.clone(), key(name)).with_extension(options)
    };
    let made = |of: &Setup| of.sandbox.paypal().state().authorizations().len();
    // Within the honor period there is nothing to renew.
    let fresh = setup.reserved("order-1", "10.00").await;
    setup.paypal.capture(capture(&fresh, "c-1")).await.unwrap();
    assert_eq!(made(&setup), 1);
    // Without the option the authorization is captured as it is.
    let plain = setup.reserved("order-2", "10.00").await;
    setup.later(4 * DAY);
    let request = CapturePayment::new(plain.id.clone(), key("c-2"));
    setup.paypal.capture(request).await.unwrap();
    assert_eq!(made(&setup), 2);
    // A lost response: the same key neither renews nor captures twice.
    let old = setup.reserved("order-3", "10.00").await;
    setup.later(4 * DAY);
    for path in ["*/reauthorize", "*/capture"] {
        let lost = Fault::new(FaultKind::ActThenCut).vendor(Vendor::PayPal);
        setup.sandbox.inject(lost.path(path).times(9));
        let error = setup
            .paypal
            .capture(capture(&old, "c-3"))
            .await
            .unwrap_err();
        assert!(error.is_unknown(), "{error}");
        setup.sandbox.clear_faults();
    }
    let outcome = setup.paypal.capture(capture(&old, "c-3")).await.unwrap();
    assert!(
        matches!(outcome, PaymentOutcome::Captured(_)),
        "{outcome:?}"
    );
    assert_eq!(made(&setup), 4);
    let captures = setup.sandbox.paypal().state().captures();
    let renewed = &setup.sandbox.paypal().state().authorizations()[3];
    assert!(renewed.reauthorizes.is_some());
    assert_eq!(captures.len(), 3);
    assert_eq!(
        captures[2].authorization_id.as_deref(),
        Some(renewed.id.as_str())
    );
}

#[tokio::test]
async fn f27_a_refused_reauthorization_leaves_the_capture_possible() {
    let setup = setup().await;
    let payment = setup.reserved("order-1", "10.00").await;
    // PayPal's clock says that the honor period is not over yet.
    setup.clock_only(4 * DAY);
    let options = PayPalCaptureOptions::new().with_reauthorize(true);
    let request = CapturePayment::new(payment.id, key("c-1")).with_extension(options);
    let outcome = setup.paypal.capture(request).await.unwrap();
    assert!(
        matches!(outcome, PaymentOutcome::Captured(_)),
        "{outcome:?}"
    );
    assert_eq!(setup.sandbox.paypal().state().authorizations().len(), 1);
}
