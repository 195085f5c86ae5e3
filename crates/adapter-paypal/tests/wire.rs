//! How the adapter reads PayPal's responses, documented and malformed ones. The vendor here is a list of responses.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

#[path = "wire/deliveries.rs"]
mod deliveries;
#[path = "wire/lists.rs"]
mod lists;
#[path = "wire/pages.rs"]
mod pages;

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use anyvendor_adapter_paypal::{Environment, PayPal, PayPalConfig};
use anyvendor_core::{
    Delivery, Error, Kind,
    error::ProtocolReason,
    payment::{
        CapturePayment, CreatePayment, DeclineCode, GetPayment, NextAction, Payment,
        PaymentOutcome, PaymentProvider, PaymentStatus,
    },
    resilience::Policy,
    values::{Currency, IdempotencyKey, Money, Secret, VendorId},
};
use anyvendor_testkit::{RecordingTransport, Sent};
use serde_json::{Value, json};

fn documented_token() -> String {
    let token = json!({"scope": "https://uri.paypal.com/services/payments/payment", "access_token": "A21AA",
        "token_type": "Bearer", "app_id": "APP-80W284485P519543T", "expires_in": 31668, "nonce": "n"});
    token.to_string()
}

/// A vendor that gives tokens, and otherwise these responses in order.
fn vendor(responses: impl IntoIterator<Item = (u16, Value)>) -> (PayPal, Arc<RecordingTransport>) {
    let responses = responses.into_iter().map(|(status, body)| match body {
        Value::String(text) => (status, text),
        body => (status, body.to_string()),
    });
    let responses: Mutex<VecDeque<_>> = Mutex::new(responses.collect());
    let transport = RecordingTransport::responding(move |sent| match sent.url.path() {
        "/v1/oauth2/token" => (200, documented_token()),
        _ => responses.lock().unwrap().pop_front().unwrap(),
    });
    let (id, secret) = (Secret::new("id"), Secret::new("secret"));
    let short = Policy::default().with_delays(Duration::from_millis(1), Duration::from_millis(1));
    let config = PayPalConfig::new(id, secret, Environment::Sandbox).with_resilience(short);
    let builder = PayPal::builder(config).transport(transport.clone());
    (builder.build().unwrap(), transport)
}

fn usd(decimal: &str) -> Money {
    Money::parse_decimal(decimal, Currency::from_code("USD").unwrap()).unwrap()
}

fn paying() -> CreatePayment {
    let source = VendorId::new("paypal", "card/8kk8451t").unwrap();
    let key = IdempotencyKey::new("order-1").unwrap();
    CreatePayment::new(usd("100.00"), key).with_source(source)
}

fn amount(value: &str) -> Value {
    json!({"currency_code": "USD", "value": value})
}

fn order(status: &str, payments: Value) -> Value {
    json!({"id": "5O190127TN364715T", "intent": "CAPTURE", "status": status,
        "purchase_units": [{"reference_id": "default", "amount": amount("100.00"), "payments": payments}]})
}

async fn created(response: Value) -> Result<PaymentOutcome, Error> {
    vendor([(201, response)]).0.create(paying()).await
}

async fn seen(response: Value) -> Payment {
    let id = VendorId::new("paypal", "5O190127TN364715T").unwrap();
    let (paypal, _) = vendor([(200, response)]);
    paypal.get(GetPayment::new(id)).await.unwrap()
}

#[tokio::test]
async fn a_completed_order_with_a_declined_capture_is_declined() {
    // As documented under "Card decline errors".
    let response = json!({"id": "3M049991JF5624929", "status": "COMPLETED",
        "payment_source": {"card": {"last_digits": "6889", "brand": "VISA", "type": "CREDIT"}},
        "purchase_units": [{"reference_id": "default", "amount": amount("100.00"), "payments": {"captures": [{
            "id": "2FB04508RA686960W", "status": "DECLINED", "amount": amount("100.00"),
            "processor_response": {"avs_code": "G", "cvv_code": "P", "response_code": "5400"}}]}}]});
    let outcome = created(response).await.unwrap();
    let PaymentOutcome::Declined(decline, Some(payment)) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(
        (decline.code, decline.vendor_code.as_deref()),
        (DeclineCode::Expired, Some("5400"))
    );
    assert!(payment.captured.is_zero());
}

#[tokio::test]
async fn another_amount_is_never_a_success() {
    let other = || {
        let mut order = order(
            "COMPLETED",
            json!({"captures": [
            {"id": "C1", "status": "COMPLETED", "amount": amount("10.00")}]}),
        );
        order["purchase_units"][0]["amount"] = amount("10.00");
        order
    };
    let error = created(other()).await.unwrap_err();
    assert_eq!(error.kind(), &Kind::Protocol(ProtocolReason::Mismatch));
    // 200: the request id brought back what it made before.
    let (paypal, _) = vendor([(200, other())]);
    let error = paypal.create(paying()).await.unwrap_err();
    assert_eq!(error.kind(), &Kind::IdempotencyMismatch);
}

