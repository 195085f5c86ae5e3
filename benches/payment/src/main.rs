//! Creating a payment through adapter-stripe, beside a raw pooled hyper client that sends the same bytes.

mod alone;

use std::time::Duration;

use anyvendor_adapter_stripe::{Stripe, StripeConfig};
use anyvendor_bench_support::{
    machine,
    server::{answer_all, ok, record_one},
    stats::{Subject, print, setting, turns},
    versions,
};
use anyvendor_core::{
    payment::{CreatePayment, PaymentProvider},
    values::{Currency, IdempotencyKey, Money, Secret, VendorId},
};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Request, header::HOST};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};

/// Few, so that a slow moment of the machine hits all subjects of a round.
const CALLS: usize = 20;
/// As Stripe answers; also a fixture of the adapter's tests.
pub(crate) const INTENT: &[u8] =
    include_bytes!("../../../crates/adapter-stripe/tests/fixtures/200_payment_intent.json");
pub(crate) const HEADERS: [(&str, &str); 4] = [
    ("content-type", "application/json"),
    ("request-id", "req_0123456789abcd"),
    ("idempotency-key", "order-1"),
    ("stripe-version", "2025-01-27.acacia"),
];

fn stripe(address: std::net::SocketAddr) -> Stripe {
    let config = StripeConfig::new(Secret::new("sk_test_0123456789abcdef"))
        .with_local_base_url(format!("http://{address}"));
    Stripe::new(config).expect("good settings")
}

pub(crate) fn payment() -> CreatePayment {
    let gbp = Currency::from_code("GBP").expect("a currency");
    let amount = Money::from_minor(2_020, gbp).expect("an amount");
    let key = IdempotencyKey::new("order-1").expect("a key");
    let id = |id| VendorId::new("stripe", id).expect("an id");
    CreatePayment::new(amount, key)
        .with_reference("order-1")
        .with_customer(id("cus_1"))
        .with_source(id("pm_1"))
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let rounds = setting("ROUNDS", 2_000);
    let answer = ok(&HEADERS, INTENT);
    let (address, recorded) = record_one(answer.clone());
    let outcome = stripe(address).create(payment()).await.expect("a payment");
    assert!(outcome.payment().is_some());
    let sent = recorded.join().expect("a request");

    let address = answer_all(answer);
    let stripe = stripe(address);
    let create = || async {
        stripe.create(payment()).await.expect("a payment");
    };
    let raw = Raw::replaying(&sent, address);
    let send = || async {
        assert_eq!(raw.send().await, INTENT);
    };
    let send_and_read = || async {
        read(&raw.send().await);
    };
    // reqwest is built without a default of its own here, as anyvendor builds it.
    rustls::crypto::ring::default_provider()
        .install_default()
        .expect("no provider yet");
    let reqwest = reqwest::Client::builder().no_proxy().build().expect("TLS");
    let url: reqwest::Url = raw.request.uri().to_string().parse().expect("a URL");
    let send_by_reqwest = || async {
        let headers = raw.request.headers().clone();
        let sent = reqwest.post(url.clone()).headers(headers);
        let answer = sent.body(raw.body.clone()).send().await;
        read(&answer.expect("an answer").bytes().await.expect("a body"));
    };

    let (address, recorded) = record_one(ok(&HEADERS, INTENT));
    Raw::replaying(&sent, address).send().await;
    assert_same(&sent, &recorded.join().expect("a request"));

    let mut subjects = [
        Subject::new("raw hyper-util, same bytes"),
        Subject::new("raw hyper-util, same bytes, answer read as JSON"),
        Subject::new("raw reqwest, same bytes, answer read as JSON"),
        Subject::new("anyvendor adapter-stripe"),
    ];
    for turn in turns(rounds, subjects.len()) {
        if turn.warmed_up {
            subjects.iter_mut().for_each(Subject::warmed_up);
        }
        let subject = &mut subjects[turn.subject];
        match turn.subject {
            0 => subject.round(CALLS, send).await,
            1 => subject.round(CALLS, send_and_read).await,
            2 => subject.round(CALLS, send_by_reqwest).await,
            _ => subject.round(CALLS, create).await,
        }
    }
    println!("{}", machine());
    println!(
        "{}\n",
        versions(&["hyper", "hyper-util", "reqwest", "tokio"])
    );
    println!(
        "POST of {} bytes, answer of {} bytes, {rounds} interleaved rounds of {CALLS} calls:\n",
        sent.len(),
        INTENT.len()
    );
    print(&subjects);
    println!("\nThe adapter without a socket (a transport that answers at once):\n");
    alone::run(rounds).await;
}

fn read(answer: &[u8]) {
    let value = serde_json::from_slice::<serde_json::Value>(answer);
    assert_eq!(value.expect("JSON")["amount"], 2_020);
}

/// A pooled client without anything around it.
struct Raw {
    client: Client<hyper_util::client::legacy::connect::HttpConnector, Full<Bytes>>,
    request: Request<()>,
    body: Bytes,
}

impl Raw {
    /// Sends to `address` what was sent before.
    fn replaying(sent: &[u8], address: std::net::SocketAddr) -> Self {
        let (head, body) = split(sent);
        let mut lines = head.lines();
        let path = lines.next().and_then(|line| line.split(' ').nth(1));
        let path = path.expect("a path");
        let mut request = Request::post(format!("http://{address}{path}"));
        for line in lines {
            let (name, value) = line.split_once(": ").expect("a header");
            if !name.eq_ignore_ascii_case(HOST.as_str()) {
                request = request.header(name, value);
            }
        }
        let mut connector = hyper_util::client::legacy::connect::HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(Duration::from_secs(3)));
        Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
            request: request.body(()).expect("a request"),
            body: Bytes::copy_from_slice(body),
        }
    }

    async fn send(&self) -> Bytes {
        let mut request = Request::new(Full::new(self.body.clone()));
        *request.method_mut() = self.request.method().clone();
        *request.uri_mut() = self.request.uri().clone();
        *request.headers_mut() = self.request.headers().clone();
        let answer = self.client.request(request).await.expect("an answer");
        answer
            .into_body()
            .collect()
            .await
            .expect("a body")
            .to_bytes()
    }
}

fn split(sent: &[u8]) -> (&str, &[u8]) {
    let end = sent.windows(4).position(|four| four == b"\r\n\r\n");
    let end = end.expect("a head");
    (
        str::from_utf8(&sent[..end]).expect("text"),
        &sent[end + 4..],
    )
}

/// The same path, headers (in any order, but for the host's port) and body.
fn assert_same(one: &[u8], other: &[u8]) {
    let parts = |sent| {
        let (head, body): (&str, &[u8]) = split(sent);
        let mut lines: Vec<_> = head
            .lines()
            .map(|line| line.to_ascii_lowercase())
            .filter(|line| !line.starts_with("host: "))
            .collect();
        lines.sort();
        (lines, body.to_vec())
    };
    assert_eq!(parts(one), parts(other));
}
