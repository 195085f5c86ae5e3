//! What the payment suite must know of PayPal; the workspace's contract tests use it too.
#![allow(dead_code, reason = "each test file uses a part")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use std::{sync::Arc, time::Duration};

use anyvendor_adapter_paypal::{Environment, PayPal, PayPalConfig};
use anyvendor_conformance::{DeclinedSource, PagePayer, Payer, PayerAction, PaymentHarness};
use anyvendor_core::{
    payment::{
        CustomerRequest, DeclineCode, NextAction, PaymentProvider, SaveSource, SaveSourceOutcome,
    },
    resilience::{OperationClass, Policy},
    values::{Currency, IdempotencyKey, Money, Secret, VendorId},
};
use anyvendor_http::{
    Auth, Client, ClientConfig, ClientCredentials, HttpTransport, TransportConfig,
};
use anyvendor_sandbox::Sandbox;
use http::HeaderName;
use serde_json::{Value, json};

pub(crate) fn id(id: &str) -> VendorId {
    VendorId::new("paypal", id).unwrap()
}

pub(crate) fn config(sandbox: &Sandbox) -> PayPalConfig {
    let short = Policy::default().with_delays(Duration::from_millis(5), Duration::from_millis(20));
    let (id, secret) = (
        sandbox.paypal().client_id(),
        sandbox.paypal().client_secret(),
    );
    PayPalConfig::new(Secret::new(id), Secret::new(secret), Environment::Sandbox)
        .with_local_base_url(sandbox.paypal().url())
        .with_resilience(short)
}

pub(crate) fn payer() -> Arc<dyn Payer> {
    let settings = TransportConfig::of(Duration::from_secs(3), true);
    Arc::new(PagePayer(Arc::new(HttpTransport::new(settings).unwrap())))
}

/// A wallet that its payer saved on PayPal's page.
pub(crate) async fn saved_wallet(provider: &PayPal) -> VendorId {
    let customer = CustomerRequest::new(format!("c-{}", IdempotencyKey::random()));
    let customer = provider.get_or_create_customer(customer).await.unwrap();
    let request = SaveSource::new(customer.id, IdempotencyKey::random())
        .with_return_url("https://shop.example/back".parse().unwrap());
    let outcome = provider.save_source(request.clone()).await.unwrap();
    let SaveSourceOutcome::RequiresAction(pending, NextAction::HostedPage(page)) = outcome else {
        panic!("{outcome:?}");
    };
    payer().act(page.expose_url(), true).await;
    match provider.save_source(request.with_source(pending)).await {
        Ok(SaveSourceOutcome::Saved(saved)) => saved.id,
        other => panic!("{other:?}"),
    }
}

/// A card that its owner saved in PayPal's own fields; the name on it makes PayPal's sandbox decline it.
pub(crate) async fn saved_card(sandbox: &Sandbox, name: &str) -> VendorId {
    saved_card_of(sandbox, "4012888888881881", name).await
}

/// As above, with one of PayPal's test numbers.
pub(crate) async fn saved_card_of(sandbox: &Sandbox, number: &str, name: &str) -> VendorId {
    let url = sandbox.paypal().url();
    let secret = Secret::new(sandbox.paypal().client_secret());
    let token_url = format!("{url}/v1/oauth2/token");
    let credentials = ClientCredentials::new(token_url, sandbox.paypal().client_id(), secret);
    let config = ClientConfig::new("paypal", url)
        .with_auth(Auth::client_credentials(credentials))
        .with_private_addresses();
    let client = Client::new(config).unwrap();
    let card = json!({"number": number, "expiry": "2030-01", "name": name});
    let token: Value = client
        .post("card", "/v3/vault/payment-tokens", OperationClass::Keyed)
        .key(
            HeaderName::from_static("paypal-request-id"),
            IdempotencyKey::random(),
        )
        .json(&json!({"payment_source": {"card": card}}))
        .read()
        .await
        .unwrap();
    id(&format!("card/{}", token["id"].as_str().unwrap()))
}

/// The harness of PayPal, paying in this currency.
pub(crate) async fn harness(
    sandbox: &Sandbox,
    provider: Arc<PayPal>,
    amount: &str,
    currency: &str,
) -> PaymentHarness {
    // The suite does not wait for three hours.
    sandbox.paypal().state().set_search_lag(Duration::ZERO);
    let mut declined_sources = Vec::new();
    for (name, code) in [
        ("CCREJECT-REFUSED", DeclineCode::Generic),
        ("CCREJECT-IF", DeclineCode::InsufficientFunds),
        ("CCREJECT-EC", DeclineCode::Expired),
        ("CCREJECT-SF", DeclineCode::Fraudulent),
        ("CCREJECT-CVV_F", DeclineCode::IncorrectSecurityCode),
    ] {
        let source = saved_card(sandbox, name).await;
        declined_sources.push(DeclinedSource { source, code });
    }
    PaymentHarness {
        good_source: saved_wallet(&provider).await,
        provider,
        amount: Money::parse_decimal(amount, Currency::from_code(currency).unwrap()).unwrap(),
        declined_sources,
        action: Some(PayerAction::NoSource),
        payer: Some(payer()),
        unknown_payment: id("5O190127TN364715T"),
        return_url: "https://shop.example/back".parse().unwrap(),
    }
}
