//! What money depends on, over the sandbox, whose own books count.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod harness;

use std::sync::Arc;

use anyvendor_adapter_paypal::{PayPal, PayPalOptions};
use anyvendor_core::{
    Delivery, Error, Kind,
    payment::{
        CancelPayment, CaptureMode, CapturePayment, ConfirmPayment, CreatePayment, CustomerRequest,
        GetPayment, ListPayments, ListSources, NextAction, PayerPresence, Payment, PaymentOutcome,
        PaymentProvider, PaymentStatus, RefundPayment, TransactionKind,
    },
    values::{Currency, IdempotencyKey, Metadata, Money, VendorId},
};
use anyvendor_sandbox::{Fault, FaultKind, Sandbox, Vendor};
use futures_util::future::join_all;
use harness::{config, id, payer, saved_wallet};

fn money(decimal: &str, code: &str) -> Money {
    Money::parse_decimal(decimal, Currency::from_code(code).unwrap()).unwrap()
}

fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::new(text).unwrap()
}

/// A payment that the payer approves on the page.
fn on_page(name: &str) -> CreatePayment {
    CreatePayment::new(money("25.00", "EUR"), key(name))
        .with_reference(Some(format!("ref-{name}")))
        .with_return_url(Some("https://shop.example/back?order=1".parse().unwrap()))
        .with_cancel_url(Some("https://shop.example/gave-up".parse().unwrap()))
}

struct Place {
    sandbox: Sandbox,
    paypal: Arc<PayPal>,
}

async fn place() -> Place {
    let sandbox = Sandbox::start().await.unwrap();
    let paypal = Arc::new(PayPal::new(config(&sandbox)).unwrap());
    Place { sandbox, paypal }
}

impl Place {
    async fn waiting(&self, request: CreatePayment) -> (Payment, url::Url) {
        match self.paypal.create(request).await.unwrap() {
            PaymentOutcome::RequiresAction(payment, NextAction::Redirect(page)) => {
                (payment, page.expose_url().clone())
            }
            other => panic!("{other:?}"),
        }
    }

    /// Opens the payer's page with another answer than yes or no.
    async fn visit(&self, page: &url::Url, outcome: &str) {
        let mut page = page.clone();
        page.query_pairs_mut().append_pair("outcome", outcome);
        let transport = anyvendor_core::http::HttpTransport::new(
            anyvendor_core::transport::TransportConfig::of(std::time::Duration::from_secs(3), true),
        );
        let nothing = anyvendor_core::transport::OutgoingBody::from(bytes::Bytes::new());
        let request = anyvendor_core::transport::Outgoing::new(
            http::Method::GET,
            page,
            http::HeaderMap::new(),
            nothing,
        );
        use anyvendor_core::transport::Transport;
        transport.unwrap().send(request).await.unwrap();
    }

    async fn confirm(&self, payment: &Payment, name: &str) -> Result<PaymentOutcome, Error> {
        let request = ConfirmPayment::new(payment.id.clone(), key(name));
        self.paypal.confirm(request).await
    }

    async fn reserved(&self, name: &str, amount: &str) -> Payment {
        let source = saved_wallet(&self.paypal).await;
        let request = CreatePayment::new(money(amount, "EUR"), key(name))
            .with_capture(CaptureMode::Manual)
            .with_source(source);
        match self.paypal.create(request).await.unwrap() {
            PaymentOutcome::Authorized(payment) => payment,
            other => panic!("{other:?}"),
        }
    }

