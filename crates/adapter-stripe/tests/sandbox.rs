//! The adapter and the sandbox's Stripe together: magic cards, authentication, paging, Connect, and bad days. The books
//! are the sandbox's own.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod support;

use std::num::NonZeroU32;

use anyvendor_adapter_stripe::{Stripe, StripeConfig, StripeOptions};
use anyvendor_core::{
    Delivery, Kind,
    payment::{
        CaptureMode, CapturePayment, CreatePayment, CustomerRequest, DeclineCode, DeclineGroup,
        FutureUse, GetPayment, GetRefund, ListPayments, ListSources, NextAction, PayerPresence,
        Payment, PaymentOutcome, PaymentProvider, PaymentProviderExt, PaymentStatus, RefundPayment,
        RefundStatus, SaveSource, SaveSourceOutcome,
    },
    values::{Money, PageRequest, Secret},
};
use anyvendor_sandbox::{Fault, FaultKind, FaultPlan, Sandbox, Vendor};
use futures_util::{TryStreamExt, future::join_all};
use support::{build, id, key, money};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

fn config(sandbox: &Sandbox) -> StripeConfig {
    StripeConfig::new(Secret::new(sandbox.stripe().key()))
        .with_local_base_url(sandbox.stripe().url())
}

async fn start() -> (Sandbox, Stripe) {
    let sandbox = Sandbox::start().await.unwrap();
    let provider = build(config(&sandbox));
    (sandbox, provider)
}

fn dollars() -> Money {
    money("20", "USD")
}

/// 20 dollars from a magic card, under a key of that name.
fn pay(card: &str) -> CreatePayment {
    CreatePayment::new(dollars(), key(card)).with_source(id(card))
}

async fn captured(provider: &Stripe, request: CreatePayment) -> Payment {
    match provider.create(request).await.unwrap() {
        PaymentOutcome::Captured(payment) => payment,
        other => panic!("{other:?}"),
    }
}

/// Opens a page as the payer does.
async fn open(page: &str) {
    let page = url::Url::parse(page).unwrap();
    let host = format!("{}:{}", page.host_str().unwrap(), page.port().unwrap());
    let mut stream = tokio::net::TcpStream::connect(&host).await.unwrap();
    let path = &page[url::Position::BeforePath..];
    let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
}

#[tokio::test]
async fn magic_cards_are_declined_with_neutral_codes() {
    use DeclineCode as C;
    use DeclineGroup as G;
    let (sandbox, provider) = start().await;
    let cards = [
        ("pm_card_visa_chargeDeclined", C::Generic, G::Soft),
        (
            "pm_card_visa_chargeDeclinedInsufficientFunds",
            C::InsufficientFunds,
            G::Soft,
        ),
        ("pm_card_visa_chargeDeclinedLostCard", C::LostCard, G::Hard),
        (
            "pm_card_visa_chargeDeclinedStolenCard",
            C::StolenCard,
            G::Hard,
        ),
        (
            "pm_card_visa_chargeDeclinedVelocityLimitExceeded",
            C::LimitExceeded,
            G::Soft,
        ),
        ("pm_card_chargeDeclinedExpiredCard", C::Expired, G::FixData),
        (
            "pm_card_chargeDeclinedIncorrectCvc",
            C::IncorrectSecurityCode,
            G::FixData,
        ),
        (
            "pm_card_chargeDeclinedProcessingError",
            C::TryAgainLater,
            G::Soft,
        ),
        ("pm_card_radarBlock", C::Fraudulent, G::Hard),
    ];
    for (card, code, group) in cards.clone() {
        match provider.create(pay(card)).await.unwrap() {
            PaymentOutcome::Declined(decline, Some(payment)) => {
                assert_eq!((decline.code, decline.group), (code, group), "{card}");
                assert!(payment.captured.is_zero());
                let seen = provider.get(GetPayment::new(payment.id)).await.unwrap();
                assert!(
                    matches!(seen.status, PaymentStatus::Declined(_)),
                    "{seen:?}"
                );
            }
            other => panic!("{card}: {other:?}"),
        }
    }
    assert_eq!(
        sandbox.requests().len(),
        2 * cards.len(),
        "nothing was tried again"
    );
}

