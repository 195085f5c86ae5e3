//! What errors say about delivery: about the write of the call, never about a look-up before it.

use std::{sync::Arc, time::Duration};

use anyvendor_adapter_paypal::{Environment, PayPal, PayPalConfig, Reauthorize};
use anyvendor_core::{
    Delivery, Error, Kind,
    payment::{CancelPayment, CapturePayment, ConfirmPayment, PaymentProvider, RefundPayment},
    resilience::{CallOptions, Policy},
    values::{IdempotencyKey, Secret, VendorId},
};
use anyvendor_http::ManualClock;
use anyvendor_testkit::{RecordingTransport, manual_clock};
use http::Method;
use serde_json::{Value, json};

use crate::{amount, documented_token, order, paying, usd};

/// The state that every call begins with: an authorization, and for refunds a capture.
fn state(path: &str) -> Value {
    let related = json!({"related_ids": {"order_id": "5O190127TN364715T"}});
    let authorization = json!({"id": "A1", "status": "CREATED", "amount": amount("100.00"),
        "supplementary_data": related.clone()});
    let capture = json!({"id": "C1", "status": "COMPLETED", "amount": amount("100.00"),
        "supplementary_data": related});
    match path {
        "/v2/payments/authorizations/A1" => authorization,
        "/v2/payments/captures/C1" => capture,
        "/v2/checkout/orders/5O190127TN364715T" => {
            order("COMPLETED", json!({"authorizations": [authorization]}))
        }
        "/v2/checkout/orders/APPROVED1" => {
            let mut order = order("APPROVED", json!({}));
            order["id"] = json!("APPROVED1");
            order
        }
        _ => order("COMPLETED", json!({"captures": [capture]})),
    }
}

/// A vendor that responds with `failure` to the request of this number and to its repeats, and with the state to others.
fn failing(number: usize, failure: (u16, Value)) -> (PayPal, Arc<RecordingTransport>) {
    let steps = std::sync::Mutex::new((0, String::new()));
    let transport = RecordingTransport::responding(move |sent| {
        let path = sent.url.path().to_owned();
        if path == "/v1/oauth2/token" {
            return (200, documented_token());
        }
        let mut steps = steps.lock().unwrap();
        if steps.1 != path {
            *steps = (steps.0 + 1, path.clone());
        }
        if steps.0 == number {
            return (failure.0, failure.1.to_string());
        }
        (200, state(&path).to_string())
    });
    (connect(transport.clone(), manual_clock()), transport)
}

fn connect(transport: Arc<RecordingTransport>, clock: Arc<ManualClock>) -> PayPal {
    let (id, secret) = (Secret::new("id"), Secret::new("secret"));
    let short = Policy::default().with_delays(Duration::from_millis(1), Duration::from_millis(1));
    let config = PayPalConfig::new(id, secret, Environment::Sandbox).with_resilience(short);
    let builder = PayPal::builder(config).transport(transport).clock(clock);
    builder.build().unwrap()
}

fn id(text: &str) -> VendorId {
    VendorId::new("paypal", text).unwrap()
}

fn key() -> IdempotencyKey {
    IdempotencyKey::new("order-1").unwrap()
}

#[tokio::test]
async fn f06_a_failed_look_up_before_a_write_leaves_the_write_unsent() {
    let issue =
        |issue: &str| json!({"name": "UNPROCESSABLE_ENTITY", "details": [{"issue": issue}]});
    let failures = [
        (500, json!({"name": "INTERNAL_SERVER_ERROR"})),
        (502, json!("<html>")),
        (200, json!("<html>")),
        (200, json!({"id": 7})),
        (404, json!({"name": "RESOURCE_NOT_FOUND"})),
        (403, json!({"name": "NOT_AUTHORIZED"})),
        (422, issue("PENDING_CAPTURE")),
        (422, issue("DUPLICATE_INVOICE_ID")),
        (409, issue("PREVIOUS_REQUEST_IN_PROGRESS")),
    ];
    let mut unsent = 0;
    for failure in failures {
        for number in 1..=3 {
            // A connection of its own for each call, so that no breaker opens and the numbers are the call's.
            for call in 0..6 {
                let (paypal, transport) = failing(number, failure.clone());
                let (name, error) = only(&paypal, call).await;
                let Some(error) = error else { continue };
                let wrote = transport.sent().iter().any(|sent| {
                    sent.method == Method::POST && sent.url.path() != "/v1/oauth2/token"
                });
                let shown = format!("{name}, request {number}, {failure:?}: {error:?}");
                assert_eq!(error.delivery() == Delivery::NotSent, !wrote, "{shown}");
                unsent += usize::from(!wrote);
            }
        }
    }
    assert!(unsent > 40, "{unsent} calls failed before their write");
}

/// One of the calls that move money, by the id that needs the most look-ups.
async fn only(paypal: &PayPal, call: usize) -> (&'static str, Option<Error>) {
    let authorization = || id("authorization/A1");
    match call {
        0 => ("create", paypal.create(paying()).await.err()),
        1 => {
            let request = ConfirmPayment::new(id("APPROVED1"), key());
            ("confirm", paypal.confirm(request).await.err())
        }
        2 => {
            let request = CapturePayment::new(authorization(), key());
            ("capture", paypal.capture(request).await.err())
        }
        3 => {
            let request = CancelPayment::new(authorization(), key());
            ("cancel", paypal.cancel(request).await.err())
        }
        4 => {
            let request = RefundPayment::new(id("capture/C1"), key());
            ("refund", paypal.refund(request).await.err())
        }
        _ => {
            let request = Reauthorize::new(authorization(), key());
            ("reauthorize", paypal.reauthorize(request).await.err())
        }
    }
}

#[tokio::test]
async fn f02_what_the_vendor_refused_was_asked_for() {
    let refusal = json!({"name": "UNPROCESSABLE_ENTITY", "details": [{"issue": "AUTHORIZATION_ALREADY_CAPTURED"}]});
    for (call, number) in [(2, 3), (3, 3)] {
        let (paypal, _) = failing(number, (422, refusal.clone()));
        let (name, error) = only(&paypal, call).await;
        let error = error.unwrap();
        assert_eq!(
            (error.kind(), error.delivery()),
            (&Kind::Conflict, Delivery::Refused),
            "{name}: {error}"
        );
        assert_eq!(error.object_id(), Some("paypal:5O190127TN364715T"));
        assert_eq!(error.vendor(), Some("paypal"));
    }
}

#[tokio::test]
async fn f16_the_timeout_covers_all_requests_of_a_call() {
    let clock = manual_clock();
    let slow = clock.clone();
    let transport = RecordingTransport::responding(move |sent| {
        if sent.url.path() == "/v1/oauth2/token" {
            return (200, documented_token());
        }
        slow.advance(Duration::from_millis(900));
        (200, state(sent.url.path()).to_string())
    });
    let paypal = connect(transport.clone(), clock);
    let options = CallOptions::default().with_timeout(Duration::from_secs(1));
    let request = CapturePayment::new(id("authorization/A1"), key())
        .with_amount(usd("1.00"))
        .with_options(options);
    let error = paypal.capture(request).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent, "{error}");
    let writes = transport.count_to("/v2/payments/authorizations/A1/capture");
    assert_eq!(writes, 0, "{error}");
}
