//! Completion in the browser: client secrets, and Stripe's page for paying and for saving a card.

use anyvendor_adapter_stripe::{Stripe, StripeOptions};
use anyvendor_core::{
    Delivery, Kind,
    payment::{
        CancelPayment, CancelReason, CaptureMode, CapturePayment, ConfirmPayment, CreatePayment,
        CustomerRequest, FutureUse, GetPayment, ListRefunds, ListSources, NextAction, Payment,
        PaymentOutcome, PaymentProvider, PaymentSource, PaymentStatus, RefundPayment, SaveSource,
        SaveSourceOutcome,
    },
    values::{Currency, VendorId},
};

use crate::{
    setup::{dollars, open, start, visit},
    support::{id, key},
};

fn back() -> url::Url {
    "https://shop.example/back?session={CHECKOUT_SESSION_ID}"
        .parse()
        .unwrap()
}

fn on_page(name: &str) -> CreatePayment {
    CreatePayment::new(dollars(), key(name))
        .with_source(PaymentSource::VendorPage)
        .with_reference(name)
        .with_return_url(back())
}

async fn page(provider: &Stripe, request: CreatePayment) -> (Payment, String) {
    match provider.create(request).await.unwrap() {
        PaymentOutcome::RequiresAction(payment, NextAction::HostedPage(page)) => {
            (payment, page.expose().to_owned())
        }
        other => panic!("{other:?}"),
    }
}

async fn status(provider: &Stripe, payment: &Payment) -> PaymentStatus {
    let get = GetPayment::new(payment.id.clone());
    provider.get(get).await.unwrap().status
}

async fn customer(provider: &Stripe) -> VendorId {
    let request = CustomerRequest::new("user-1");
    provider.get_or_create_customer(request).await.unwrap().id
}

#[tokio::test]
async fn f20_a_payment_without_a_source_gives_the_browser_its_secret() {
    let (_sandbox, provider) = start().await;
    let request = CreatePayment::new(dollars(), key("order-1"));
    let outcome = provider.create(request).await.unwrap();
    let PaymentOutcome::Incomplete(payment, NextAction::ClientSecret(secret)) = outcome else {
        panic!("{outcome:?}")
    };
    assert!(
        secret
            .0
            .expose()
            .starts_with(&format!("{}_secret_", payment.id.id()))
    );
    // Also later, for a page that is loaded again.
    let again = provider.get(GetPayment::new(payment.id)).await.unwrap();
    assert_eq!(again.client_secret.as_ref(), Some(&secret));
    assert!(!format!("{again:?}").contains(secret.0.expose()));
}

#[tokio::test]
async fn f20_a_setup_without_a_source_gives_the_browser_its_secret() {
    let (_sandbox, provider) = start().await;
    let request = SaveSource::new(customer(&provider).await, key("save-1"));
    let outcome = provider.save_source(request.clone()).await.unwrap();
    let SaveSourceOutcome::Incomplete(setup, NextAction::ClientSecret(secret)) = outcome else {
        panic!("{outcome:?}")
    };
    assert!(secret.0.expose().starts_with(setup.id()));
    let again = request.with_source(setup);
    let outcome = provider.save_source(again).await.unwrap();
    assert!(
        matches!(outcome, SaveSourceOutcome::Incomplete(..)),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn f20_the_payer_pays_on_the_page_and_every_call_takes_its_id() {
    let (sandbox, provider) = start().await;
    let (payment, page) = page(&provider, on_page("order-1")).await;
    assert!(payment.id.id().starts_with("cs_test_"), "{}", payment.id);
    assert_eq!(payment.amount, dollars());
    assert_eq!(payment.reference.as_deref(), Some("order-1"));
    let early = RefundPayment::new(payment.id.clone(), key("r-0"));
    let error = provider.refund(early).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.delivery()),
        (&Kind::Conflict, Delivery::NotSent)
    );
    // The first card is declined on the page, where the payer tries another.
    visit(&format!("{page}?outcome=refuse"), 200).await;
    let waits = status(&provider, &payment).await;
    assert!(
        matches!(waits, PaymentStatus::RequiresAction(_)),
        "{waits:?}"
    );
    open(&format!("{page}?outcome=approve")).await;
    let confirm = ConfirmPayment::new(payment.id.clone(), key("order-1"));
    let outcome = provider.confirm(confirm).await.unwrap();
    let PaymentOutcome::Captured(paid) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!((&paid.id, paid.captured), (&payment.id, dollars()));
    // Events name the payment intent, which is the same payment.
    let intent = &sandbox.stripe().state().payment_intents()[0].id;
    assert!(paid.is_named_by(&id(intent)));
    let refund = RefundPayment::new(payment.id.clone(), key("order-1"));
    let refund = provider.refund(refund).await.unwrap();
    assert!(paid.is_named_by(refund.payment.as_ref().unwrap()));
    let list = ListRefunds::new(payment.id);
    assert_eq!(provider.list_refunds(list).await.unwrap().items, [refund]);
    assert_eq!(sandbox.stripe().state().payment_intents().len(), 1);
}