    async fn paid(&self, name: &str, amount: &str) -> Payment {
        let source = saved_wallet(&self.paypal).await;
        let request = CreatePayment::new(money(amount, "EUR"), key(name)).with_source(source);
        match self.paypal.create(request).await.unwrap() {
            PaymentOutcome::Captured(payment) => payment,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_payer_approves_and_the_books_show_one_capture() {
    let place = place().await;
    let (payment, page) = place.waiting(on_page("order-1")).await;
    assert!(place.sandbox.paypal().captures().is_empty());
    payer().act(&page, true).await;
    let PaymentOutcome::Captured(paid) = place.confirm(&payment, "confirm-1").await.unwrap() else {
        panic!("not captured");
    };
    let captures = place.sandbox.paypal().captures();
    assert_eq!(captures.len(), 1);
    assert_eq!(
        (captures[0].amount, captures[0].currency.as_str()),
        (2500, "EUR")
    );
    assert_eq!(captures[0].invoice_id.as_deref(), Some("ref-order-1"));
    assert_eq!(paid.reference.as_deref(), Some("ref-order-1"));
    let capture = &paid.transactions[0];
    assert_eq!(capture.kind, TransactionKind::Capture);
    assert_eq!(
        capture.id.to_string(),
        format!("paypal:capture/{}", captures[0].id)
    );
    // An old record that kept the capture alone still leads to the payment, and to its refund.
    let seen = place
        .paypal
        .get(GetPayment::new(capture.id.clone()))
        .await
        .unwrap();
    assert_eq!(seen.id, paid.id);
    let request = RefundPayment::new(capture.id.clone(), key("refund-1"));
    let refund = place.paypal.refund(request).await.unwrap();
    assert_eq!(refund.amount, money("25.00", "EUR"));
}

#[tokio::test]
async fn a_funding_that_fails_sends_the_payer_back_and_the_order_lives_on() {
    let place = place().await;
    let (payment, page) = place.waiting(on_page("order-1")).await;
    payer().act(&page, false).await;
    let outcome = place.confirm(&payment, "confirm-1").await.unwrap();
    let PaymentOutcome::RequiresAction(again, NextAction::Redirect(page)) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(again.id, payment.id);
    assert!(place.sandbox.paypal().captures().is_empty());
    payer().act(page.expose_url(), true).await;
    let outcome = place.confirm(&payment, "confirm-2").await.unwrap();
    assert!(
        matches!(outcome, PaymentOutcome::Captured(_)),
        "{outcome:?}"
    );
    assert_eq!(place.sandbox.paypal().captures().len(), 1);
}

#[tokio::test]
async fn an_approval_that_ran_out_takes_nothing() {
    let place = place().await;
    let (payment, page) = place.waiting(on_page("order-1")).await;
    payer().act(&page, true).await;
    assert!(place.sandbox.paypal().expire(payment.id.id()));
    let outcome = place.confirm(&payment, "confirm-1").await.unwrap();
    let PaymentOutcome::Cancelled(payment) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(payment.status, PaymentStatus::Expired);
    assert!(place.sandbox.paypal().captures().is_empty());
}

#[tokio::test]
async fn a_pending_capture_is_processing_until_it_is_done() {
    let place = place().await;
    let (payment, page) = place.waiting(on_page("order-1")).await;
    place.visit(&page, "pending").await;
    let outcome = place.confirm(&payment, "confirm-1").await.unwrap();
    let PaymentOutcome::Processing(pending) = &outcome else {
        panic!("{outcome:?}");
    };
    assert!(pending.captured.is_zero());
    let capture = pending.transactions[0].id.clone();
    // Reading the capture lets the sandbox's bank finish.
    let now = place.paypal.get(GetPayment::new(capture)).await.unwrap();
    assert_eq!(now.status, PaymentStatus::Captured);
}

#[tokio::test]
async fn an_answer_lost_after_paying_is_found_again_by_the_same_key() {
    let place = place().await;
    let source = saved_wallet(&place.paypal).await;
    for (name, kind) in [
        ("order-cut", FaultKind::ActThenCut),
        ("order-short", FaultKind::TruncateBody),
    ] {
        let fault = Fault::new(kind)
            .vendor(Vendor::PayPal)
            .path("/v2/checkout/orders")
            .times(9);
        place.sandbox.inject(fault);
        let request =
            CreatePayment::new(money("10.00", "EUR"), key(name)).with_source(source.clone());
        let before = place.sandbox.paypal().captures().len();
        let error = place.paypal.create(request.clone()).await.unwrap_err();
        assert_eq!(error.delivery(), Delivery::Unknown, "{error}");
        assert!(error.idempotency_key().is_some());
        place.sandbox.clear_faults();
        let outcome = place.paypal.create(request).await.unwrap();
        assert!(
            matches!(outcome, PaymentOutcome::Captured(_)),
            "{outcome:?}"
        );
        assert_eq!(place.sandbox.paypal().captures().len(), before + 1);
    }
}

#[tokio::test]
async fn a_thousand_payments_at_once_cost_one_token() {
    let place = place().await;
    let source = saved_wallet(&place.paypal).await;
    let other = PayPal::new(config(&place.sandbox)).unwrap();
    let before = place.sandbox.paypal().token_requests();
    let calls = (0..1000).map(|n| {
        let request = CreatePayment::new(money("1.00", "USD"), key(&format!("order-{n}")));
        other.create(request.with_source(source.clone()))
    });
    for outcome in join_all(calls).await {
        assert!(matches!(outcome.unwrap(), PaymentOutcome::Captured(_)));
    }
    assert_eq!(place.sandbox.paypal().token_requests() - before, 1);
    assert_eq!(place.sandbox.paypal().captures().len(), 1000);
    // A token that the vendor no longer takes is renewed once for all.
    place.sandbox.paypal().revoke_token();
    let calls = (0..50).map(|n| {
        let request = CreatePayment::new(money("1.00", "USD"), key(&format!("late-{n}")));
        other.create(request.with_source(source.clone()))
    });
    for outcome in join_all(calls).await {
        outcome.unwrap();
    }
    assert_eq!(place.sandbox.paypal().token_requests() - before, 2);
}

#[tokio::test]
async fn parts_are_captured_until_nothing_is_left_and_refunded_by_name() {
    let place = place().await;
    let payment = place.reserved("order-1", "100.00").await;
    let part = |name: &str, amount: &str, last: bool| {
        CapturePayment::new(payment.id.clone(), key(name))
            .with_amount(Some(money(amount, "EUR")))
            .with_final_capture(last)
    };
    let outcome = place
        .paypal
        .capture(part("c-1", "30.00", false))
        .await
        .unwrap();
    let after = outcome.payment().unwrap().clone();
    assert_eq!(
        (after.captured, after.capturable),
        (money("30.00", "EUR"), money("70.00", "EUR"))
    );
    let seen = place
        .paypal
        .get(GetPayment::new(payment.id.clone()))
        .await
        .unwrap();
    assert_eq!(seen, after, "what we book is what PayPal books");
    let wrong =
        CapturePayment::new(payment.id.clone(), key("c-x")).with_amount(Some(money("1.00", "USD")));
    let error = place.paypal.capture(wrong).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.field()),
        (&Kind::InvalidRequest, Some("amount"))
    );
    let outcome = place
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
        place
            .paypal
            .get(GetPayment::new(payment.id.clone()))
            .await
            .unwrap(),
        after
    );

