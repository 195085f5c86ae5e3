//! No secret and no content of a client's calls is ever printed. A program of its own: who traces is asked once per process.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic is how a test fails"
)]

#[path = "client/fake.rs"]
mod fake;

use std::{
    io::Write,
    sync::{Arc, Mutex},
};

use anyvendor_core::{resilience::OperationClass, values::Secret};
use anyvendor_http::{Auth, Client, ClientConfig, ClientCredentials, ManualClock, SecretPlace};
use fake::Fake;
use http::HeaderName;

const CANARY: &str = "canary9000";
/// As Basic authentication has it, in base64.
const ENCODED: &str = "Y2FuYXJ5OTAwM";

/// Everything that is traced, as text.
#[derive(Clone, Default)]
struct Trace(Arc<Mutex<Vec<u8>>>);

impl Write for Trace {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn t23_canary_never_prints() {
    let trace = Trace::default();
    let writer = trace.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
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
            let fake = Fake::new(move |seen| match seen.url.path() {
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
            let sent = |seen: &fake::Seen| seen.url.as_str().contains(CANARY);
            assert!(fake.seen().iter().any(sent) || fake.to("/token") > 0);
        }
    }
    let traced = String::from_utf8(trace.0.lock().unwrap().clone()).unwrap();
    assert!(traced.contains("a.make"), "nothing was traced");
    for canary in [CANARY, ENCODED] {
        assert!(!traced.contains(canary), "{traced}");
        assert!(!printed.contains(canary), "{printed}");
    }
}
