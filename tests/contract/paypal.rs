//! The requests of the PayPal adapter: its conformance suite, and every optional field.

use std::sync::Arc;

use anyvendor_adapter_paypal::{PayPal, PayPalOptions, ShippingPreference};
use anyvendor_conformance::payment;
use anyvendor_core::{
    payment::{
        CancelPayment, CaptureMode, CapturePayment, CreatePayment, CustomerRequest, FutureUse,
        GetPayment, GetRefund, PayerPresence, PaymentOutcome, PaymentProvider, RefundPayment,
        SaveSource,
    },
    values::{Currency, IdempotencyKey, Money},
};
use anyvendor_sandbox::Sandbox;

use super::record::{Recorded, Recorder};

#[path = "../../crates/adapter-paypal/tests/harness/mod.rs"]
mod harness;

use harness::{config, saved_card, saved_wallet};

fn provider(sandbox: &Sandbox, recorder: &Arc<Recorder>) -> PayPal {
    let config = config(sandbox).with_brand_name("Zwölf Äpfel");
    PayPal::builder(config)
        .transport(recorder.clone())
        .build()
        .unwrap()
}

/// What the suite sends, in two currencies.
pub(crate) async fn suite() -> Vec<Recorded> {
    let sandbox = Sandbox::start().await.unwrap();
    let recorder = Recorder::over_network();
    for (amount, currency) in [("100.50", "USD"), ("12000", "HUF")] {
        let provider = Arc::new(provider(&sandbox, &recorder));
        let harness = harness::harness(&sandbox, provider, amount, currency).await;
        payment::run(&harness).await.assert_passed(36);
    }
    sandbox.shutdown().await;
    recorder.seen()
}

/// What is sent when every optional field is set, and on the side roads that the suite does not take.
pub(crate) async fn everything() -> Vec<Recorded> {
    let sandbox = Sandbox::start().await.unwrap();
    let recorder = Recorder::over_network();
    let paypal = provider(&sandbox, &recorder);
    let customer = CustomerRequest::new("c-1");
    let customer = paypal.get_or_create_customer(customer).await.unwrap();
    let options = PayPalOptions::new()
        .with_shipping_preference(ShippingPreference::GetFromFile)
        .with_locale("de-DE")
        .with_partner_attribution_id("Anyvendor_SP")
        .with_client_metadata_id("session-1");
    let whole = on_page()
        .with_customer(customer.id.clone())
        .with_reference("order-1".to_owned())
        .with_description("Zwölf Äpfel & mehr!".to_owned())
        .with_statement_descriptor("SHOP".to_owned())
        .with_cancel_url(Some("https://shop.example/gone".parse().unwrap()))
        .with_save_source(Some(FutureUse::OffSession))
        .with_extension(options);
    paypal.create(whole).await.unwrap();
    let own = on_page()
        .with_customer_reference(Some("c-2".to_owned()))
        .with_save_source(Some(FutureUse::OnSession));
    paypal.create(own).await.unwrap();
    let card = saved_card(&sandbox, "Ada").await;
    for presence in [PayerPresence::OnSession, PayerPresence::OffSession] {
        let request = CreatePayment::new(euros("20"), key())
            .with_source(card.clone())
            .with_presence(presence);
        paypal.create(request).await.unwrap();
    }
    let wallet = saved_wallet(&paypal).await;
    let held = CreatePayment::new(euros("20"), key())
        .with_source(wallet)
        .with_capture(CaptureMode::Manual);
    let PaymentOutcome::Authorized(held) = paypal.create(held).await.unwrap() else {
        panic!("not reserved");
    };
    let authorization = held.transactions[0].id.clone();
    paypal.get(GetPayment::new(authorization)).await.unwrap();
    let part = CapturePayment::new(held.id.clone(), key())
        .with_amount(euros("10"))
        .with_final_capture(false);
    let outcome = paypal.capture(part).await.unwrap();
    let capture = outcome.payment().unwrap().transactions[1].id.clone();
    paypal.get(GetPayment::new(capture.clone())).await.unwrap();
    let refund = RefundPayment::new(capture, key()).with_amount(euros("5"));
    let refund = paypal.refund(refund).await.unwrap();
    paypal.get_refund(GetRefund::new(refund.id)).await.unwrap();
    paypal
        .cancel(CancelPayment::new(held.id, key()))
        .await
        .unwrap();
    let save = SaveSource::new(customer.id, key())
        .with_return_url(Some("https://shop.example/back".parse().unwrap()));
    paypal.save_source(save).await.unwrap();
    sandbox.shutdown().await;
    recorder.seen()
}

fn on_page() -> CreatePayment {
    CreatePayment::new(euros("20"), key())
        .with_return_url(Some("https://shop.example/back?a=1&b=2".parse().unwrap()))
}

fn euros(decimal: &str) -> Money {
    Money::parse_decimal(decimal, Currency::from_code("EUR").unwrap()).unwrap()
}

fn key() -> IdempotencyKey {
    IdempotencyKey::random()
}