    // Of two captures the caller must choose.
    let error = place
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
        place.paypal.refund(request).await.unwrap().amount,
        second.amount
    );
    assert_eq!(place.sandbox.paypal().refunds().len(), 1);
}

#[tokio::test]
async fn a_refund_is_made_once_per_key_and_never_above_the_rest() {
    let place = place().await;
    let payment = place.paid("order-1", "50.00").await;
    let refund = |name: &str, amount: &str| {
        let amount = Some(money(amount, "EUR"));
        place
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
    let refunds = place.sandbox.paypal().refunds();
    assert_eq!(
        refunds.iter().map(|refund| refund.amount).sum::<i64>(),
        5000
    );
    assert_eq!(refunds.len(), 2);
    let seen = place
        .paypal
        .get(GetPayment::new(payment.id.clone()))
        .await
        .unwrap();
    assert_eq!(seen.refunded, Some(money("50.00", "EUR")));
}

#[tokio::test]
async fn a_reservation_that_ran_out_or_was_given_up_takes_nothing() {
    let place = place().await;
    let payment = place.reserved("order-1", "10.00").await;
    let authorization = payment.transactions[0].id.clone();
    let authorization = authorization
        .id()
        .trim_start_matches("authorization/")
        .to_owned();
    assert!(place.sandbox.paypal().expire(&authorization));
    let capture = CapturePayment::new(payment.id.clone(), key("c-1"));
    let outcome = place.paypal.capture(capture).await.unwrap();
    let PaymentOutcome::Cancelled(gone) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(gone.status, PaymentStatus::Expired);

    let payment = place.reserved("order-2", "10.00").await;
    let cancel = CancelPayment::new(payment.id.clone(), key("x-1"));
    place.sandbox.inject(
        Fault::new(FaultKind::ActThenCut)
            .vendor(Vendor::PayPal)
            .path("*/void"),
    );
    let outcome = place.paypal.cancel(cancel).await.unwrap();
    assert!(
        matches!(outcome, PaymentOutcome::Cancelled(_)),
        "{outcome:?}"
    );
    let capture = CapturePayment::new(payment.id, key("c-2"));
    assert_eq!(
        place.paypal.capture(capture).await.unwrap_err().kind(),
        &Kind::Conflict
    );
    assert!(place.sandbox.paypal().captures().is_empty());

    // Nobody has paid: there is nothing to void, and PayPal has no way to close an order.
    let (payment, _) = place.waiting(on_page("order-3")).await;
    let cancel = CancelPayment::new(payment.id, key("x-3"));
    assert_eq!(
        place.paypal.cancel(cancel).await.unwrap_err().kind(),
        &Kind::Unsupported
    );
}

#[tokio::test]
async fn one_reference_is_paid_once_whatever_the_key() {
    let place = place().await;
    let source = saved_wallet(&place.paypal).await;
    let request = |name: &str| {
        CreatePayment::new(money("10.00", "EUR"), key(name))
            .with_reference(Some("invoice-7".to_owned()))
            .with_source(source.clone())
    };
    place.paypal.create(request("k-1")).await.unwrap();
    let error = place.paypal.create(request("k-2")).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.vendor_code()),
        (&Kind::Conflict, Some("DUPLICATE_INVOICE_ID"))
    );
    assert!(error.to_string().contains("look it up"), "{error}");
    assert_eq!(place.sandbox.paypal().captures().len(), 1);
}

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
    let error = place
        .paypal
        .list(ListPayments::default())
        .await
        .unwrap_err();
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
    assert!(place.sandbox.paypal().captures().is_empty());
}