#[tokio::test]
async fn a_payer_who_is_there_authenticates_and_pays() {
    let (sandbox, provider) = start().await;
    let back = "https://shop.example/back".parse().unwrap();
    let request = pay("pm_card_threeDSecure2Required").with_return_url(back);
    let (payment, page) = match provider.create(request).await.unwrap() {
        PaymentOutcome::RequiresAction(payment, NextAction::Redirect(page)) => (payment, page),
        other => panic!("{other:?}"),
    };
    assert!(payment.captured.is_zero());
    open(page.expose()).await;
    let seen = provider.get(GetPayment::new(payment.id)).await.unwrap();
    assert_eq!(
        (seen.status, seen.captured),
        (PaymentStatus::Captured, dollars())
    );

    let request = pay("pm_card_authenticationRequired");
    match provider.create(request).await.unwrap() {
        PaymentOutcome::RequiresAction(_, NextAction::ClientSecret(_)) => {}
        other => panic!("{other:?}"),
    }
    assert_eq!(sandbox.stripe().state().charges().len(), 1);
}

#[tokio::test]
async fn failing_to_authenticate_is_a_decline() {
    let (_sandbox, provider) = start().await;
    let back = "https://shop.example/back".parse().unwrap();
    let request = pay("pm_card_authenticationRequired").with_return_url(back);
    let (payment, page) = match provider.create(request).await.unwrap() {
        PaymentOutcome::RequiresAction(payment, NextAction::Redirect(page)) => (payment, page),
        other => panic!("{other:?}"),
    };
    open(&format!("{}?outcome=fail", page.expose())).await;
    let seen = provider.get(GetPayment::new(payment.id)).await.unwrap();
    match seen.status {
        PaymentStatus::Declined(decline) => {
            assert_eq!(decline.code, DeclineCode::AuthenticationRequired);
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_source_saved_by_a_payment_pays_while_the_payer_is_away() {
    let (_sandbox, provider) = start().await;
    let request = CustomerRequest::new("user-1");
    let customer = provider.get_or_create_customer(request).await.unwrap().id;
    let first = pay("pm_card_visa")
        .with_customer(customer.clone())
        .with_save_source(FutureUse::OffSession);
    let first = captured(&provider, first).await;
    let sources = provider
        .list_sources(ListSources::new(customer.clone()))
        .await
        .unwrap();
    let source = sources.items[0].id.clone();
    assert_eq!(first.source.as_ref(), Some(&source));
    let again = CreatePayment::new(dollars(), key("again"))
        .with_customer(customer)
        .with_source(source)
        .with_presence(PayerPresence::OffSession);
    captured(&provider, again).await;
}

#[tokio::test]
async fn saving_a_declined_source_is_an_outcome() {
    let (_sandbox, provider) = start().await;
    let request = CustomerRequest::new("user-1");
    let customer = provider.get_or_create_customer(request).await.unwrap().id;
    let source = id("pm_card_visa_chargeDeclined");
    let request = SaveSource::new(customer, key("s-1")).with_source(source);
    match provider.save_source(request).await.unwrap() {
        SaveSourceOutcome::Declined(decline) => assert_eq!(decline.code, DeclineCode::Generic),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn payments_of_one_payer_are_walked_page_by_page() {
    let (_sandbox, provider) = start().await;
    let mut customers = Vec::new();
    for name in ["user-1", "user-2"] {
        let request = CustomerRequest::new(name);
        customers.push(provider.get_or_create_customer(request).await.unwrap().id);
    }
    let mut made = Vec::new();
    for n in 0..7 {
        let request = CreatePayment::new(dollars(), key(&format!("order-{n}")))
            .with_source(id("pm_card_visa"))
            .with_customer(customers[n % 2].clone());
        made.push(captured(&provider, request).await);
    }
    made.reverse();
    made.retain(|payment| payment.customer.as_ref() == Some(&customers[0]));
    let page = PageRequest::first().with_limit(NonZeroU32::new(3).unwrap());
    let mine = ListPayments::new().with_customer(customers[0].clone());
    let walked = provider.payments(mine.clone().with_page(page));
    let walked: Vec<Payment> = walked.try_collect().await.unwrap();
    let none = Money::zero(dollars().currency());
    let expanded = |payment: &Payment| payment.refunded == Some(none);
    assert!(walked.iter().all(expanded), "the charge is expanded");
    let ids = |payments: Vec<Payment>| -> Vec<_> { payments.into_iter().map(|p| p.id).collect() };
    assert_eq!(ids(walked), ids(made));
    let future = mine.with_created_from("2100-01-01T00:00:00Z".parse().unwrap());
    assert!(provider.list(future).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn a_connected_account_has_books_of_its_own() {
    let (sandbox, platform) = start().await;
    let connected = build(config(&sandbox).with_account("acct_connected"));
    let there = captured(&connected, pay("pm_card_visa")).await;
    let missing = platform
        .get(GetPayment::new(there.id.clone()))
        .await
        .unwrap_err();
    assert_eq!(missing.kind(), &Kind::NotFound);
    assert_eq!(
        connected
            .get(GetPayment::new(there.id.clone()))
            .await
            .unwrap(),
        there
    );
    // The same by the options of one request; the same key on another account is another key.
    let options = StripeOptions::new().with_account("acct_connected");
    let again = pay("pm_card_visa").with_extension(options);
    assert_eq!(captured(&platform, again).await, there);
    captured(&platform, pay("pm_card_visa")).await;
    let accounts: Vec<_> = sandbox
        .stripe()
        .state()
        .charges()
        .into_iter()
        .map(|c| c.account)
        .collect();
    assert_eq!(accounts.len(), 2);
    assert!(accounts.contains(&"acct_connected".to_owned()));
}

#[tokio::test]
async fn refunds_settle_later() {
    let (_sandbox, provider) = start().await;
    for (card, at_once, later) in [
        ("pm_card_pendingRefund", "pending", "succeeded"),
        ("pm_card_refundFail", "succeeded", "failed"),
    ] {
        let word = |status: &RefundStatus| match status {
            RefundStatus::Pending => "pending",
            RefundStatus::Succeeded => "succeeded",
            RefundStatus::Failed(_) => "failed",
            other => panic!("{other:?}"),
        };
        let payment = captured(&provider, pay(card)).await;
        let request = RefundPayment::new(payment.id, key(&format!("r-{card}")));
        let refund = provider.refund(request).await.unwrap();
        assert_eq!(word(&refund.status), at_once, "{card}");
        let refund = provider
            .get_refund(GetRefund::new(refund.id))
            .await
            .unwrap();
        assert_eq!(word(&refund.status), later, "{card}");
    }
}

#[tokio::test]
async fn refunding_what_was_refunded_is_a_conflict_with_its_code() {
    let (_sandbox, provider) = start().await;
    let payment = captured(&provider, pay("pm_card_visa")).await;
    let refund = |name| provider.refund(RefundPayment::new(payment.id.clone(), key(name)));
    refund("r-1").await.unwrap();
    let error = refund("r-2").await.unwrap_err();
    let code = "charge_already_refunded";
    assert_eq!(
        (error.kind(), error.vendor_code()),
        (&Kind::Conflict, Some(code))
    );
}

#[tokio::test]
async fn one_reference_is_one_customer_also_with_changed_details() {
    let (sandbox, provider) = start().await;
    let named = |n: usize| {
        CustomerRequest::new("user-1")
            .with_email("ann@example.com".parse().unwrap())
            .with_name(format!("Ann {n}"))
    };
    let asked = (0..8).map(|n| provider.get_or_create_customer(named(n % 2)));
    let ids: Vec<_> = join_all(asked)
        .await
        .into_iter()
        .map(|c| c.unwrap().id)
        .collect();
    assert!(ids.iter().all(|one| *one == ids[0]), "{ids:?}");
    // Another process, with a fresh name, much later: the list finds it.
    assert_eq!(
        provider.get_or_create_customer(named(9)).await.unwrap().id,
        ids[0]
    );
    assert_eq!(sandbox.stripe().state().customers().len(), 1);
}

#[tokio::test]
async fn an_answer_lost_after_the_charge_is_settled_by_the_same_key() {
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
async fn a_lost_capture_is_settled_by_a_new_key_too() {
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
async fn on_a_rough_day_every_order_is_charged_once() {
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
    assert!(sandbox.requests().len() > 60, "the sandbox was not flaky");
}
