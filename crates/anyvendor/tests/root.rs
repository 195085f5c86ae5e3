//! An application needs no other crate of anyvendor, nor `url`, `jiff`, `bytes` or `http`, to name what it uses.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{sync::Arc, time::Duration};

use anyvendor::{
    Bytes, CallOptions, Config, Delivery, Error, Health, Kind, MemoryRoutes, Mode, Observer,
    Registry, RetryStop, Timestamp, Url, Vendors,
    email::{EmailContent, EmailMessage, EmailProvider},
    http::{Request, StatusCode},
    messaging::MessagingProvider,
    network::Connect,
    payment::{CreatePayment, PaymentProvider},
    resilience::{AttemptReport, CallReport},
    storage::StorageProvider,
    values::{EmailAddress, Money},
    webhooks::{Receiver, WebhookEvent},
};

#[derive(Debug)]
struct Log;

impl Observer for Log {
    fn attempt(&self, _: &AttemptReport) {}
    fn call(&self, _: &CallReport) {}
}

/// What an application's own modules name in their signatures.
struct Application {
    payment: Option<Arc<dyn PaymentProvider>>,
    email: Option<Arc<dyn EmailProvider>>,
    messaging: Option<Arc<dyn MessagingProvider>>,
    storage: Option<Arc<dyn StorageProvider>>,
    webhooks: Receiver,
    return_url: Url,
    started: Timestamp,
}

impl Application {
    fn connect(text: &str) -> anyvendor::Result<Self> {
        let vendors = Vendors::builder()
            .registry(Registry::default())
            .routes(Arc::new(MemoryRoutes::default()))
            .observer(Arc::new(Log))
            .connect(&Config::from_toml(text)?)?;
        assert_eq!(vendors.mode(), Mode::Sandbox);
        Ok(Self {
            payment: vendors.payment().ok(),
            email: vendors.email().ok(),
            messaging: vendors.messaging().ok(),
            storage: vendors.storage().ok(),
            webhooks: Receiver::new(&vendors, |_: WebhookEvent| async { Ok(()) }),
            return_url: Url::parse("https://shop.example/thanks").unwrap(),
            started: Timestamp::UNIX_EPOCH,
        })
    }
}

/// An application's own handling of errors.
fn may_have_happened(error: &Error) -> bool {
    error.delivery() == Delivery::Unknown && error.stop() != Some(RetryStop::NotRetryable)
}

#[tokio::test]
async fn an_application_names_everything_by_the_facade() {
    let application = Application::connect("mode = \"sandbox\"").unwrap();
    assert!(application.payment.is_none() && application.email.is_none());
    assert!(application.messaging.is_none() && application.storage.is_none());
    assert_eq!(application.return_url.host_str(), Some("shop.example"));
    assert_eq!(application.started, Timestamp::UNIX_EPOCH);

    let mut request = CreatePayment::new(
        "12.50 EUR".parse::<Money>().unwrap(),
        "order-1".parse().unwrap(),
    );
    request.options = CallOptions::default();
    request.options.timeout = Some(Duration::from_secs(5));
    let address: EmailAddress = "ann@example.com".parse().unwrap();
    let content = EmailContent::text("Receipt", "12.50 EUR");
    drop(EmailMessage::new(address.clone(), address, content));

    let delivery = Request::post("/webhooks/acme")
        .body(http_body_util::Full::new(Bytes::from_static(b"{}")))
        .unwrap();
    let response = application.webhooks.receive("acme", delivery).await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);

    let error = Application::connect("mode = \"sandbox\"\n[payment]\nvendor = \"acme\"");
    let error = error.err().unwrap();
    assert_eq!(error.kind(), &Kind::Config);
    assert!(!may_have_happened(&error));
}

/// These names are public as well, although a test without a vendor has no value of them.
fn _names<C: Connect>(_: &C, _: &Health) {}
