//! A vendor on the loopback that notes every request and answers as a test tells it.
#![allow(dead_code, reason = "each test file uses a part")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use anyvendor_adapter_stripe::{Stripe, StripeConfig};
use anyvendor_core::{
    payment::CreatePayment,
    values::{Currency, IdempotencyKey, Money, Secret, VendorId},
};
use anyvendor_http::ManualClock;
use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::Request,
    response::Response,
};
use http::HeaderMap;
use serde_json::{Value, json};

/// One request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn key(&self) -> &str {
        self.header("idempotency-key").unwrap()
    }
}

/// One answer.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(&'static str, &'static str)>,
    body: Bytes,
}

impl Reply {
    pub(crate) fn new(status: u16, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.into(),
        }
    }

    pub(crate) fn ok(body: &Value) -> Self {
        Self::new(200, body.to_string())
    }

    /// A refusal without more.
    pub(crate) fn error(status: u16, kind: &str, code: &str) -> Self {
        let body = json!({"error": {"type": kind, "code": code, "message": "m"}});
        Self::new(status, body.to_string())
    }

    /// A documented body: the status is in its name.
    pub(crate) fn fixture(name: &str) -> Self {
        Self::new(name[..3].parse().unwrap(), read_fixture(name))
    }

    pub(crate) fn with(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.push((name, value));
        self
    }
}

pub(crate) fn read_fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(path).unwrap()
}

/// The documented PaymentIntent with some fields changed.
pub(crate) fn intent(changes: &Value) -> Value {
    changed("200_payment_intent", changes)
}

/// A documented body with some fields changed.
pub(crate) fn changed(name: &str, changes: &Value) -> Value {
    let mut body: Value = serde_json::from_slice(&read_fixture(name)).unwrap();
    for (field, value) in changes.as_object().unwrap() {
        body[field] = value.clone();
    }
    body
}

/// The vendor.
pub(crate) struct Vendor {
    url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Vendor {
    /// Answers in order; whatever comes after that is not found.
    pub(crate) async fn answering(replies: impl IntoIterator<Item = Reply>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let replies: VecDeque<_> = replies.into_iter().collect();
        let state = (Arc::clone(&seen), Arc::new(Mutex::new(replies)));
        let app = Router::new().fallback(move |request: Request| {
            let (seen, replies) = state.clone();
            async move {
                let (head, body) = request.into_parts();
                let body = to_bytes(body, usize::MAX).await.unwrap();
                seen.lock().unwrap().push(Seen {
                    method: head.method.to_string(),
                    path: head.uri.path().to_owned(),
                    query: head.uri.query().unwrap_or_default().to_owned(),
                    headers: head.headers,
                    body: String::from_utf8(body.to_vec()).unwrap(),
                });
                let reply = replies.lock().unwrap().pop_front();
                let reply = reply.unwrap_or_else(|| Reply::new(404, "nothing more to say"));
                let mut response = Response::builder()
                    .status(reply.status)
                    .header("request-id", "req_1");
                for (name, value) in reply.headers {
                    response = response.header(name, value);
                }
                response.body(Body::from(reply.body)).unwrap()
            }
        });
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, seen }
    }

    pub(crate) fn config(&self) -> StripeConfig {
        StripeConfig::new(Secret::new("sk_test_key")).with_local_base_url(&self.url)
    }

    pub(crate) fn provider(&self) -> Stripe {
        build(self.config())
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The one request that came.
    pub(crate) fn only(&self) -> Seen {
        let mut seen = self.seen();
        assert_eq!(seen.len(), 1, "{seen:?}");
        seen.remove(0)
    }
}

/// A connection whose clock never waits.
pub(crate) fn build(config: StripeConfig) -> Stripe {
    let clock = ManualClock::at("2026-01-01T00:00:00Z".parse().unwrap());
    Stripe::builder(config)
        .clock(Arc::new(clock))
        .build()
        .unwrap()
}

pub(crate) fn id(id: &str) -> VendorId {
    VendorId::new("stripe", id).unwrap()
}

pub(crate) fn key(key: &str) -> IdempotencyKey {
    IdempotencyKey::new(key).unwrap()
}

pub(crate) fn money(decimal: &str, code: &str) -> Money {
    Money::parse_decimal(decimal, Currency::from_code(code).unwrap()).unwrap()
}

/// 20.20 GBP, as the documented bodies have it.
pub(crate) fn pounds() -> Money {
    money("20.20", "GBP")
}

/// A payment of 20.20 GBP by a card.
pub(crate) fn payment() -> CreatePayment {
    CreatePayment::new(pounds(), key("order-1")).with_source(id("pm_1"))
}
