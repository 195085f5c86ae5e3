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
        // A replay is followed by a look-up.
        let mut sent = sandbox.requests();
        sent.retain(|request| request.method == "POST");
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
async fn f25_a_lost_capture_is_recovered_by_its_key_and_a_second_equal_part_is_not_done() {
    let (sandbox, provider) = start().await;
    let authorized = |name: &str| {
        let request = pay("pm_card_visa").with_capture(CaptureMode::Manual);
        let mut request = request;
        request.idempotency_key = key(name);
        let provider = &provider;
        async move {
            match provider.create(request).await.unwrap() {
                PaymentOutcome::Authorized(payment) => payment,
                other => panic!("{other:?}"),
            }
        }
    };
    let payment = authorized("order-1").await;
    let part = money("10", "USD");
    let capture = |name, amount| {
        let request = CapturePayment::new(payment.id.clone(), key(name)).with_amount(amount);
        provider.capture(request)
    };
    sandbox.inject(Fault::new(FaultKind::ActThenCut).method("POST").times(3));
    let lost = capture("c-1", part).await.unwrap_err();
    assert_eq!(lost.delivery(), Delivery::Unknown);
    match capture("c-1", part).await.unwrap() {
        PaymentOutcome::Captured(payment) => assert_eq!(payment.captured, part),
        other => panic!("{other:?}"),
    }
    // Two shipments of half the amount: the first released the rest, so the second was never taken.
    let second = capture("c-2", part).await.unwrap_err();
    assert_eq!(second.kind(), &Kind::Conflict);
    assert_ne!(second.delivery(), Delivery::NotSent);
    assert!(second.message().contains("10.00 USD"), "{second}");
    // A process that lost its key and wants the whole amount has it.
    let whole = authorized("order-2").await;
    for name in ["w-1", "w-2"] {
        let request = CapturePayment::new(whole.id.clone(), key(name));
        match provider.capture(request).await.unwrap() {
            PaymentOutcome::Captured(payment) => assert_eq!(payment.captured, payment.amount),
            other => panic!("{other:?}"),
        }
    }
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
