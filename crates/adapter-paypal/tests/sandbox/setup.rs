//! A sandbox, a connection to its PayPal, and payments in the states that tests begin with.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyvendor_adapter_paypal::PayPal;
use anyvendor_core::{
    Error,
    payment::{
        CaptureMode, ConfirmPayment, CreatePayment, NextAction, Payment, PaymentOutcome,
        PaymentProvider,
    },
    resilience::{Clock, Instant, Sleep},
    transport::{Outgoing, OutgoingBody, Transport},
    values::{Currency, IdempotencyKey, Money},
};
use anyvendor_http::{HttpTransport, SystemClock, TransportConfig};
use anyvendor_sandbox::{RecordedRequest, Sandbox};
use jiff::Timestamp;
use serde_json::Value;

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

/// The clock of this machine, moved forward as far as the sandbox's.
#[derive(Debug, Default)]
pub(crate) struct ShiftedClock(AtomicU64);

impl ShiftedClock {
    fn advance(&self, time: Duration) {
        self.0.fetch_add(time.as_secs(), Ordering::SeqCst);
    }

    fn shift(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::SeqCst))
    }
}

impl Clock for ShiftedClock {
    fn monotonic(&self) -> Instant {
        SystemClock.monotonic() + self.shift()
    }

    fn wall(&self) -> Timestamp {
        SystemClock.wall() + self.shift()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        SystemClock.sleep(duration)
    }

    fn timer(&self, duration: Duration) -> Sleep {
        SystemClock.timer(duration)
    }
}

pub(crate) struct Setup {
    pub(crate) sandbox: Sandbox,
    pub(crate) paypal: Arc<PayPal>,
    clock: Arc<ShiftedClock>,
}

pub(crate) async fn setup() -> Setup {
    let sandbox = Sandbox::start().await.unwrap();
    let clock = Arc::new(ShiftedClock::default());
    let paypal = PayPal::builder(config(&sandbox)).clock(clock.clone());
    let paypal = Arc::new(paypal.build().unwrap());
    Setup {
        sandbox,
        paypal,
        clock,
    }
}

impl Setup {
    pub(crate) async fn waiting(&self, request: CreatePayment) -> (Payment, url::Url) {
        match self.paypal.create(request).await.unwrap() {
            PaymentOutcome::RequiresAction(payment, NextAction::HostedPage(page)) => {
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

    /// The writes that the sandbox received, but for tokens.
    pub(crate) fn writes(&self) -> Vec<RecordedRequest> {
        let all = self.sandbox.requests().into_iter();
        all.filter(|request| request.method == "POST" && !request.path.starts_with("/v1/oauth2"))
            .collect()
    }

    /// The body of the last write.
    pub(crate) fn last_body(&self) -> Value {
        let writes = self.writes();
        serde_json::from_slice(&writes.last().unwrap().body).unwrap()
    }

    /// Moves the sandbox's time forward.
    pub(crate) fn later(&self, time: Duration) {
        self.sandbox.paypal().state().advance(time);
        self.clock.advance(time);
    }

    /// Moves our time forward, and not the sandbox's.
    pub(crate) fn clock_only(&self, time: Duration) {
        self.clock.advance(time);
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.wall()
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
