//! Unit tests: a small client, written from the documentation of AWS, calls the handler of the emulator.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use jiff::Timestamp;

use super::server::{S3Options, S3OptionsError, S3Server};
use signer::{Payload, Signer};

mod auth;
mod buckets;
mod conditions;
mod copying;
mod keys;
mod listing;
mod multipart;
mod objects;
mod parts;
mod payloads;
mod signer;
mod socket;

/// The time at which the emulator's clock starts, in Unix seconds.
const START: i64 = 1_800_000_000;
const MIB: usize = 1024 * 1024;

/// An emulator with the buckets `box` and `other`, and a clock that only tests move.
struct Fixture {
    emulator: S3Server,
    clock: Arc<AtomicI64>,
}

fn http_date(second: i64) -> String {
    Timestamp::from_second(second)
        .unwrap()
        .strftime("%a, %d %b %Y %H:%M:%S GMT")
        .to_string()
}

fn options() -> S3Options {
    S3Options {
        access_key: "AK".into(),
        secret_key: "SK".into(),
        region: "eu-west-1".into(),
        buckets: vec!["box".into(), "other".into()],
        base_domain: Some("s3.localhost".into()),
        seed: 7,
    }
}

impl Fixture {
    fn new() -> Self {
        let clock = Arc::new(AtomicI64::new(START));
        let shared = Arc::clone(&clock);
        let time = move || Timestamp::from_second(shared.load(Ordering::SeqCst)).unwrap();
        Self {
            emulator: S3Server::with_clock(options(), Arc::new(time)).unwrap(),
            clock,
        }
    }

    fn step(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::SeqCst);
    }

    /// Sends a call that is signed in its headers.
    async fn send(&self, call: Call) -> Reply {
        let headers = Signer::default().headers(&call);
        self.deliver(call, headers).await
    }

    /// Sends a call with exactly these headers.
    async fn deliver(&self, call: Call, headers: Vec<(String, String)>) -> Reply {
        let mut request = Request::builder().method(call.method).uri(&call.target);
        for (name, value) in &headers {
            request = request.header(name, value.as_bytes());
        }
        let body = Full::from(call.body)
            .map_err(|never| match never {})
            .boxed_unsync();
        let (parts, body) = self
            .emulator
            .handle(request.body(body).unwrap())
            .await
            .into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        assert!(
            parts.headers.contains_key("x-amz-request-id")
                && parts.headers.contains_key("x-amz-id-2")
        );
        assert!(!parts.headers.contains_key("x-anyvendor-error-detail"));
        Reply {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    async fn put(&self, key: &str, body: impl Into<Vec<u8>>) -> Reply {
        let reply = self.send(put(&format!("/box/{key}")).body(body)).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply
    }

    /// Sends a call and expects an error with this status and code.
    async fn expect_error(&self, call: Call, status: u16, code: &str) -> Reply {
        let what = format!("{} {}", call.method, call.target);
        let reply = self.send(call).await;
        reply.expect(&what, status, code);
        reply
    }
}

/// A request that will be signed. The test encodes its target.
#[derive(Clone, Debug)]
struct Call {
    method: Method,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    payload: Payload,
}

fn call(method: Method, target: &str) -> Call {
    Call {
        method,
        target: target.to_owned(),
        headers: Vec::new(),
        body: Vec::new(),
        payload: Payload::Hashed,
    }
}

fn get(target: &str) -> Call {
    call(Method::GET, target)
}

fn head(target: &str) -> Call {
    call(Method::HEAD, target)
}

fn put(target: &str) -> Call {
    call(Method::PUT, target)
}

fn post(target: &str) -> Call {
    call(Method::POST, target)
}

fn delete(target: &str) -> Call {
    call(Method::DELETE, target)
}

impl Call {
    fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    fn payload(mut self, payload: Payload) -> Self {
        self.payload = payload;
        self
    }
}

#[derive(Debug)]
struct Reply {
    status: StatusCode,
    headers: http::HeaderMap,
    body: Vec<u8>,
}

impl Reply {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }

    fn etag(&self) -> &str {
        self.header("etag").trim_matches('"')
    }

    /// The raw texts of all XML elements of this name.
    fn all(&self, tag: &str) -> Vec<String> {
        let text = self.text();
        let open = format!("<{tag}>");
        text.split(&open)
            .skip(1)
            .map(|rest| rest.split("</").next().unwrap().to_owned())
            .collect()
    }

    fn one(&self, tag: &str) -> String {
        self.all(tag).into_iter().next().unwrap_or_default()
    }

    #[track_caller]
    fn expect(&self, what: &str, status: u16, code: &str) {
        assert_eq!(
            (self.status.as_u16(), self.one("Code").as_str()),
            (status, code),
            "{what}: {}",
            self.text()
        );
        if !code.is_empty() {
            assert_eq!(self.header("content-type"), "application/xml", "{what}");
            assert_eq!(
                self.one("RequestId"),
                self.header("x-amz-request-id"),
                "{what}"
            );
            assert!(
                self.text().contains("<Message>") && self.text().contains("<Resource>/"),
                "{what}: {}",
                self.text()
            );
        }
    }
}

#[test]
fn options_are_checked() {
    type Change = fn(&mut S3Options);
    let cases: [(Change, &str); 5] = [
        (|o| o.access_key.clear(), "access_key"),
        (|o| o.secret_key.clear(), "secret_key"),
        (|o| o.region.clear(), "region"),
        (|o| o.buckets.push("Not_A_Bucket".into()), "Not_A_Bucket"),
        (
            |o| o.base_domain = Some("http://localhost:9000".into()),
            "without scheme",
        ),
    ];
    for (change, word) in cases {
        let mut options = options();
        change(&mut options);
        let error: S3OptionsError = S3Server::new(options).unwrap_err();
        assert!(error.to_string().contains(word), "{error}");
    }
    assert!(!format!("{:?}", options()).contains("SK"));
}

#[tokio::test]
async fn records_reset_and_seeded_ids() {
    let (one, two) = (Fixture::new(), Fixture::new());
    for fixture in [&one, &two] {
        let reply = fixture
            .send(
                put("/box/a%20b")
                    .header("x-amz-meta-nonce", "n1")
                    .header("content-type", "text/plain")
                    .body("hi"),
            )
            .await;
        assert_eq!(reply.status, 200);
        fixture.send(post("/box/big?uploads=")).await;
    }
    let record = one.emulator.objects().remove(0);
    let json = serde_json::to_value(&record).unwrap();
    assert_eq!(
        json,
        serde_json::json!({
            "bucket": "box", "key": "a b", "size": 2, "content_type": "text/plain",
            "etag": "49f68a5c8493ec2c0bf489821c21fc3b", "metadata": {"nonce": "n1"}, "last_modified": "2027-01-15T08:00:00Z"
        })
    );
    assert_eq!(one.emulator.uploads(), 1);
    let id = |r: Reply| r.header("x-amz-request-id").to_owned();
    assert_eq!(
        id(one.send(get("/box/a%20b")).await),
        id(two.send(get("/box/a%20b")).await)
    );

    one.emulator.reset();
    assert_eq!(
        (one.emulator.objects().len(), one.emulator.uploads()),
        (0, 0)
    );
    assert_eq!(one.send(head("/box")).await.status, 200);
}
