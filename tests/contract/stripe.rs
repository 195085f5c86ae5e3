//! The requests of the Stripe adapter: its conformance suite, and every optional field.

use std::{sync::Arc, time::Duration};

use anyvendor_adapter_stripe::{Stripe, StripeConfig, StripeOptions};
use anyvendor_conformance::payment;
use anyvendor_core::{
    payment::{
        CancelPayment, CancelReason, CaptureMode, CapturePayment, CreatePayment, Customer,
        CustomerRequest, FindPayments, FutureUse, GetPayment, GetRefund, ListPayments, ListSources,
        PayerPresence, PaymentOutcome, PaymentProvider, PaymentSource, RefundPayment, RefundReason,
        RemoveSource, SaveSource, SaveSourceOutcome,
    },
    resilience::{Clock, Policy},
    values::{Currency, IdempotencyKey, Metadata, Money, PageRequest, Secret},
};
use anyvendor_http::SystemClock;
use anyvendor_sandbox::Sandbox;

use super::record::{Recorded, Recorder};

#[path = "../../crates/adapter-stripe/tests/harness/mod.rs"]
mod harness;

use harness::{harness, id};

fn provider(sandbox: &Sandbox, recorder: &Arc<Recorder>) -> Stripe {
    let short = Policy::default().with_delays(Duration::from_millis(5), Duration::from_millis(20));
    let config = StripeConfig::new(Secret::new(sandbox.stripe().key()))
        .with_local_base_url(sandbox.stripe().url())
        .with_resilience(short);
    Stripe::builder(config)
        .transport(recorder.clone())
        .build()
        .unwrap()
}

/// The requests of the suite, in two currencies.
pub(crate) async fn suite() -> Vec<Recorded> {
    let sandbox = Sandbox::start().await.unwrap();
    let recorder = Recorder::over_network();
    for (amount, currency) in [("100.50", "USD"), ("12000", "JPY")] {
        let provider = Arc::new(provider(&sandbox, &recorder));
        payment::run(&harness(provider, amount, currency))
            .await
            .assert_passed(48);
    }
    sandbox.shutdown().await;
    recorder.seen()
}

/// The requests with every optional field set, and those of paths that the suite does not take.
pub(crate) async fn everything() -> Vec<Recorded> {
    let sandbox = Sandbox::start().await.unwrap();
    let recorder = Recorder::over_network();
    let stripe = provider(&sandbox, &recorder);
    let customer = stripe.get_or_create_customer(person()).await.unwrap();
    let paid = captured(stripe.create(whole(&customer)).await.unwrap());
    let options = StripeOptions::new()
        .with_account("acct_connected")
        .with_statement_descriptor_suffix("SPRING")
        .with_on_behalf_of("acct_3")
        .with_transfer_group("G1")
        .with_transfer_to("acct_4")
        .with_application_fee(dollars("1.50"));
    let connected = good().with_extension(options);
    // The emulator's response for these accounts does not matter: only the request does.
    drop(stripe.create(connected).await);
    let away = good()
        .with_customer(customer.id.clone())
        .with_presence(PayerPresence::OffSession)
        .with_capture(CaptureMode::Manual);
    let held = stripe.create(away.clone()).await.unwrap();
    let PaymentOutcome::Authorized(held) = held else {
        panic!("{held:?}")
    };
    let part = CapturePayment::new(held.id, key()).with_amount(dollars("10"));
    stripe.capture(part).await.unwrap();
    let unconfirmed = good().with_confirm(false);
    let PaymentOutcome::Incomplete(open, _) = stripe.create(unconfirmed).await.unwrap() else {
        panic!("an unconfirmed payment is incomplete")
    };
    let cancel = CancelPayment::new(open.id, key()).with_reason(CancelReason::Abandoned);
    stripe.cancel(cancel).await.unwrap();
    let refund = RefundPayment::new(paid.id.clone(), key())
        .with_amount(dollars("5"))
        .with_reason(RefundReason::Fraudulent)
        .with_metadata(Metadata::new().with("case", "7").unwrap());
    let refund = stripe.refund(refund).await.unwrap();
    let transferred = StripeOptions::new()
        .with_transfer_to("acct_4")
        .with_application_fee(dollars("1.50"));
    let transferred = captured(
        stripe
            .create(good().with_extension(transferred))
            .await
            .unwrap(),
    );
    let by_seller = StripeOptions::new()
        .with_reverse_transfer(true)
        .with_refund_application_fee(true);
    let by_seller = RefundPayment::new(transferred.id, key()).with_extension(by_seller);
    stripe.refund(by_seller).await.unwrap();
    pages(&stripe, &customer).await;
    stripe.get_refund(GetRefund::new(refund.id)).await.unwrap();
    stripe.get(GetPayment::new(paid.id)).await.unwrap();
    sources(&stripe, &customer).await;
    lists(&stripe, &customer).await;
    // With a key that has a stored customer, the adapter checks that the customer still exists.
    let without_email = CustomerRequest::new("user-2");
    stripe
        .get_or_create_customer(without_email.clone())
        .await
        .unwrap();
    stripe.get_or_create_customer(without_email).await.unwrap();
    sandbox.shutdown().await;
    recorder.seen()
}

