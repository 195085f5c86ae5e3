//! All four vendors' events from their emulators to a handler, and replays of the same bytes by an attacker.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use anyvendor::{
    Config, Vendors,
    email::{EmailContent, EmailMessage},
    messaging::{MessageContent, MessageStatus, TextMessage},
    network::{HttpTransport, ManualClock, SystemClock, TransportConfig},
    payment::{ConfirmPayment, CreatePayment, NextAction, PaymentOutcome},
    resilience::Clock,
    values::{IdempotencyKey, MessageReference, PhoneNumber, VendorId},
    webhooks::{EmailChange, Event, OptKeyword, PaymentChange, Receiver, WebhookEvent},
};
use anyvendor_conformance::{PagePayer, Payer};
use anyvendor_sandbox::{Sandbox, secrets_in_files};
use axum::{
    Router,
    body::Bytes,
    extract::{Path, Request, State},
    response::IntoResponse,
    routing::post,
};
use http_body_util::Full;

/// A delivery as it was sent.
type Kept = (String, http::Request<Bytes>);

/// An application with a receiver, and a recording of what is sent to it.
struct App {
    sandbox: Sandbox,
    vendors: [Vendors; 2],
    receiver: Receiver,
    clock: Arc<ManualClock>,
    seen: Arc<Mutex<Vec<WebhookEvent>>>,
    stolen: Arc<Mutex<Vec<Kept>>>,
}

type Line = (Receiver, Arc<Mutex<Vec<Kept>>>);

async fn overhear(
    State((receiver, stolen)): State<Line>,
    Path(endpoint): Path<String>,
    request: Request,
) -> impl IntoResponse {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let kept = http::Request::from_parts(parts, body);
    stolen
        .lock()
        .unwrap()
        .push((endpoint.clone(), kept.clone()));
    receiver.receive(&endpoint, kept.map(Full::new)).await
}

async fn app() -> App {
    app_of(|text| text).await
}

/// The application with a changed configuration of the sandbox.
async fn app_of(change: impl Fn(String) -> String) -> App {
    let sandbox = Sandbox::start().await.unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    sandbox.send_all_webhooks(&base).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (text, variables) = (change(sandbox.config_toml()), sandbox.variables());
    let text = secrets_in_files(&text, variables, folder.path()).unwrap();
    let vendors = ["stripe", "paypal"].map(|vendor| {
        let chosen = ("ANYVENDOR_PAYMENT__VENDOR".to_owned(), vendor.to_owned());
        Vendors::connect(&Config::from_toml_and(&text, [chosen]).unwrap()).unwrap()
    });
    let seen: Arc<Mutex<Vec<WebhookEvent>>> = Arc::default();
    let received = Arc::clone(&seen);
    let handler = move |event| {
        received.lock().unwrap().push(event);
        async { Ok(()) }
    };
    let clock = Arc::new(ManualClock::at(SystemClock.wall()));
    let receiver = Receiver::builder(&vendors[0], handler)
        .clock(Arc::clone(&clock) as Arc<dyn Clock>)
        .build();
    let stolen: Arc<Mutex<Vec<Kept>>> = Arc::default();
    let app = Router::new()
        .route("/webhooks/{endpoint}", post(overhear))
        .with_state((receiver.clone(), Arc::clone(&stolen)));
    tokio::spawn(async move { axum::serve(listener, app).await });
    App {
        sandbox,
        vendors,
        receiver,
        clock,
        seen,
        stolen,
    }
}

impl App {
    /// One payment at each vendor, an email, a text, and a person who opts out of texts.
    async fn work(&self) {
        let [stripe, paypal] = &self.vendors;
        let key = |text: &str| IdempotencyKey::new(text).unwrap();
        let amount = "12.34 EUR".parse().unwrap();
        let card = VendorId::new("stripe", "pm_card_visa").unwrap();
        let request = CreatePayment::new(amount, key("one"))
            .with_reference("order-1")
            .with_source(card);
        let taken = stripe.payment().unwrap().create(request).await.unwrap();
        assert!(matches!(taken, PaymentOutcome::Captured(_)), "{taken:?}");

        let payments = paypal.payment().unwrap();
        let back = "https://shop.example.com/".parse().unwrap();
        let request = CreatePayment::new(amount, key("two"))
            .with_reference("order-2")
            .with_return_url(back);
        let asked = payments.create(request).await.unwrap();
        let PaymentOutcome::RequiresAction(payment, NextAction::HostedPage(page)) = asked else {
            panic!("the payer chooses on the vendor's page: {asked:?}");
        };
        let settings = TransportConfig::of(Duration::from_secs(3), true);
        let payer = PagePayer(Arc::new(HttpTransport::new(settings).unwrap()));
        payer.act(page.expose_url(), true).await;
        let confirm = ConfirmPayment::new(payment.id.clone(), key("three"));
        let taken = payments.confirm(confirm).await.unwrap();
        assert!(matches!(taken, PaymentOutcome::Captured(_)), "{taken:?}");

        let reference = |text: &str| MessageReference::new(text).unwrap();
        let content = EmailContent::text("Hello", "Hello");
        let (from, to) = ("shop@example.com", "ada@example.com");
        let email = EmailMessage::new(from.parse().unwrap(), to.parse().unwrap(), content);
        let email = email.with_reference(reference("email-1"));
        stripe.email().unwrap().send(email).await.unwrap();

        let to = PhoneNumber::parse("+15551234567").unwrap();
        let text = TextMessage::new(to, MessageContent::text("Hello"));
        let text = text.with_reference(reference("text-1"));
        stripe.messaging().unwrap().send(text).await.unwrap();
        self.sandbox
            .twilio()
            .state()
            .write_in("+15551234567", "Stop")
            .unwrap();
        self.sandbox.webhooks_settled().await;
    }

