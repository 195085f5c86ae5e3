//! No secret and no content of a client's calls is ever printed. It has its own
//! binary because tracing decides once per process whether there is a subscriber.

use std::sync::Arc;

use anyvendor_core::{resilience::OperationClass, values::Secret};
use anyvendor_http::{Auth, Client, ClientConfig, ClientCredentials, ManualClock, SecretPlace};
use anyvendor_testkit::{
    RecordingTransport, Sent,
    canary::{Printed, assert_absent},
};
use http::HeaderName;

const CANARY: &str = "canary9000";
/// The credentials of Basic authentication, in base64.
const ENCODED: &str = "Y2FuYXJ5OTAwM";

#[tokio::test]
async fn t23_canary_never_prints() {
    let traced = Printed::listen("trace");
    let secret = || Secret::new(CANARY);
    let own = HeaderName::from_static("x-api-key");
    let token = ClientCredentials::new("https://login.acme.example/token", CANARY, secret());
    let mut printed = String::new();
    for auth in [
        Auth::bearer(secret()),
        Auth::basic(CANARY, secret()),
        Auth::header(own, secret()),
        Auth::query("key", secret()),
        Auth::client_credentials(token.clone().with_place(SecretPlace::Form)),
        Auth::client_credentials(token),
    ] {
        for (status, body) in [(200, "{"), (422, CANARY), (401, CANARY), (500, CANARY)] {
            let fake = RecordingTransport::responding(move |seen| match seen.url.path() {
                "/token" if status == 401 => (400, format!(r#"{{"error":"{CANARY}"}}"#)),
                "/token" => (200, format!(r#"{{"access_token":"{CANARY}"}}"#)),
                _ => (status, body.to_owned()),
            });
            let config = ClientConfig::new("acme", "https://api.acme.example/v1/");
            let builder = Client::builder(config.with_auth(auth.clone()))
                .transport(fake.clone())
                .clock(Arc::new(ManualClock::at(jiff::Timestamp::UNIX_EPOCH)));
            printed += &format!("{auth:?} {builder:?}");
            let client = builder.build().unwrap();
            let call = client
                .post("a.make", "/a/{id}", OperationClass::Idempotent)
                .path([CANARY])
                .query("q", CANARY)
                .json(&CANARY);
            printed += &format!("{client:?}");
            let error = call.read::<u32>().await.unwrap_err();
            printed += &format!("{error} {error:?} {error:#?}");
            let sent = |seen: &Sent| seen.url.as_str().contains(CANARY);
            assert!(fake.sent().iter().any(sent) || fake.count_to("/token") > 0);
        }
    }
    let traced = traced.text();
    assert!(traced.contains("a.make"), "the call was not traced");
    assert_absent(&traced, &[CANARY, ENCODED]);
    assert_absent(&printed, &[CANARY, ENCODED]);
}
