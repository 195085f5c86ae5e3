//! Money in the right currency, and how things stand when a key is used again.

use anyvendor_core::{
    Delivery, Kind,
    payment::{
        CaptureMode, CapturePayment, ConfirmPayment, CustomerRequest, GetRefund, NextAction,
        PaymentOutcome, PaymentProvider, RefundPayment, RefundStatus, SaveSource,
        SaveSourceOutcome,
    },
};
use anyvendor_sandbox::{Fault, FaultKind};

use crate::{
    setup::{captured, dollars, open, pay, start},
    support::{id, key, money},
};

fn back() -> url::Url {
    "https://shop.example/back".parse().unwrap()
}

#[tokio::test]
async fn f17_another_currency_moves_no_money() {
    let (sandbox, provider) = start().await;
    let paid = captured(&provider, pay("pm_card_visa")).await;
    let manual = pay("pm_card_mastercard").with_capture(CaptureMode::Manual);
    let PaymentOutcome::Authorized(held) = provider.create(manual).await.unwrap() else {
        panic!("not authorized")
    };
    for amount in [money("1500", "JPY"), money("15", "EUR"), money("5", "KWD")] {
        let capture = CapturePayment::new(held.id.clone(), key("k")).with_amount(amount);
        let refund = RefundPayment::new(paid.id.clone(), key("k")).with_amount(amount);
        for error in [
            provider.capture(capture).await.unwrap_err(),
            provider.refund(refund).await.unwrap_err(),
        ] {
            assert_eq!(error.kind(), &Kind::InvalidRequest, "{error}");
            assert_eq!(error.field(), Some("amount"));
            assert_eq!(error.delivery(), Delivery::NotSent);
        }
    }
    let state = sandbox.stripe().state();
    assert!(state.refunds().is_empty());
    let held: Vec<_> = state
        .charges()
        .into_iter()
        .filter(|charge| !charge.captured)
        .collect();
    assert_eq!((held.len(), held[0].amount_released), (1, 0));
    let posts = sandbox
        .requests()
        .into_iter()
        .filter(|request| request.method == "POST");
    assert_eq!(posts.count(), 2, "only the two payments");
}

/// F6: a look-up before the write is a part of the write, which was then not sent.
#[tokio::test]
async fn f17_a_failed_look_up_is_a_write_that_was_not_sent() {
    let (sandbox, provider) = start().await;
    let paid = captured(&provider, pay("pm_card_visa")).await;
    sandbox.inject(Fault::new(FaultKind::status(503)).method("GET").times(9));
    let refund = RefundPayment::new(paid.id, key("r")).with_amount(money("5", "USD"));
    let error = provider.refund(refund).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent, "{error}");
    assert_eq!(error.operation(), Some("payment.refund"));
    assert!(sandbox.stripe().state().refunds().is_empty());
}

#[tokio::test]
async fn f18_the_same_key_tells_how_a_payment_stands_now() {
    let (sandbox, provider) = start().await;
    let request = pay("pm_card_threeDSecure2Required").with_return_url(back());
    let first = provider.create(request.clone()).await.unwrap();
    let PaymentOutcome::RequiresAction(payment, NextAction::Redirect(page)) = first else {
        panic!("{first:?}")
    };
    open(page.expose()).await;
    match provider.create(request).await.unwrap() {
        PaymentOutcome::Captured(now) => assert_eq!(now.id, payment.id),
        other => panic!("{other:?}"),
    }
    // A decline that was overcome with another card.
    let request = pay("pm_card_visa_chargeDeclined");
    let first = provider.create(request.clone()).await.unwrap();
    let PaymentOutcome::Declined(_, Some(payment)) = first else {
        panic!("{first:?}")
    };
    let confirm = ConfirmPayment::new(payment.id, key("second-card"))
        .with_source(id("pm_card_visa"))
        .with_return_url(back());
    let outcome = provider.confirm(confirm).await.unwrap();
    assert!(
        matches!(outcome, PaymentOutcome::Captured(_)),
        "{outcome:?}"
    );
    let again = provider.create(request).await.unwrap();
    assert!(matches!(again, PaymentOutcome::Captured(_)), "{again:?}");
    assert_eq!(sandbox.stripe().state().payment_intents().len(), 2);
}

#[tokio::test]
async fn f18_the_same_key_tells_how_a_capture_and_a_refund_stand_now() {
    let (_sandbox, provider) = start().await;
    let manual = pay("pm_card_refundFail").with_capture(CaptureMode::Manual);
    let PaymentOutcome::Authorized(held) = provider.create(manual).await.unwrap() else {
        panic!("not authorized")
    };
    let capture = CapturePayment::new(held.id.clone(), key("order"));
    provider.capture(capture.clone()).await.unwrap();
    let request = RefundPayment::new(held.id, key("order")).with_amount(money("5", "USD"));
    let refund = provider.refund(request.clone()).await.unwrap();
    assert_eq!(refund.status, RefundStatus::Succeeded);
    let now = provider
        .get_refund(GetRefund::new(refund.id))
        .await
        .unwrap();
    assert!(matches!(now.status, RefundStatus::Failed(_)), "{now:?}");
    assert_eq!(provider.refund(request).await.unwrap(), now);
    let request = RefundPayment::new(now.payment.unwrap(), key("second"));
    provider.refund(request).await.unwrap();
    match provider.capture(capture).await.unwrap() {
        PaymentOutcome::Captured(payment) => assert_eq!(payment.refunded, Some(dollars())),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn f18_the_same_key_tells_how_a_source_stands_now() {
    let (_sandbox, provider) = start().await;
    let customer = CustomerRequest::new("user-1");
    let customer = provider.get_or_create_customer(customer).await.unwrap().id;
    let request = SaveSource::new(customer, key("save"))
        .with_source(id("pm_card_authenticationRequired"))
        .with_return_url(back());
    let first = provider.save_source(request.clone()).await.unwrap();
    let SaveSourceOutcome::RequiresAction(_, NextAction::Redirect(page)) = first else {
        panic!("{first:?}")
    };
    open(page.expose()).await;
    let again = provider.save_source(request).await.unwrap();
    assert!(matches!(again, SaveSourceOutcome::Saved(_)), "{again:?}");
}

#[tokio::test]
async fn f27_a_payer_who_has_to_act_may_choose_another_source() {
    let (sandbox, provider) = start().await;
    let request = pay("pm_card_authenticationRequired").with_return_url(back());
    let outcome = provider.create(request).await.unwrap();
    let PaymentOutcome::RequiresAction(payment, _) = outcome else {
        panic!("{outcome:?}")
    };
    let confirm = ConfirmPayment::new(payment.id.clone(), key("other-card"))
        .with_source(id("pm_card_visa"))
        .with_return_url(back());
    match provider.confirm(confirm).await.unwrap() {
        PaymentOutcome::Captured(paid) => assert_eq!(paid.id, payment.id),
        other => panic!("{other:?}"),
    }
    assert_eq!(sandbox.stripe().state().charges().len(), 1);
}