async fn sources(stripe: &Stripe, customer: &Customer) {
    let save = SaveSource::new(customer.id.clone(), key()).with_source(id("pm_card_mastercard"));
    let saved = stripe.save_source(save).await.unwrap();
    let SaveSourceOutcome::Saved(source) = saved else {
        panic!("{saved:?}")
    };
    // A payment that waits for its payer is looked up again.
    let acts = SaveSource::new(customer.id.clone(), key())
        .with_source(id("pm_card_authenticationRequired"));
    let waits = stripe.save_source(acts.clone()).await.unwrap();
    let SaveSourceOutcome::RequiresAction(pending, _) = waits else {
        panic!("{waits:?}")
    };
    stripe.save_source(acts.with_source(pending)).await.unwrap();
    let page = PageRequest::first().with_limit(1.try_into().unwrap());
    let list = ListSources::new(customer.id.clone()).with_page(page);
    stripe.list_sources(list).await.unwrap();
    // The second time the vendor refuses, and the adapter looks the source up.
    for _ in 0..2 {
        stripe
            .remove_source(RemoveSource::new(source.id.clone()))
            .await
            .unwrap();
    }
}

/// Stripe's page with every optional field, which is then closed, and the page for saving a card.
async fn pages(stripe: &Stripe, customer: &Customer) {
    let soon = SystemClock.wall() + Duration::from_secs(3_600);
    let options = StripeOptions::new()
        .with_on_behalf_of("acct_3")
        .with_transfer_group("G1")
        .with_transfer_to("acct_4")
        .with_application_fee(dollars("1.50"))
        .with_page_expires_at(soon);
    let cart: url::Url = "https://shop.example/cart".parse().unwrap();
    let request = whole(customer)
        .with_source(PaymentSource::VendorPage)
        .with_cancel_url(cart.clone())
        .with_capture(CaptureMode::Manual)
        .with_extension(options);
    let page = stripe.create(request).await.unwrap();
    let id = page.payment().unwrap().id.clone();
    stripe.cancel(CancelPayment::new(id, key())).await.unwrap();
    let stranger = good()
        .with_source(PaymentSource::VendorPage)
        .with_return_url(cart.clone())
        .with_save_source(FutureUse::OffSession);
    stripe.create(stranger).await.unwrap();
    let save = SaveSource::new(customer.id.clone(), key())
        .with_source(PaymentSource::VendorPage)
        .with_currency(Currency::USD)
        .with_return_url(cart.clone())
        .with_cancel_url(cart);
    let saving = stripe.save_source(save.clone()).await.unwrap();
    let SaveSourceOutcome::RequiresAction(pending, _) = saving else {
        panic!("{saving:?}")
    };
    stripe.save_source(save.with_source(pending)).await.unwrap();
}

async fn lists(stripe: &Stripe, customer: &Customer) {
    let one = PageRequest::first().with_limit(1.try_into().unwrap());
    let by_customer = ListPayments::new()
        .with_customer(customer.id.clone())
        .with_created_from("2020-01-01T00:00:00Z".parse().unwrap())
        .with_created_before("2100-01-01T00:00:00Z".parse().unwrap())
        .with_page(one.clone());
    let page = stripe.list(by_customer).await.unwrap();
    let next = page.next.expect("the customer has two payments");
    let after = ListPayments::new().with_page(one.with_after(next));
    stripe.list(after).await.unwrap();
    let find = FindPayments::new("order-1");
    let before = "2100-01-01T00:00:00Z".parse().unwrap();
    let from: jiff::Timestamp = "2020-01-01T00:00:00Z".parse().unwrap();
    for find in [find.clone(), find.with_created_from(from)] {
        let find = find.with_created_before(before);
        stripe.find_by_reference(find).await.unwrap();
    }
}

fn person() -> CustomerRequest {
    CustomerRequest::new("user-1")
        .with_email("ann@example.com".parse().unwrap())
        .with_name("Ann")
        .with_phone("+12025550100".parse().unwrap())
        .with_metadata(Metadata::new().with("note", "blue").unwrap())
}

fn whole(customer: &Customer) -> CreatePayment {
    good()
        .with_customer(customer.id.clone())
        .with_reference("order-1")
        .with_description("Zwölf Äpfel & mehr!")
        .with_statement_descriptor("SHOP")
        .with_receipt_email("ann+1@example.com".parse().unwrap())
        .with_return_url("https://shop.example/back?a=1&b=2".parse().unwrap())
        .with_save_source(FutureUse::OffSession)
        .with_metadata(Metadata::new().with("note", "blue").unwrap())
}

fn good() -> CreatePayment {
    CreatePayment::new(dollars("20"), key()).with_source(id("pm_card_visa"))
}

fn captured(outcome: PaymentOutcome) -> anyvendor_core::payment::Payment {
    match outcome {
        PaymentOutcome::Captured(payment) => payment,
        other => panic!("{other:?}"),
    }
}

fn dollars(decimal: &str) -> Money {
    Money::parse_decimal(decimal, Currency::from_code("USD").unwrap()).unwrap()
}

fn key() -> IdempotencyKey {
    IdempotencyKey::random()
}
