//! No secret and no personal data is printed: every part of requests and responses contains a marker, and everything
//! that the program prints at TRACE is searched for the markers.

use std::{error::Error as _, io::Write as _};

use anyvendor_core::{
    Error,
    resilience::{
        AuthRejection, Authorizer, CallOptions, Operation, OperationClass, Pipeline, Request,
        UnsignedRequest,
    },
    values::IdempotencyKey,
};
use anyvendor_http::SystemClock;
use anyvendor_testkit::{
    Server, Step,
    server::{head, refusing},
};
use async_trait::async_trait;
use http::{HeaderName, HeaderValue, Method};
use std::sync::Arc;
use url::Url;

use super::bench::{Printed, acme, printed, transport};

/// Puts the credential on each attempt, in the header and, as some vendors want it, in the query.
#[derive(Debug)]
struct Signing;

#[async_trait]
impl Authorizer for Signing {
    async fn authorize(&self, request: UnsignedRequest<'_>) -> Result<u64, Error> {
        // A log line in a custom authorizer, as someone writes it while debugging.
        tracing::debug!(operation = MARKED.name, "{request:?}");
        let mut value = HeaderValue::from_static("Bearer canary-credential");
        value.set_sensitive(true);
        request.headers.insert("authorization", value);
        request
            .url
            .query_pairs_mut()
            .append_pair("signature", "canary-signature");
        Ok(0)
    }

    async fn recover(&self, _: AuthRejection<'_>) -> Result<bool, Error> {
        Ok(true)
    }
}

/// The name contains the marker by which the test recognizes its own spans.
const MARKED: Operation = Operation::new(
    "bird.canary",
    &Method::POST,
    "/v1/{id}",
    OperationClass::Keyed,
);

fn marked(origin: &str) -> Request {
    let mut url: Url = format!("{origin}/v1/?q=canary-query").parse().unwrap();
    url.path_segments_mut()
        .unwrap()
        .pop_if_empty()
        .push("canary-path");
    url.set_username("canary-user").unwrap();
    url.set_password(Some("canary-password")).unwrap();
    Request::new(url)
        .with_header(
            HeaderName::from_static("x-note"),
            HeaderValue::from_static("canary-header"),
        )
        .with_json(&"canary-body")
        .unwrap()
        .with_idempotency_key(
            HeaderName::from_static("idempotency-key"),
            IdempotencyKey::new("canary-key").unwrap(),
        )
        .unwrap()
}

/// Whether a line, from any crate, prints more than the operation's name. (hyper prints hosts at TRACE; those are
/// settings and not secret.)
fn leaks(line: &str) -> bool {
    line.replace("bird.canary", "").contains("canary")
}

#[tokio::test]
async fn t23_canary_never_prints() {
    let Printed(lines) = printed();
    let headers = [
        ("x-said", "canary-response"),
        ("location", "http://canary-location.example/"),
    ];
    let cut = [head(99), b"{\"canary-cut\"".to_vec()].concat();
    let server = Server::start([
        Step::response(400, "canary-rejection").with_headers(&headers),
        Step::response(307, "canary-moved").with_headers(&headers),
        Step::response(401, "canary-unauthorized").with_headers(&headers),
        Step::response(500, "canary-broken").with_headers(&headers),
        Step::RespondAndClose(cut),
        Step::Close,
        Step::Respond(b"HTTP/1.1 200 canary-reason\r\ncanary-garbage\r\n\r\n".to_vec()),
        Step::response(200, "canary-zip").with_header("content-encoding", "gzip"),
        Step::response(200, "\"canary-success\"").with_headers(&headers),
    ])
    .await;
    let (dead, _port) = refusing();
    let pipeline = Pipeline::builder(
        "acme",
        transport(),
        Arc::new(Signing),
        acme(),
        Arc::new(SystemClock),
    )
    .build()
    .unwrap();
    let options = CallOptions::default().without_retries();
    let live = format!("http://{}", server.address());
    let mut shown = format!("{pipeline:?} {:?}", marked(&live));
    let mut response = None;
    let mut failures = 0;
    for origin in [format!("http://{dead}").as_str()]
        .into_iter()
        .chain([live.as_str(); 8])
    {
        match pipeline.call(&MARKED, marked(origin), &options).await {
            Ok(found) => response = Some(found),
            Err(error) => {
                failures += 1;
                shown += &shown_of(&error);
            }
        }
    }
    assert_eq!(failures, 8, "all but the last; the 401 is tried again");
    let response = response.unwrap();
    shown += &shown_of(&response.json::<u8>().unwrap_err());
    shown += &format!("{response:?}");
    shown += &format!("{:?}", pipeline.health());
    assert!(!leaks(&shown), "{shown}");
    let lines = lines.lock().unwrap().clone();
    assert!(
        lines.iter().any(|line| line.contains("anyvendor.attempt")),
        "no line was recorded"
    );
    let leaking: Vec<_> = lines.iter().filter(|line| leaks(line)).collect();
    assert!(leaking.is_empty(), "{leaking:#?}");
}

fn shown_of(error: &Error) -> String {
    let mut shown = format!("{error} {error:?} {:?}", error.message());
    let mut source = error.source();
    while let Some(inner) = source {
        shown += &format!("{inner} {inner:?}");
        source = inner.source();
    }
    shown
}

/// Shows that the test above is effective: a printed marker is found.
#[tokio::test]
async fn t23_a_leak_would_be_found() {
    assert!(leaks("POST https://canary-host.example"));
    assert!(!leaks("operation=\"bird.canary\""));
    let Printed(lines) = printed();
    let mut writer = Printed(Arc::clone(lines));
    let before = lines.lock().unwrap().len();
    writer.write_all(b"nothing to see").unwrap();
    writer.write_all(b"bird.canary").unwrap();
    assert!(lines.lock().unwrap().len() > before);
}
