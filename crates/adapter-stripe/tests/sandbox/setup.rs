//! A sandbox, a connection to its Stripe, and payments with magic cards.

use anyvendor_adapter_stripe::{Stripe, StripeConfig};
use anyvendor_core::{
    payment::{CreatePayment, Payment, PaymentOutcome, PaymentProvider},
    values::{Money, Secret},
};
use anyvendor_sandbox::Sandbox;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{build, id, key, money};

pub(crate) fn config(sandbox: &Sandbox) -> StripeConfig {
    StripeConfig::new(Secret::new(sandbox.stripe().key()))
        .with_local_base_url(sandbox.stripe().url())
}

pub(crate) async fn start() -> (Sandbox, Stripe) {
    let sandbox = Sandbox::start().await.unwrap();
    let provider = build(config(&sandbox));
    (sandbox, provider)
}

pub(crate) fn dollars() -> Money {
    money("20", "USD")
}

/// 20 dollars from a magic card, under a key of that name.
pub(crate) fn pay(card: &str) -> CreatePayment {
    CreatePayment::new(dollars(), key(card)).with_source(id(card))
}

pub(crate) async fn captured(provider: &Stripe, request: CreatePayment) -> Payment {
    match provider.create(request).await.unwrap() {
        PaymentOutcome::Captured(payment) => payment,
        other => panic!("{other:?}"),
    }
}

/// Opens a page as the payer's browser does, and is sent back to the shop.
pub(crate) async fn open(page: &str) {
    visit(page, 303).await;
}

/// Opens a page as the payer's browser does.
pub(crate) async fn visit(page: &str, status: u16) {
    let page = url::Url::parse(page).unwrap();
    let host = format!("{}:{}", page.host_str().unwrap(), page.port().unwrap());
    let mut stream = tokio::net::TcpStream::connect(&host).await.unwrap();
    let path = &page[url::Position::BeforePath..];
    let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    assert!(
        response.starts_with(&format!("HTTP/1.1 {status}")),
        "{response}"
    );
}