#[tokio::test]
async fn a_malformed_response_was_accepted_and_is_not_sent_again() {
    for body in [
        json!("<html>"),
        json!({"id": 7}),
        json!({"id": "5O1", "status": "COMPLETED"}),
    ] {
        let (paypal, transport) = vendor([(201, body.clone())]);
        let error = paypal.create(paying()).await.unwrap_err();
        assert!(matches!(error.kind(), Kind::Protocol(_)), "{body}: {error}");
        assert_eq!(error.delivery(), Delivery::Accepted);
        let sent = transport.sent();
        let to_orders = |sent: &&Sent| sent.url.path() == "/v2/checkout/orders";
        assert_eq!(sent.iter().filter(to_orders).count(), 1);
    }
}

#[tokio::test]
async fn a_server_error_is_never_final() {
    let refusal =
        json!({"name": "INTERNAL_SERVER_ERROR", "details": [{"issue": "INSTRUMENT_DECLINED"}]});
    let (paypal, _) = vendor((0..3).map(|_| (500, refusal.clone())));
    let error = paypal.create(paying()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.delivery()),
        (&Kind::Unavailable, Delivery::Unknown)
    );
}

#[tokio::test]
async fn statuses_are_mapped() {
    let none = || json!({});
    let page = "https://www.paypal.com/checkoutnow?token=5O190127TN364715T";
    let mut waits = order("PAYER_ACTION_REQUIRED", none());
    waits["links"] = json!([{"href": page, "rel": "payer-action", "method": "GET"}]);
    let status = seen(waits.clone()).await.status;
    let PaymentStatus::RequiresAction(NextAction::HostedPage(url)) = status else {
        panic!("{status:?}");
    };
    assert_eq!(url.expose(), page);
    // The bank of a card.
    waits["payment_source"] = json!({"card": {"last_digits": "6889"}});
    let status = seen(waits).await.status;
    assert!(
        matches!(
            status,
            PaymentStatus::RequiresAction(NextAction::Redirect(_))
        ),
        "{status:?}"
    );
    // Some schemes contact the payer themselves, so a missing link is not an error.
    let silent = seen(order("PAYER_ACTION_REQUIRED", none())).await.status;
    assert!(matches!(
        silent,
        PaymentStatus::RequiresAction(NextAction::Other(_))
    ));
    for (word, status) in [
        ("CREATED", PaymentStatus::RequiresSource),
        ("APPROVED", PaymentStatus::RequiresConfirmation),
        ("VOIDED", PaymentStatus::Cancelled),
        ("NEW_WORD", PaymentStatus::Other("NEW_WORD".to_owned())),
    ] {
        assert_eq!(seen(order(word, none())).await.status, status, "{word}");
    }
    let booked = |kind: &str, word: &str| {
        order(
            "COMPLETED",
            json!({kind: [{"id": "X1", "status": word, "amount": amount("100.00")}]}),
        )
    };
    for (kind, word, status) in [
        ("captures", "COMPLETED", PaymentStatus::Captured),
        ("captures", "PENDING", PaymentStatus::Processing),
        ("captures", "REFUNDED", PaymentStatus::Captured),
        ("captures", "PARTIALLY_REFUNDED", PaymentStatus::Captured),
        ("authorizations", "CREATED", PaymentStatus::Authorized),
        ("authorizations", "PENDING", PaymentStatus::Processing),
        ("authorizations", "VOIDED", PaymentStatus::Cancelled),
        (
            "authorizations",
            "ODD",
            PaymentStatus::Other("ODD".to_owned()),
        ),
    ] {
        let payment = seen(booked(kind, word)).await;
        assert_eq!(payment.status, status, "{kind} {word}");
    }
}

#[tokio::test]
async fn the_open_authorization_counts_after_a_reauthorization() {
    let authorizations = json!({"authorizations": [
        {"id": "A1", "status": "VOIDED", "amount": amount("100.00"), "expiration_time": "2020-01-01T00:00:00Z"},
        {"id": "A2", "status": "CREATED", "amount": amount("100.00")}]});
    let payment = seen(order("COMPLETED", authorizations)).await;
    assert_eq!(
        (payment.status, payment.capturable),
        (PaymentStatus::Authorized, usd("100.00"))
    );
    let pending =
        json!({"authorizations": [{"id": "A1", "status": "PENDING", "amount": amount("100.00")}]});
    assert!(seen(order("COMPLETED", pending)).await.capturable.is_zero());
}

#[tokio::test]
async fn a_declined_capture_takes_nothing_from_the_reservation() {
    let reserved =
        json!({"authorizations": [{"id": "A1", "status": "CREATED", "amount": amount("100.00")}]});
    let declined = json!({"id": "C1", "status": "DECLINED", "amount": amount("100.00"),
        "processor_response": {"response_code": "5120"}});
    let (paypal, _) = vendor([(200, order("COMPLETED", reserved)), (201, declined)]);
    let id = VendorId::new("paypal", "5O190127TN364715T").unwrap();
    let request = CapturePayment::new(id, IdempotencyKey::new("c-1").unwrap());
    let outcome = paypal.capture(request).await.unwrap();
    let PaymentOutcome::Declined(decline, Some(payment)) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(decline.code, DeclineCode::InsufficientFunds);
    assert_eq!(
        (payment.captured, payment.capturable),
        (usd("0.00"), usd("100.00"))
    );
}
