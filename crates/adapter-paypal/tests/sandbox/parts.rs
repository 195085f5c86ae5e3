//! Captures and refunds in parts: one key, one part; and what the same key says later.

use anyvendor_core::{
    Delivery, Kind,
    payment::{
        CapturePayment, CreatePayment, GetPayment, ListRefunds, PaymentOutcome, PaymentProvider,
        PaymentProviderExt, PaymentStatus, RefundPayment,
    },
    values::PageRequest,
};
use futures_util::TryStreamExt;
use std::num::NonZeroU32;

use crate::{
    harness::saved_wallet,
    setup::{key, money, setup},
};

#[tokio::test]
async fn f25_a_second_part_of_the_same_size_is_never_a_false_success() {
    let setup = setup().await;
    let payment = setup.reserved("order-1", "100.00").await;
    let part = |name: &str| {
        CapturePayment::new(payment.id.clone(), key(name)).with_amount(money("50.00", "EUR"))
    };
    // By default the first part releases the rest.
    let first = setup.paypal.capture(part("ship-1")).await.unwrap();
    assert_eq!(first.payment().unwrap().captured, money("50.00", "EUR"));
    let error = setup.paypal.capture(part("ship-2")).await.unwrap_err();
    assert_eq!(error.kind(), &Kind::Conflict);
    assert_ne!(
        error.delivery(),
        Delivery::NotSent,
        "it was asked for: {error}"
    );
    assert!(
        error.to_string().contains("50.00 EUR of 100.00 EUR"),
        "{error}"
    );
    // The key that captured still says so.
    let again = setup.paypal.capture(part("ship-1")).await.unwrap();
    assert_eq!(again.payment().unwrap().captured, money("50.00", "EUR"));
    assert_eq!(setup.sandbox.paypal().state().captures().len(), 1);

    // Two parts that are not final are both taken.
    let payment = setup.reserved("order-2", "100.00").await;
    for name in ["ship-3", "ship-4"] {
        let part = CapturePayment::new(payment.id.clone(), key(name))
            .with_amount(money("50.00", "EUR"))
            .with_final_capture(false);
        setup.paypal.capture(part).await.unwrap();
    }
    let seen = setup.paypal.payment(&payment.id).await.unwrap();
    assert_eq!(
        (seen.status, seen.captured),
        (PaymentStatus::Captured, money("100.00", "EUR"))
    );
}

#[tokio::test]
async fn f25_the_whole_amount_is_already_captured_under_any_key() {
    let setup = setup().await;
    let payment = setup.reserved("order-1", "100.00").await;
    let all = |name: &str| CapturePayment::new(payment.id.clone(), key(name));
    setup.paypal.capture(all("c-1")).await.unwrap();
    for request in [all("c-2"), all("c-3").with_amount(money("100.00", "EUR"))] {
        let outcome = setup.paypal.capture(request).await.unwrap();
        assert!(
            matches!(outcome, PaymentOutcome::Captured(_)),
            "{outcome:?}"
        );
    }
    let part = all("c-4").with_amount(money("40.00", "EUR"));
    let error = setup.paypal.capture(part).await.unwrap_err();
    assert_eq!(error.kind(), &Kind::Conflict);
    assert_eq!(setup.sandbox.paypal().state().captures().len(), 1);
}

#[tokio::test]
async fn f17_another_currency_is_rejected_before_money_moves() {
    let setup = setup().await;
    let reserved = setup.reserved("order-1", "20.00").await;
    let paid = setup.paid("order-2", "20.00").await;
    let capture_id = paid.transactions[0].id.clone();
    let writes = setup.writes().len();
    let yen = money("15", "JPY");
    let capture = CapturePayment::new(reserved.id.clone(), key("c-1")).with_amount(yen);
    let mut errors = vec![setup.paypal.capture(capture).await.unwrap_err()];
    for name in [paid.id.clone(), capture_id] {
        let refund = RefundPayment::new(name, key("r-1")).with_amount(yen);
        errors.push(setup.paypal.refund(refund).await.unwrap_err());
    }
    for error in errors {
        assert_eq!(
            (error.kind(), error.field(), error.delivery()),
            (&Kind::InvalidRequest, Some("amount"), Delivery::NotSent)
        );
        assert!(error.to_string().contains("EUR"), "{error}");
    }
    assert_eq!(setup.writes().len(), writes);
    assert!(setup.sandbox.paypal().state().refunds().is_empty());
}

