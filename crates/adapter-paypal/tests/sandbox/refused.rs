//! Rejected requests: by the adapter, before anything is sent, or by PayPal.

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
    setup::{key, money, on_page, setup},
};

#[tokio::test]
async fn unsupported_requests_are_rejected_before_anything_is_sent() {
    let setup = setup().await;
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
        let error = setup.paypal.create(request).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.field()),
            (kind, Some(field)),
            "{error}"
        );
        assert_eq!(error.delivery(), Delivery::NotSent);
    }
    let customer = CustomerRequest::new("c 1");
    let error = setup
        .paypal
        .get_or_create_customer(customer)
        .await
        .unwrap_err();
    assert_eq!(error.field(), Some("reference"));
    let pending = ListSources::new(id("reference/c-1"));
    let error = setup.paypal.list_sources(pending).await.unwrap_err();
    assert_eq!(error.field(), Some("customer"));
    let error = setup.paypal.list(ListPayments::new()).await.unwrap_err();
    assert_eq!(error.kind(), &Kind::Unsupported);
    assert!(setup.sandbox.requests().is_empty());
}

#[tokio::test]
async fn requested_mock_errors_are_returned_typed() {
    let setup = setup().await;
    let source = saved_wallet(&setup.paypal).await;
    let with = |issue: &str, name: &str| {
        let request =
            CreatePayment::new(money("10.00", "EUR"), key(name)).with_source(source.clone());
        request.with_extension(PayPalOptions::new().with_mock_issue(issue))
    };
    let outcome = setup
        .paypal
        .create(with("TRANSACTION_REFUSED", "m-1"))
        .await
        .unwrap();
    let PaymentOutcome::Declined(decline, None) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(decline.vendor_code.as_deref(), Some("TRANSACTION_REFUSED"));
    let error = setup
        .paypal
        .create(with("PAYEE_ACCOUNT_RESTRICTED", "m-2"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), &Kind::PermissionDenied);
    assert!(error.request_id().is_some(), "the debug id is kept");
    assert!(setup.sandbox.paypal().state().captures().is_empty());
}
