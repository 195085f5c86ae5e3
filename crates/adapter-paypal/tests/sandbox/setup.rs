//! A sandbox, a connection to its PayPal, and payments in the states that tests begin with.

use std::{sync::Arc, time::Duration};

use anyvendor_adapter_paypal::PayPal;
use anyvendor_core::{
    Error,
    payment::{
        CaptureMode, ConfirmPayment, CreatePayment, NextAction, Payment, PaymentOutcome,
        PaymentProvider,
    },
    transport::{Outgoing, OutgoingBody, Transport},
    values::{Currency, IdempotencyKey, Money},
};
use anyvendor_http::{HttpTransport, TransportConfig};
use anyvendor_sandbox::Sandbox;

use crate::harness::{config, saved_wallet};

pub(crate) fn money(decimal: &str, code: &str) -> Money {
    Money::parse_decimal(decimal, Currency::from_code(code).unwrap()).unwrap()
}

pub(crate) fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::new(text).unwrap()
}

/// A payment that the payer approves on the page.
pub(crate) fn on_page(name: &str) -> CreatePayment {
    CreatePayment::new(money("25.00", "EUR"), key(name))
        .with_reference(format!("ref-{name}"))
        .with_return_url("https://shop.example/back?order=1".parse().unwrap())
        .with_cancel_url("https://shop.example/gave-up".parse().unwrap())
}

pub(crate) struct Setup {
    pub(crate) sandbox: Sandbox,
    pub(crate) paypal: Arc<PayPal>,
}

pub(crate) async fn setup() -> Setup {
    let sandbox = Sandbox::start().await.unwrap();
    let paypal = Arc::new(PayPal::new(config(&sandbox)).unwrap());
    Setup { sandbox, paypal }
}

impl Setup {
    pub(crate) async fn waiting(&self, request: CreatePayment) -> (Payment, url::Url) {
        match self.paypal.create(request).await.unwrap() {
            PaymentOutcome::RequiresAction(payment, NextAction::Redirect(page)) => {
                (payment, page.expose_url().clone())
            }
            other => panic!("{other:?}"),
        }
    }

    /// Opens the payer's page with a result other than approval or refusal.
    pub(crate) async fn visit(&self, page: &url::Url, outcome: &str) {
        let mut page = page.clone();
        page.query_pairs_mut().append_pair("outcome", outcome);
        let settings = TransportConfig::of(Duration::from_secs(3), true);
        let transport = HttpTransport::new(settings).unwrap();
        let nothing = OutgoingBody::from(bytes::Bytes::new());
        let request = Outgoing::new(http::Method::GET, page, http::HeaderMap::new(), nothing);
        transport.send(request).await.unwrap();
    }

    pub(crate) async fn confirm(
        &self,
        payment: &Payment,
        name: &str,
    ) -> Result<PaymentOutcome, Error> {
        let request = ConfirmPayment::new(payment.id.clone(), key(name));
        self.paypal.confirm(request).await
    }

    pub(crate) async fn reserved(&self, name: &str, amount: &str) -> Payment {
        let source = saved_wallet(&self.paypal).await;
        let request = CreatePayment::new(money(amount, "EUR"), key(name))
            .with_capture(CaptureMode::Manual)
            .with_source(source);
        match self.paypal.create(request).await.unwrap() {
            PaymentOutcome::Authorized(payment) => payment,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn paid(&self, name: &str, amount: &str) -> Payment {
        let source = saved_wallet(&self.paypal).await;
        let request = CreatePayment::new(money(amount, "EUR"), key(name)).with_source(source);
        match self.paypal.create(request).await.unwrap() {
            PaymentOutcome::Captured(payment) => payment,
            other => panic!("{other:?}"),
        }
    }
}