#[tokio::test]
async fn every_write_has_a_request_id_of_its_step_and_asks_for_the_whole() {
    let place = place().await;
    let (payment, page) = place.waiting(on_page("order-1")).await;
    payer().act(&page, true).await;
    place.confirm(&payment, "confirm-1").await.unwrap();
    place
        .paypal
        .refund(RefundPayment::new(payment.id, key("refund-1")))
        .await
        .unwrap();
    let writes = place
        .sandbox
        .requests()
        .into_iter()
        .filter(|request| request.method == "POST" && !request.path.starts_with("/v1/oauth2"));
    let ids: Vec<_> = writes
        .inspect(|request| assert_eq!(request.header("prefer"), Some("return=representation")))
        .map(|request| request.header("paypal-request-id").unwrap().to_owned())
        .collect();
    assert_eq!(
        ids,
        ["order-1-create", "confirm-1-confirm", "refund-1-refund"]
    );
    let body: serde_json::Value =
        serde_json::from_slice(&place.sandbox.requests()[1].body).unwrap();
    let expected = serde_json::json!({
        "intent": "CAPTURE",
        "purchase_units": [{
            "amount": {"currency_code": "EUR", "value": "25.00"},
            "custom_id": "ref-order-1", "invoice_id": "ref-order-1",
        }],
        "payment_source": {"paypal": {"experience_context": {
            "return_url": "https://shop.example/back?order=1", "cancel_url": "https://shop.example/gave-up",
            "shipping_preference": "NO_SHIPPING", "user_action": "PAY_NOW",
        }}},
    });
    assert_eq!(body, expected);
}
