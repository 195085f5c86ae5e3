//! Injected faults: no payment is charged twice, and no lost response is mistaken for a failure.

use anyvendor_core::{
    Delivery, Kind,
    payment::{CaptureMode, CapturePayment, CreatePayment, PaymentOutcome, PaymentProvider},
};
use anyvendor_sandbox::{Fault, FaultKind, FaultPlan, Vendor};
use futures_util::future::join_all;

use crate::{
    setup::{captured, dollars, pay, start},
    support::{id, key, money},
};

#[tokio::test]
async fn a_response_lost_after_the_charge_is_recovered_by_the_same_key() {
    for fault in [
        FaultKind::ActThenCut,
        FaultKind::TruncateBody,
        FaultKind::KeyInUse,
        FaultKind::LockTimeout,
        FaultKind::RateLimited { retry_after: None },
        FaultKind::status(502),
        FaultKind::ServerErrorAfterActing {
            status: 500,
            should_retry: true,
        },
    ] {
        let (sandbox, provider) = start().await;
        sandbox.inject(
            Fault::new(fault.clone())
                .vendor(Vendor::Stripe)
                .method("POST"),
        );
        captured(&provider, pay("pm_card_visa")).await;
        assert_eq!(sandbox.stripe().state().charges().len(), 1, "{fault:?}");
        let sent = sandbox.requests();
        assert_eq!(sent.len(), 2, "{fault:?}");
        assert_eq!(sent[0].body, sent[1].body);
        let key = |n: usize| sent[n].header("idempotency-key").map(str::to_owned);
        assert_eq!(key(0), key(1));
    }
}

#[tokio::test]
async fn a_stored_server_error_is_unknown_and_not_repeated() {
    let (sandbox, provider) = start().await;
    sandbox.inject(Fault::new(FaultKind::StoredServerError { status: 500 }).method("POST"));
    let error = provider.create(pay("pm_card_visa")).await.unwrap_err();
    assert_eq!(error.kind(), &Kind::Unavailable);
    assert_eq!(error.delivery(), Delivery::Unknown);
    assert_eq!(error.idempotency_key(), Some(&key("pm_card_visa")));
    assert_eq!(sandbox.requests().len(), 1);
}

#[tokio::test]
async fn a_lost_capture_is_recovered_by_a_new_key_too() {
    let (sandbox, provider) = start().await;
    let request = pay("pm_card_visa").with_capture(CaptureMode::Manual);
    let payment = match provider.create(request).await.unwrap() {
        PaymentOutcome::Authorized(payment) => payment,
        other => panic!("{other:?}"),
    };
    let part = money("5", "USD");
    let capture = |name, amount| {
        let request = CapturePayment::new(payment.id.clone(), key(name)).with_amount(amount);
        provider.capture(request)
    };
    sandbox.inject(Fault::new(FaultKind::ActThenCut).method("POST").times(3));
    let lost = capture("c-1", part).await.unwrap_err();
    assert_eq!(lost.delivery(), Delivery::Unknown);
    // A process that lost its record asks under a new key: as much as it wants is captured already.
    match capture("c-2", part).await.unwrap() {
        PaymentOutcome::Captured(payment) => assert_eq!(payment.captured, part),
        other => panic!("{other:?}"),
    }
    let other = capture("c-3", money("6", "USD")).await.unwrap_err();
    assert_eq!(other.kind(), &Kind::Conflict);
}

#[tokio::test]
async fn with_random_faults_every_order_is_charged_once() {
    let (sandbox, provider) = start().await;
    sandbox.set_faults(FaultPlan::flaky());
    let orders = (0..60).map(|n| {
        let request = CreatePayment::new(dollars(), key(&format!("order-{n}")))
            .with_source(id("pm_card_visa"))
            .with_reference(format!("order-{n}"));
        let provider = &provider;
        async move {
            // As an application does: an unknown outcome is settled by sending the same request again.
            for _ in 0..10 {
                match provider.create(request.clone()).await {
                    Ok(PaymentOutcome::Captured(payment)) => return payment.reference,
                    Ok(other) => panic!("{other:?}"),
                    Err(_) => {}
                }
            }
            panic!("order {n} was never settled");
        }
    });
    let mut references: Vec<_> = join_all(orders).await.into_iter().flatten().collect();
    references.sort();
    references.dedup();
    assert_eq!(references.len(), 60);
    let charges = sandbox.stripe().state().charges();
    assert_eq!(charges.iter().filter(|charge| charge.captured).count(), 60);
    assert!(sandbox.requests().len() > 60, "no fault was injected");
}