    fn seen(&self) -> Vec<WebhookEvent> {
        self.seen.lock().unwrap().clone()
    }

    async fn again(&self, kept: &Kept) -> u16 {
        let (endpoint, request) = kept.clone();
        let request = request.map(Full::new);
        self.receiver
            .receive(&endpoint, request)
            .await
            .status()
            .as_u16()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_is_reported_once_in_neutral_words() {
    let app = app().await;
    app.work().await;
    let seen = app.seen();
    let count = |what: &dyn Fn(&Event) -> bool| seen.iter().filter(|one| what(&one.event)).count();
    for order in ["order-1", "order-2"] {
        let captured = |event: &Event| {
            matches!(event, Event::Payment(payment) if payment.change == PaymentChange::Captured
                && payment.reference.as_deref() == Some(order)
                && payment.amount.is_some_and(|amount| amount.to_string() == "12.34 EUR"))
        };
        assert!(count(&captured) > 0, "{order}: {seen:#?}");
    }
    let delivered = |event: &Event| {
        matches!(event, Event::Email(email) if email.change == EmailChange::Delivered
            && email.reference.as_ref().is_some_and(|reference| reference.as_str() == "email-1"))
    };
    assert_eq!(count(&delivered), 1);
    let delivered = |event: &Event| {
        matches!(event, Event::Message(text) if text.status == MessageStatus::Delivered
            && text.reference.as_ref().is_some_and(|reference| reference.as_str() == "text-1"))
    };
    assert_eq!(count(&delivered), 1);
    let stop = |event: &Event| matches!(event, Event::InboundMessage(text) if text.keyword == Some(OptKeyword::Stop));
    assert_eq!(count(&stop), 1);
    assert!(
        seen.iter()
            .all(|event| !event.late && event.live != Some(true))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn paypal_confirms_its_own_deliveries() {
    let app = app_of(|text| {
        let (before, rest) = text.split_once("root_certificates").unwrap();
        let (_, after) = rest.split_once("\n\n").unwrap();
        let online = "verification = \"online\"\nclient_id = \"env:PAYPAL_CLIENT_ID\"\n\
                      client_secret = \"env:PAYPAL_CLIENT_SECRET\"\n\n";
        [before, online, after].concat()
    })
    .await;
    app.work().await;
    let mut events = app.seen();
    events.retain(|event| event.vendor == "paypal");
    assert!(events.len() >= 3, "{events:#?}");
    let asked = |app: &App| {
        let requests = app.sandbox.requests();
        let path = "/v1/notifications/verify-webhook-signature";
        requests
            .iter()
            .filter(|request| request.path == path)
            .count()
    };
    assert_eq!(asked(&app), events.len(), "once for each delivery");
    let stolen = app.stolen.lock().unwrap().clone();
    for mut kept in stolen.into_iter().filter(|(name, _)| name == "paypal") {
        let body = String::from_utf8(kept.1.body().to_vec()).unwrap();
        *kept.1.body_mut() = body.replace("12.34", "99.34").into();
        let tampered = kept.1.body() != body.as_bytes();
        let status = app.again(&kept).await;
        assert_eq!(status, if tampered { 400 } else { 200 });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stolen_deliveries_are_worth_nothing() {
    let app = app().await;
    app.work().await;
    let (stolen, before) = (app.stolen.lock().unwrap().clone(), app.seen().len());
    let endpoints: std::collections::BTreeSet<_> =
        stolen.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(endpoints, ["paypal", "sendgrid", "stripe", "twilio"].into());
    for kept in &stolen {
        assert_eq!(app.again(kept).await, 200, "known: {}", kept.0);
        let mut tampered = kept.clone();
        let mut body = tampered.1.body().to_vec();
        let digit = body.iter_mut().rfind(|byte| byte.is_ascii_digit()).unwrap();
        *digit = if *digit == b'9' { b'8' } else { *digit + 1 };
        *tampered.1.body_mut() = body.into();
        assert_eq!(app.again(&tampered).await, 400, "{}", kept.0);
        // Another endpoint has another secret.
        for other in endpoints.iter().filter(|other| **other != kept.0) {
            let moved = ((*other).to_owned(), kept.1.clone());
            let status = app.again(&moved).await;
            assert!(
                matches!(status, 400 | 415),
                "{} at {other}: {status}",
                kept.0
            );
        }
    }
    // One second past each vendor's window. Twilio signs no time, so only the memory of events detects the replay.
    for (endpoint, hours, seconds) in [("stripe", 0, 301), ("sendgrid", 25, 1), ("paypal", 73, 1)] {
        let past = Duration::from_hours(hours) + Duration::from_secs(seconds);
        let left = past.saturating_sub(app.clock.passed());
        app.clock.advance(left + Duration::from_secs(60));
        for kept in stolen.iter().filter(|(name, _)| name == endpoint) {
            assert_eq!(app.again(kept).await, 400, "{endpoint}");
        }
    }
    for kept in stolen.iter().filter(|(name, _)| name == "twilio") {
        assert_eq!(app.again(kept).await, 200);
    }
    assert_eq!(app.seen().len(), before, "the handler saw nothing again");
}