#[tokio::test]
async fn f18_the_same_key_later_says_how_things_are_now() {
    let setup = setup().await;
    let source = saved_wallet(&setup.paypal).await;
    let create = |name: &str| {
        let request = CreatePayment::new(money("30.00", "EUR"), key(name));
        request.with_source(source.clone())
    };
    // Authorized, and captured since.
    let manual = create("order-1").with_capture(anyvendor_core::payment::CaptureMode::Manual);
    let outcome = setup.paypal.create(manual.clone()).await.unwrap();
    let PaymentOutcome::Authorized(payment) = outcome else {
        panic!("{outcome:?}");
    };
    let capture = CapturePayment::new(payment.id.clone(), key("order-1"));
    setup.paypal.capture(capture.clone()).await.unwrap();
    let now = setup.paypal.create(manual).await.unwrap();
    assert!(matches!(now, PaymentOutcome::Captured(_)), "{now:?}");
    // Captured, and refunded since: the same payment under one key for all steps of the order.
    let refund =
        RefundPayment::new(payment.id.clone(), key("order-1")).with_amount(money("10.00", "EUR"));
    let refunded = setup.paypal.refund(refund.clone()).await.unwrap();
    let seen = setup.paypal.payment(&payment.id).await.unwrap();
    let again = setup.paypal.capture(capture).await.unwrap();
    assert_eq!(again.payment(), Some(&seen));
    assert_eq!(seen.refunded, Some(money("10.00", "EUR")));
    assert_eq!(setup.paypal.refund(refund).await.unwrap(), refunded);
    assert_eq!(setup.sandbox.paypal().state().refunds().len(), 1);
}

#[tokio::test]
async fn f18_the_payers_approval_is_seen_by_the_same_key() {
    let setup = setup().await;
    let request = crate::setup::on_page("order-1");
    let (payment, page) = setup.waiting(request.clone()).await;
    crate::harness::payer().act(&page, true).await;
    let now = setup.paypal.create(request.clone()).await.unwrap();
    assert!(matches!(now, PaymentOutcome::Incomplete(..)), "{now:?}");
    setup.confirm(&payment, "order-1").await.unwrap();
    let now = setup.paypal.create(request).await.unwrap();
    assert!(matches!(now, PaymentOutcome::Captured(_)), "{now:?}");
}

#[tokio::test]
async fn f23_the_refunds_of_a_payment_are_listed() {
    let setup = setup().await;
    let payment = setup.paid("order-1", "50.00").await;
    let other = setup.paid("order-2", "50.00").await;
    let refund = |of: &anyvendor_core::payment::Payment, name: &str| {
        RefundPayment::new(of.id.clone(), key(name)).with_amount(money("10.00", "EUR"))
    };
    let mut made = Vec::new();
    for name in ["r-1", "r-2", "r-3"] {
        made.push(setup.paypal.refund(refund(&payment, name)).await.unwrap());
    }
    setup.paypal.refund(refund(&other, "r-4")).await.unwrap();
    let capture = payment.transactions[0].id.clone();
    for name in [payment.id.clone(), capture] {
        let request = ListRefunds::new(name)
            .with_page(PageRequest::first().with_limit(NonZeroU32::new(2).unwrap()));
        let first = setup.paypal.list_refunds(request.clone()).await.unwrap();
        assert_eq!((first.items.len(), first.next.is_some()), (2, true));
        let mut all: Vec<_> = setup.paypal.refunds(request).try_collect().await.unwrap();
        all.sort_by(|one, two| one.id.cmp(&two.id));
        let mut expected = made.clone();
        expected.sort_by(|one, two| one.id.cmp(&two.id));
        assert_eq!(all, expected);
    }
    let none = setup.reserved("order-3", "1.00").await;
    let none = setup
        .paypal
        .list_refunds(ListRefunds::new(none.id))
        .await
        .unwrap();
    assert!(none.items.is_empty() && none.next.is_none());
    let unknown = ListRefunds::new(crate::harness::id("5O190127TN364715T"));
    let error = setup.paypal.list_refunds(unknown).await.unwrap_err();
    assert_eq!(error.kind(), &Kind::NotFound);
}

#[tokio::test]
async fn n05_a_refund_leads_back_to_its_payment() {
    let setup = setup().await;
    let source = saved_wallet(&setup.paypal).await;
    let request = CreatePayment::new(money("30.00", "EUR"), key("order-1"))
        .with_reference("order-1")
        .with_source(source);
    let outcome = setup.paypal.create(request).await.unwrap();
    let payment = outcome.payment().unwrap().clone();
    let capture = payment.transactions[0].id.clone();
    assert!(payment.is_named_by(&payment.id) && payment.is_named_by(&capture));
    for (name, of) in [("r-1", payment.id.clone()), ("r-2", capture)] {
        let refund = RefundPayment::new(of, key(name)).with_amount(money("5.00", "EUR"));
        let refund = setup.paypal.refund(refund).await.unwrap();
        // By the payment's own id, in the response and in a later look-up.
        assert_eq!(refund.payment.as_ref(), Some(&payment.id));
        let later = anyvendor_core::payment::GetRefund::new(refund.id.clone());
        let later = setup.paypal.get_refund(later).await.unwrap();
        assert_eq!(later.payment.as_ref(), Some(&payment.id));
        let now = setup
            .paypal
            .get(GetPayment::new(payment.id.clone()))
            .await
            .unwrap();
        assert!(now.is_named_by(&refund.id));
    }
    // By the reference, which its events repeat.
    let refunds = setup.sandbox.paypal().state().refunds();
    assert!(
        refunds
            .iter()
            .all(|one| one.custom_id.as_deref() == Some("order-1"))
    );
}
