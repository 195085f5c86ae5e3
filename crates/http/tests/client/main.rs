//! The client for APIs without an adapter: what it sends, how it reads responses, and what it never prints.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::sync::{Arc, Mutex};

use anyvendor_core::{
    Delivery, Error, Kind, error::ProtocolReason, resilience::OperationClass, values::Secret,
};
use anyvendor_http::{
    Auth, Client, ClientBuilder, ClientConfig, ClientCredentials, ManualClock, SecretPlace,
};
use anyvendor_testkit::RecordingTransport;
use bytes::Bytes;
use futures_util::future::join_all;
use http::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};

fn always(status: u16, body: &'static str) -> Arc<RecordingTransport> {
    RecordingTransport::responding(move |_| (status, body.to_owned()))
}

fn builder(fake: &Arc<RecordingTransport>, auth: Auth) -> ClientBuilder {
    let config = ClientConfig::new("acme", "https://api.acme.example/v1/").with_auth(auth);
    Client::builder(config)
        .transport(fake.clone())
        .clock(Arc::new(ManualClock::at(jiff::Timestamp::UNIX_EPOCH)))
}

fn client(fake: &Arc<RecordingTransport>, auth: Auth) -> Client {
    builder(fake, auth).build().unwrap()
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Parcel {
    id: u32,
    note: Option<String>,
    tags: Vec<String>,
}

fn parcel() -> Parcel {
    Parcel {
        id: 7,
        note: None,
        tags: vec!["a b".to_owned(), "ü&".to_owned()],
    }
}

const PARCEL: &str = r#"{"id":7,"note":null,"tags":["a b","ü&"]}"#;

#[tokio::test]
async fn every_method_sends_what_it_is_given() {
    let fake = always(200, PARCEL);
    let client = client(&fake, Auth::none());
    let class = OperationClass::Idempotent;
    let read: Parcel = client
        .get("parcel.get", "/parcels/{id}")
        .path(["7/../8"])
        .query("expand", "a&b")
        .read()
        .await
        .unwrap();
    assert_eq!(read, parcel());
    let sent = parcel();
    client
        .post("parcel.create", "/parcels", class)
        .json(&sent)
        .send()
        .await
        .unwrap();
    client
        .put("parcel.put", "/parcels", class)
        .form(&sent)
        .send()
        .await
        .unwrap();
    let text = HeaderValue::from_static("text/plain");
    let call = client
        .patch("parcel.note", "/parcels/{id}/note", class)
        .path(["7"]);
    call.body(text, Bytes::from_static(b"hi"))
        .send()
        .await
        .unwrap();
    let call = client
        .delete("parcel.delete", "/parcels/{id}", class)
        .path(["7"]);
    call.header(
        HeaderName::from_static("x-why"),
        HeaderValue::from_static("old"),
    )
    .send()
    .await
    .unwrap();
    let seen = fake.sent();
    let lines: Vec<_> = seen
        .iter()
        .map(|seen| format!("{} {} {}", seen.method, seen.url, seen.text()))
        .collect();
    assert_eq!(
        lines,
        [
            "GET https://api.acme.example/v1/parcels/7%2F..%2F8?expand=a%26b ".to_owned(),
            format!("POST https://api.acme.example/v1/parcels {PARCEL}"),
            "PUT https://api.acme.example/v1/parcels id=7&tags=a+b&tags=%C3%BC%26".to_owned(),
            "PATCH https://api.acme.example/v1/parcels/7/note hi".to_owned(),
            "DELETE https://api.acme.example/v1/parcels/7 ".to_owned(),
        ]
    );
    assert_eq!(seen[1].header("content-type"), Some("application/json"));
    assert_eq!(
        seen[2].header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
    assert_eq!(seen[3].header("content-type"), Some("text/plain"));
    assert_eq!(seen[4].header("x-why"), Some("old"));
}

#[tokio::test]
async fn each_authentication_method_is_sent() {
    let secret = || Secret::new("p:ä");
    let own = HeaderName::from_static("x-api-key");
    let fake = always(200, "{}");
    for auth in [
        Auth::bearer(Secret::new("t")),
        Auth::basic("user", secret()),
        Auth::header(own, Secret::new("k")),
        Auth::query("key", secret()),
    ] {
        client(&fake, auth).get("a.get", "/a").send().await.unwrap();
    }
    let seen = fake.sent();
    assert_eq!(seen[0].header("authorization"), Some("Bearer t"));
    assert_eq!(seen[1].header("authorization"), Some("Basic dXNlcjpwOsOk"));
    assert_eq!(seen[2].header("x-api-key"), Some("k"));
    assert_eq!(seen[3].url.query(), Some("key=p%3A%C3%A4"));
    for seen in &seen[..3] {
        assert!(seen.headers.values().any(HeaderValue::is_sensitive));
        assert_eq!(seen.url.query(), None);
    }
}

#[tokio::test]
async fn a_malformed_call_sends_nothing() {
    let fake = always(200, "{}");
    let client = client(&fake, Auth::none());
    let nested = serde_json::json!({"a": {"b": 1}});
    let class = OperationClass::Keyed;
    for (call, field) in [
        (client.get("a.get", "/a/{id}"), "path"),
        (client.get("a.get", "/a/{id}").path([".."]), "path"),
        (client.get("a.get", "/a").path(["x"]), "path"),
        (
            client
                .post("a.make", "/a", OperationClass::Unkeyed)
                .form(&nested),
            "body",
        ),
        (
            client.post("a.make", "/a", class).json(&nested),
            "idempotency_key",
        ),
    ] {
        let error = call.send().await.unwrap_err();
        assert_eq!(
            (error.kind(), error.field()),
            (&Kind::InvalidRequest, Some(field))
        );
    }
    assert!(fake.sent().is_empty());
    for (url, field) in [("http://api.acme.example", "base_url"), ("x", "base_url")] {
        let error = Client::new(ClientConfig::new("acme", url)).unwrap_err();
        assert_eq!((error.kind(), error.field()), (&Kind::Config, Some(field)));
    }
    let error = builder(&fake, Auth::bearer(Secret::new("a\nb")))
        .build()
        .unwrap_err();
    assert_eq!((error.kind(), error.field()), (&Kind::Config, Some("auth")));
}

#[tokio::test]
async fn the_class_that_the_caller_states_decides_on_retries() {
    for (class, attempts, delivery) in [
        (OperationClass::Idempotent, 3, Delivery::Unknown),
        (OperationClass::Unkeyed, 1, Delivery::Unknown),
    ] {
        let fake = always(502, "");
        let client = client(&fake, Auth::none());
        let error = client.post("a.make", "/a", class).send().await.unwrap_err();
        assert_eq!(
            (fake.sent().len(), error.delivery()),
            (attempts, delivery),
            "{class:?}"
        );
    }
    let fake = always(502, "");
    let client = client(&fake, Auth::none());
    let key = "order-1".parse().unwrap();
    let call = client.post("a.make", "/a", OperationClass::Keyed);
    let call = call.key(HeaderName::from_static("idempotency-key"), key);
    call.send().await.unwrap_err();
    let keys: Vec<_> = fake
        .sent()
        .iter()
        .map(|seen| seen.header("idempotency-key").unwrap().to_owned())
        .collect();
    assert_eq!(keys, ["order-1"; 3]);
}

#[tokio::test]
async fn an_accepted_call_with_a_malformed_body_is_not_repeated() {
    let fake = always(201, "<html>");
    let client = client(&fake, Auth::none());
    let call = client.post("parcel.create", "/parcels", OperationClass::Idempotent);
    let error: Error = call.json(&parcel()).read::<Parcel>().await.unwrap_err();
    assert_eq!(error.kind(), &Kind::Protocol(ProtocolReason::BadBody));
    assert_eq!(
        (error.delivery(), fake.sent().len()),
        (Delivery::Accepted, 1)
    );
}

/// A vendor that issues the tokens 1, 2, 3 and accepts those from `good` on.
fn vendor(good: usize) -> Arc<RecordingTransport> {
    let handed_out = Mutex::new(0);
    RecordingTransport::responding(move |seen| {
        if seen.url.path() == "/token" {
            let mut number = handed_out.lock().unwrap();
            *number += 1;
            return (
                200,
                format!(
                    r#"{{"access_token":"t{number}","token_type":"Bearer","expires_in":3600}}"#
                ),
            );
        }
        let token = seen
            .header("authorization")
            .unwrap()
            .strip_prefix("Bearer t")
            .unwrap();
        let accepted = token.parse::<usize>().unwrap() >= good;
        (if accepted { 200 } else { 401 }, "{}".to_owned())
    })
}

fn credentials(place: SecretPlace) -> Auth {
    Auth::client_credentials(
        ClientCredentials::new(
            "https://login.acme.example/token",
            "id:1",
            Secret::new("s&1"),
        )
        .with_scope("parcels read")
        .with_audience("audience", "https://api.acme.example/")
        .with_place(place),
    )
}

#[tokio::test]
async fn a_thousand_calls_cost_one_token() {
    let fake = vendor(1);
    let client = client(&fake, credentials(SecretPlace::Header));
    let calls = join_all((0..1_000).map(|_| client.get("a.get", "/a").send())).await;
    assert!(calls.iter().all(Result::is_ok));
    assert_eq!(
        (fake.count_to("/token"), fake.count_to("/v1/a")),
        (1, 1_000)
    );
    let seen = fake.sent();
    let request = seen
        .iter()
        .find(|seen| seen.url.path() == "/token")
        .unwrap();
    assert_eq!(
        request.text(),
        "grant_type=client_credentials&scope=parcels+read&audience=https%3A%2F%2Fapi.acme.example%2F"
    );
    // RFC 6749, 2.3.1: both are form-encoded first.
    assert_eq!(
        request.header("authorization"),
        Some("Basic aWQlM0ExOnMlMjYx")
    );
}

#[tokio::test]
async fn a_secret_may_go_into_the_form() {
    let fake = vendor(1);
    let client = client(&fake, credentials(SecretPlace::Form));
    client.get("a.get", "/a").send().await.unwrap();
    let request = &fake.sent()[0];
    assert_eq!(
        request.text(),
        "grant_type=client_credentials&scope=parcels+read&audience=https%3A%2F%2Fapi.acme.example%2F&client_id=id%3A1&client_secret=s%261"
    );
    assert!(!request.headers.contains_key("authorization"));
}

#[tokio::test]
async fn t25_a_refused_token_is_replaced_once_for_all() {
    let fake = vendor(2);
    let client = client(&fake, credentials(SecretPlace::Header));
    let calls = join_all((0..100).map(|_| client.get("a.get", "/a").send())).await;
    assert!(calls.iter().all(Result::is_ok));
    assert_eq!(fake.count_to("/token"), 2);
    // If every token is rejected, the call is replayed once, not endlessly.
    let fake = vendor(usize::MAX);
    let client = self::client(&fake, credentials(SecretPlace::Header));
    let error = client.get("a.get", "/a").send().await.unwrap_err();
    assert_eq!(error.kind(), &Kind::Unauthenticated);
    assert_eq!((fake.count_to("/token"), fake.count_to("/v1/a")), (2, 2));
}
