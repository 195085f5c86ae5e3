//! Creating a payment through adapter-stripe, compared with a raw pooled hyper client that sends the same bytes.

mod alone;
mod sample;

use std::time::Duration;

use anyvendor_adapter_stripe::{Stripe, StripeConfig};
use anyvendor_bench_support::{
    machine,
    server::{ok, record_one, serve_all},
    stats::{Subject, print, setting, turns},
    versions,
};
use anyvendor_core::{payment::PaymentProvider, values::Secret};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Request, header::HOST};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use sample::{HEADERS, INTENT, payment};

/// Few, so that a slow moment of the machine hits all subjects of a round.
const CALLS: usize = 20;

fn stripe(address: std::net::SocketAddr) -> Stripe {
    let config = StripeConfig::new(Secret::new("sk_test_0123456789abcdef"))
        .with_local_base_url(format!("http://{address}"));
    Stripe::new(config).expect("good settings")
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let rounds = setting("ROUNDS", 2_000);
    let response = ok(&HEADERS, INTENT);
    let (address, recorded) = record_one(response.clone());
    let outcome = stripe(address).create(payment()).await.expect("a payment");
    assert!(outcome.payment().is_some());
    let sent = recorded.join().expect("a request");

    let address = serve_all(response);
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
    // reqwest is built without a default TLS provider here, as anyvendor builds it.
    rustls::crypto::ring::default_provider()
        .install_default()
        .expect("no provider yet");
    let reqwest = reqwest::Client::builder().no_proxy().build().expect("TLS");
    let url: reqwest::Url = raw.request.uri().to_string().parse().expect("a URL");
    let send_by_reqwest = || async {
        let headers = raw.request.headers().clone();
        let sent = reqwest.post(url.clone()).headers(headers);
        let response = sent.body(raw.body.clone()).send().await;
        read(&response.expect("a response").bytes().await.expect("a body"));
    };

    let (address, recorded) = record_one(ok(&HEADERS, INTENT));
    Raw::replaying(&sent, address).send().await;
    assert_same(&sent, &recorded.join().expect("a request"));

    let mut subjects = [
        Subject::new("raw hyper-util, same bytes"),
        Subject::new("raw hyper-util, same bytes, response read as JSON"),
        Subject::new("raw reqwest, same bytes, response read as JSON"),
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
        "POST of {} bytes, response of {} bytes, {rounds} interleaved rounds of {CALLS} calls:\n",
        sent.len(),
        INTENT.len()
    );
    print(&subjects);
    println!("\nThe adapter without a socket (a transport that responds immediately):\n");
    alone::run(rounds).await;
}

fn read(response: &[u8]) {
    let value = serde_json::from_slice::<serde_json::Value>(response);
    assert_eq!(value.expect("JSON")["amount"], 2_020);
}

/// A pooled client without anything around it.
struct Raw {
    client: Client<hyper_util::client::legacy::connect::HttpConnector, Full<Bytes>>,
    request: Request<()>,
    body: Bytes,
}

impl Raw {
    /// Sends the recorded request to `address`.
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
        let response = self.client.request(request).await.expect("a response");
        response
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
