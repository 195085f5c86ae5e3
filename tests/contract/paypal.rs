//! The requests of the PayPal adapter: its conformance suite, every optional field, and the verification of webhooks.

use std::sync::Arc;

use anyvendor_adapter_paypal::{
    CardVerification, Environment, PayPal, PayPalCaptureOptions, PayPalOptions,
    PayPalRefundOptions, PayPalWebhook, PayPalWebhookConfig, Reauthorize, ShippingPreference,
};
use anyvendor_conformance::{SignedDelivery, payment};
use anyvendor_core::{
    payment::{
        CancelPayment, CaptureMode, CapturePayment, CreatePayment, CustomerRequest, FindPayments,
        FutureUse, GetPayment, GetRefund, PayerPresence, PaymentOutcome, PaymentProvider,
        RefundPayment, SaveSource,
    },
    values::{Currency, IdempotencyKey, Money, Secret},
    webhook::WebhookVerifier,
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

/// The requests of the suite, in two currencies.
pub(crate) async fn suite() -> Vec<Recorded> {
    let sandbox = Sandbox::start().await.unwrap();
    let recorder = Recorder::over_network();
    for (amount, currency) in [("100.50", "USD"), ("12000", "HUF")] {
        let provider = Arc::new(provider(&sandbox, &recorder));
        let harness = harness::harness(&sandbox, provider, amount, currency).await;
        payment::run(&harness).await.assert_passed(47);
    }
    sandbox.shutdown().await;
    recorder.seen()
}

/// The requests with every optional field set, and those of paths that the suite does not take.
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
        .with_reference("order-1")
        .with_unique_reference("invoice-1")
        .with_description("Zwölf Äpfel & mehr!")
        .with_statement_descriptor("SHOP")
        .with_cancel_url("https://shop.example/gone".parse().unwrap())
        .with_save_source(FutureUse::OffSession)
        .with_extension(options);
    paypal.create(whole).await.unwrap();
    let own = on_page()
        .with_customer_reference("c-2")
        .with_save_source(FutureUse::OnSession);
    paypal.create(own).await.unwrap();
    let card = saved_card(&sandbox, "Ada").await;
    for presence in [PayerPresence::OnSession, PayerPresence::OffSession] {
        let request = CreatePayment::new(euros("20"), key())
            .with_source(card.clone())
            .with_presence(presence);
        paypal.create(request).await.unwrap();
    }
    let always = PayPalOptions::new().with_card_verification(CardVerification::Always);
    let returning = on_page().with_source(card).with_extension(always);
    paypal.create(returning).await.unwrap();
    let prepared = on_page()
        .with_confirm(false)
        .with_extension(PayPalOptions::new().with_locale("de-DE"));
    paypal.create(prepared).await.unwrap();
    let wallet = saved_wallet(&paypal).await;
    let held = on_page()
        .with_source(wallet)
        .with_capture(CaptureMode::Manual);
    let PaymentOutcome::Authorized(held) = paypal.create(held).await.unwrap() else {
        panic!("not reserved");
    };
    let authorization = held.transactions[0].id.clone();
    paypal.get(GetPayment::new(authorization)).await.unwrap();
    // Refused within the honor period, as at PayPal.
    let again = Reauthorize::new(held.id.clone(), key()).with_amount(euros("20"));
    paypal.reauthorize(again).await.unwrap_err();
    paypal
        .find_by_reference(FindPayments::new("order-1"))
        .await
        .unwrap();
    let part = CapturePayment::new(held.id.clone(), key())
        .with_amount(euros("10"))
        .with_final_capture(false)
        .with_extension(
            PayPalCaptureOptions::new()
                .with_invoice_id("invoice-1-a")
                .with_note_to_payer("Zwölf Äpfel")
                .with_soft_descriptor("SHOP"),
        );
    let outcome = paypal.capture(part).await.unwrap();
    let capture = outcome.payment().unwrap().transactions[1].id.clone();
    paypal.get(GetPayment::new(capture.clone())).await.unwrap();
    let note = PayPalRefundOptions::new()
        .with_invoice_id("invoice-1-r")
        .with_note_to_payer("Zwei Äpfel");
    let refund = RefundPayment::new(capture, key())
        .with_amount(euros("5"))
        .with_extension(note);
    let refund = paypal.refund(refund).await.unwrap();
    paypal.get_refund(GetRefund::new(refund.id)).await.unwrap();
    paypal
        .cancel(CancelPayment::new(held.id, key()))
        .await
        .unwrap();
    let save = SaveSource::new(customer.id, key())
        .with_return_url("https://shop.example/back".parse().unwrap());
    paypal.save_source(save).await.unwrap();
    sandbox.shutdown().await;
    recorder.seen()
}

/// The request that verifies a delivery, with the event and the headers of PayPal's own example.
pub(crate) async fn verification() -> Vec<Recorded> {
    let recorder = Recorder::answering(&[
        (200, r#"{"access_token": "A21AA", "expires_in": 31668}"#),
        (200, r#"{"verification_status": "FAILURE"}"#),
        (200, r#"{"verification_status": "SUCCESS"}"#),
    ]);
    let (id, secret) = (Secret::new("id"), Secret::new("secret"));
    let config = PayPalWebhookConfig::new(["4JH86294D6297924G", "1JE4291016473214C"])
        .with_online_verification(id, secret, Environment::Sandbox);
    let webhook = PayPalWebhook::builder(config).transport(recorder.clone());
    let webhook = webhook.build().unwrap();
    let body = r#"{"id":"8PT597110X687430LKGECATA","create_time":"2013-06-25T21:41:28Z","resource_type":"authorization",
        "event_version":"1.0","resource_version":"2.0","event_type":"PAYMENT.AUTHORIZATION.CREATED",
        "summary":"A payment authorization was created","resource":{"id":"2DC87612EK520411B","amount":{"total":"7.47"}},
        "links":[{"href":"https://api-m.paypal.com/v1/notifications/webhooks-events/8PT","rel":"self","method":"GET"}]}"#;
    let delivery = SignedDelivery::post("/webhooks/paypal", "application/json", body)
        .with_header(
            "paypal-transmission-id",
            "69cd13f0-d67a-11e5-baa3-778b53f4ae55",
        )
        .with_header("paypal-transmission-time", "2016-02-18T20:01:35Z")
        .with_header(
            "paypal-transmission-sig",
            "lmI95Jx3Y9nhR5SJWlHVIWpg4AgFk7n9bCHSRxbrd8A9zrhdu2rMyFrm",
        )
        .with_header("paypal-auth-algo", "SHA256withRSA")
        .with_header(
            "paypal-cert-url",
            "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-a5cafa77",
        );
    let at = "2016-02-18T20:01:35Z".parse().unwrap();
    webhook.prefetch(&delivery.request(), at).await.unwrap();
    recorder.seen()
}

fn on_page() -> CreatePayment {
    CreatePayment::new(euros("20"), key())
        .with_return_url("https://shop.example/back?a=1&b=2".parse().unwrap())
}

fn euros(decimal: &str) -> Money {
    Money::parse_decimal(decimal, Currency::from_code("EUR").unwrap()).unwrap()
}

fn key() -> IdempotencyKey {
    IdempotencyKey::random()
}
