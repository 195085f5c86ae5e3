//! Finding payments by the application's own reference.

use std::time::Duration;

use anyvendor_core::{
    Kind,
    payment::{
        CaptureMode, CapturePayment, CreatePayment, FindPayments, Payment, PaymentProvider,
        RefundPayment,
    },
};
use anyvendor_sandbox::{Fault, FaultKind, Vendor};

use crate::{
    harness::saved_wallet,
    setup::{Setup, key, money, setup},
};

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn found(setup: &Setup, reference: &str) -> Vec<Payment> {
    let request = FindPayments::new(reference);
    setup.paypal.find_by_reference(request).await.unwrap()
}

#[tokio::test]
async fn f23_a_lost_payment_is_found_by_its_reference_hours_later() {
    let setup = setup().await;
    let source = saved_wallet(&setup.paypal).await;
    let request = |name: &str, reference: &str| {
        CreatePayment::new(money("10.00", "EUR"), key(name))
            .with_reference(reference)
            .with_source(source.clone())
    };
    let lost = Fault::new(FaultKind::ActThenCut).vendor(Vendor::PayPal);
    setup
        .sandbox
        .inject(lost.path("/v2/checkout/orders").times(9));
    let error = setup
        .paypal
        .create(request("k-1", "order-1"))
        .await
        .unwrap_err();
    assert!(error.is_unknown());
    setup.sandbox.clear_faults();
    setup
        .paypal
        .create(request("k-2", "order-2"))
        .await
        .unwrap();

    let find = setup.paypal.capabilities().find_by_reference.unwrap();
    assert!(found(&setup, "order-1").await.is_empty(), "the search lags");
    setup.later(find.lag);
    let payments = found(&setup, "order-1").await;
    // A search from the time of the order finds it too, although PayPal shows nothing of the last hours.
    let recent = FindPayments::new("order-1").with_created_from(setup.now() - find.lag - HOUR);
    assert_eq!(
        setup.paypal.find_by_reference(recent).await.unwrap(),
        payments
    );
    let later = FindPayments::new("order-1").with_created_from(setup.now() - HOUR);
    assert!(
        setup
            .paypal
            .find_by_reference(later)
            .await
            .unwrap()
            .is_empty()
    );
    let order = &setup.sandbox.paypal().state().orders()[0];
    assert_eq!(payments.len(), 1);
    assert_eq!(payments[0].id.id(), order.id);
    assert_eq!(payments[0].captured, money("10.00", "EUR"));
    assert!(found(&setup, "order").await.is_empty());
}

#[tokio::test]
async fn f23_all_payments_of_a_reference_are_found_once_each() {
    let setup = setup().await;
    let source = saved_wallet(&setup.paypal).await;
    let request = |name: &str| {
        CreatePayment::new(money("10.00", "EUR"), key(name))
            .with_reference("order-1")
            .with_source(source.clone())
    };
    // Reserved alone; reserved, captured and refunded; captured at once.
    let held = request("k-1").with_capture(CaptureMode::Manual);
    let held = setup.paypal.create(held).await.unwrap();
    let taken = request("k-2").with_capture(CaptureMode::Manual);
    let taken = setup.paypal.create(taken).await.unwrap();
    let taken = taken.payment().unwrap().id.clone();
    let capture = CapturePayment::new(taken.clone(), key("c-2"));
    setup.paypal.capture(capture).await.unwrap();
    let refund = RefundPayment::new(taken.clone(), key("r-2"));
    setup.paypal.refund(refund).await.unwrap();
    let direct = setup.paypal.create(request("k-3")).await.unwrap();
    setup.later(4 * HOUR);
    let mut ids: Vec<_> = found(&setup, "order-1")
        .await
        .into_iter()
        .map(|one| one.id)
        .collect();
    let mut expected = vec![
        held.payment().unwrap().id.clone(),
        taken,
        direct.payment().unwrap().id.clone(),
    ];
    ids.sort();
    expected.sort();
    assert_eq!(ids, expected);

    // Older ones need the time from which to search: PayPal lists 31 days a call.
    let begun = setup.now() - 5 * HOUR;
    setup.later(40 * DAY);
    assert!(found(&setup, "order-1").await.is_empty());
    let request = FindPayments::new("order-1").with_created_from(begun);
    let all = setup
        .paypal
        .find_by_reference(request.clone())
        .await
        .unwrap();
    assert_eq!(all.len(), 3);
    let none = request.with_created_before(begun + HOUR / 2);
    assert!(
        setup
            .paypal
            .find_by_reference(none)
            .await
            .unwrap()
            .is_empty()
    );
    let ancient = FindPayments::new("order-1").with_created_from(begun - 1200 * DAY);
    let error = setup.paypal.find_by_reference(ancient).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.field()),
        (&Kind::InvalidRequest, Some("created_from"))
    );
}