#[tokio::test]
async fn f20_a_page_can_authorize_and_the_amount_is_captured_by_its_id() {
    let (_sandbox, provider) = start().await;
    let request = on_page("order-1").with_capture(CaptureMode::Manual);
    let (payment, page) = page(&provider, request).await;
    open(&format!("{page}?outcome=approve")).await;
    assert_eq!(status(&provider, &payment).await, PaymentStatus::Authorized);
    let capture = CapturePayment::new(payment.id.clone(), key("order-1")).with_amount(dollars());
    match provider.capture(capture).await.unwrap() {
        PaymentOutcome::Captured(paid) => assert_eq!(paid.id, payment.id),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn f20_a_page_that_was_closed_takes_no_money() {
    let (_sandbox, provider) = start().await;
    let (payment, page_url) = page(&provider, on_page("order-1")).await;
    let cancel = || CancelPayment::new(payment.id.clone(), key("order-1"));
    let reason = cancel().with_reason(CancelReason::Abandoned);
    let error = provider.cancel(reason).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.field()),
        (&Kind::Unsupported, Some("reason"))
    );
    for _ in 0..2 {
        let outcome = provider.cancel(cancel()).await.unwrap();
        assert!(
            matches!(outcome, PaymentOutcome::Cancelled(_)),
            "{outcome:?}"
        );
    }
    visit(&format!("{page_url}?outcome=approve"), 410).await;
    // The same key tells that it is over, and not the page that was open then.
    let again = provider.create(on_page("order-1")).await.unwrap();
    assert!(matches!(again, PaymentOutcome::Cancelled(_)), "{again:?}");
    // A page whose time is over.
    let (payment, page_url) = page(&provider, on_page("order-2")).await;
    visit(&format!("{page_url}?outcome=expire"), 200).await;
    assert_eq!(status(&provider, &payment).await, PaymentStatus::Expired);
    let (payment, page_url) = page(&provider, on_page("order-3")).await;
    open(&format!("{page_url}?outcome=approve")).await;
    let cancel = CancelPayment::new(payment.id, key("order-3"));
    let error = provider.cancel(cancel).await.unwrap_err();
    assert_eq!(error.kind(), &Kind::Conflict);
}

#[tokio::test]
async fn f20_what_the_page_cannot_express_is_rejected_before_anything_is_sent() {
    let (sandbox, provider) = start().await;
    let refund_options = StripeOptions::new().with_reverse_transfer(true);
    let in_years: jiff::Timestamp = "2030-01-01T00:00:00Z".parse().unwrap();
    let late = StripeOptions::new().with_page_expires_at(in_years);
    let mut nowhere = on_page("k");
    nowhere.return_url = None;
    for (request, field) in [
        (nowhere, "return_url"),
        (on_page("k").with_confirm(false), "confirm"),
        (
            on_page("k").with_extension(refund_options),
            "reverse_transfer",
        ),
        (
            CreatePayment::new(dollars(), key("k"))
                .with_source(id("pm_card_visa"))
                .with_extension(late.clone()),
            "page_expires_at",
        ),
    ] {
        let error = provider.create(request).await.unwrap_err();
        assert_eq!(
            (error.field(), error.delivery()),
            (Some(field), Delivery::NotSent)
        );
    }
    assert!(sandbox.requests().is_empty());
    // Stripe's own limits are Stripe's to refuse.
    let error = provider
        .create(on_page("k").with_extension(late))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.delivery()),
        (&Kind::InvalidRequest, Delivery::Refused)
    );
}

#[tokio::test]
async fn f20_a_card_is_saved_on_the_page() {
    let (_sandbox, provider) = start().await;
    let customer = customer(&provider).await;
    let request = SaveSource::new(customer.clone(), key("save-1"))
        .with_source(PaymentSource::VendorPage)
        .with_return_url(back());
    let error = provider.save_source(request.clone()).await.unwrap_err();
    assert_eq!(error.field(), Some("currency"));
    let request = request.with_currency(Currency::USD);
    let on_session = request.clone().with_future_use(FutureUse::OnSession);
    let error = provider.save_source(on_session).await.unwrap_err();
    assert_eq!(error.field(), Some("future_use"));
    let outcome = provider.save_source(request.clone()).await.unwrap();
    let SaveSourceOutcome::RequiresAction(pending, NextAction::HostedPage(page)) = outcome else {
        panic!("{outcome:?}")
    };
    open(&format!("{}?outcome=approve", page.expose())).await;
    let later = SaveSource::new(customer.clone(), key("save-2")).with_source(pending);
    for request in [later, request] {
        let outcome = provider.save_source(request).await.unwrap();
        let SaveSourceOutcome::Saved(saved) = outcome else {
            panic!("{outcome:?}")
        };
        let sources = provider
            .list_sources(ListSources::new(customer.clone()))
            .await;
        assert_eq!(sources.unwrap().items, [saved]);
    }
}
