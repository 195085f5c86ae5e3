//! What is refused: here, before anything is sent, or by PayPal.

use anyvendor_adapter_paypal::PayPalOptions;
use anyvendor_core::{
    Delivery, Kind,
    payment::{
        CreatePayment, CustomerRequest, ListPayments, ListSources, PayerPresence, PaymentOutcome,
        PaymentProvider,
    },
    values::{Metadata, VendorId},
};

use crate::{
    harness::{id, saved_wallet},
    place::{key, money, on_page, place},
};

#[tokio::test]
async fn what_paypal_cannot_take_is_refused_before_anything_is_sent() {
    let place = place().await;
    let good = || on_page("order-1");
    let with = |change: fn(&mut CreatePayment)| {
        let mut request = good();
        change(&mut request);
        request
    };
    let (invalid, unsupported) = (Kind::InvalidRequest, Kind::Unsupported);
    for (request, kind, field) in [
        (
            with(|r| r.amount = money("1.250", "KWD")),
            &unsupported,
            "amount",
        ),
        (
            with(|r| r.amount = money("12.50", "HUF")),
            &invalid,
            "amount",
        ),
        (with(|r| r.amount = money("0", "EUR")), &invalid, "amount"),
        (with(|r| r.return_url = None), &invalid, "return_url"),
        (
            with(|r| r.reference = Some("r".repeat(128))),
            &invalid,
            "reference",
        ),
        (
            with(|r| r.presence = PayerPresence::OffSession),
            &invalid,
            "presence",
        ),
        (
            with(|r| r.metadata = Metadata::new().with("a", "b").unwrap()),
            &unsupported,
            "metadata",
        ),
        (good().with_source(id("8kk8451t")), &invalid, "source"),
        (
            good().with_source(VendorId::new("acme", "card").unwrap()),
            &invalid,
            "source",
        ),
        (good().with_extension(7_u32), &unsupported, "extensions"),
        (
            good().with_extension(PayPalOptions::new().with_client_metadata_id("m".repeat(37))),
            &invalid,
            "client_metadata_id",
        ),
    ] {
        let error = place.paypal.create(request).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.field()),
            (kind, Some(field)),
            "{error}"
        );
        assert_eq!(error.delivery(), Delivery::NotSent);
    }
    let customer = CustomerRequest::new("c 1");
    let error = place
        .paypal
        .get_or_create_customer(customer)
        .await
        .unwrap_err();
    assert_eq!(error.field(), Some("reference"));
    let pending = ListSources::new(id("reference/c-1"));
    let error = place.paypal.list_sources(pending).await.unwrap_err();
    assert_eq!(error.field(), Some("customer"));
    let error = place.paypal.list(ListPayments::new()).await.unwrap_err();
    assert_eq!(error.kind(), &Kind::Unsupported);
    assert!(place.sandbox.requests().is_empty());
}

#[tokio::test]
async fn asked_for_errors_come_back_typed() {
    let place = place().await;
    let source = saved_wallet(&place.paypal).await;
    let with = |issue: &str, name: &str| {
        let request =
            CreatePayment::new(money("10.00", "EUR"), key(name)).with_source(source.clone());
        request.with_extension(PayPalOptions::new().with_mock_issue(issue))
    };
    let outcome = place
        .paypal
        .create(with("TRANSACTION_REFUSED", "m-1"))
        .await
        .unwrap();
    let PaymentOutcome::Declined(decline, None) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(decline.vendor_code.as_deref(), Some("TRANSACTION_REFUSED"));
    let error = place
        .paypal
        .create(with("PAYEE_ACCOUNT_RESTRICTED", "m-2"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), &Kind::PermissionDenied);
    assert!(error.request_id().is_some(), "the debug id is kept");
    assert!(place.sandbox.paypal().state().captures().is_empty());
}
