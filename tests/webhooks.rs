//! The receiver over HTTP, with real verifiers from a configuration: the routes, and that requests arrive unchanged.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

#[path = "webhooks/choices.rs"]
mod choices;
#[path = "webhooks/emulators.rs"]
mod emulators;
#[path = "webhooks/modes.rs"]
mod modes;
#[path = "webhooks/strangers.rs"]
mod strangers;

use std::sync::{Arc, Mutex};

use anyvendor::{
    Config, Vendors,
    network::SystemClock,
    resilience::Clock,
    webhooks::{DEFAULT_MAX_BODY, Event, Receiver, ReceiverBuilder, WebhookEvent},
};
use axum::Router;
use base64::{Engine, prelude::BASE64_STANDARD};
use ring::hmac;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const PAIR: &str = "sendgrid:0123456789abcdef";
const EMAIL: &str = "/webhooks/mail";
/// The longest inbound email, in bytes.
const LONGEST: usize = 32 * 1024 * 1024;
const TOKEN: &str = "a-token-of-tests";

/// All events that a handler received.
type Seen = Arc<Mutex<Vec<WebhookEvent>>>;

/// Starts a server as an application would write it. Returns its address and the events that its handler sees.
async fn server() -> (String, Seen, tempfile::TempDir) {
    server_with(|receiver| receiver).await
}

/// The same with other settings of the receiver.
async fn server_with(
    change: impl FnOnce(ReceiverBuilder) -> ReceiverBuilder,
) -> (String, Seen, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let secret = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        format!("file:{}", path.display())
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let text = format!(
        "mode = \"sandbox\"\n\
         [webhooks.stripe]\nsecrets = [\"{}\"]\n\
         [webhooks.stripe-eu]\nvendor = \"stripe\"\nsecrets = [\"{}\"]\n\
         [webhooks.twilio]\nauth_tokens = [\"{}\"]\npublic_url = \"https://hooks.example.com/api\"\n\
         [webhooks.paypal]\nwebhook_ids = [\"1JE4291016473214C\"]\n\
         [webhooks.mail]\nvendor = \"sendgrid\"\nkind = \"inbound\"\nbasic_auth = [\"{}\"]\n",
        secret("one", "whsec_one"),
        secret("two", "whsec_two"),
        secret("token", TOKEN),
        secret("mail", PAIR),
    );
    let vendors = Vendors::connect(&Config::from_toml(&text).unwrap()).unwrap();
    let seen = Seen::default();
    let received = Arc::clone(&seen);
    let receiver = Receiver::builder(&vendors, move |event| {
        let received = Arc::clone(&received);
        async move {
            received.lock().unwrap().push(event);
            Ok(())
        }
    });
    let router = change(receiver).build().into_router();
    // Next to other routes, and below a path.
    let app = Router::new().merge(router.clone()).nest("/nested", router);
    tokio::spawn(async move { axum::serve(listener, app).await });
    (address, seen, folder)
}

/// The status of a delivery. The request is written by hand, because HTTP clients normalize URLs.
async fn post(
    address: &str,
    path: &str,
    content_type: &str,
    (name, value): (&str, String),
    body: String,
) -> u16 {
    let longest = match path {
        EMAIL => LONGEST,
        _ => DEFAULT_MAX_BODY,
    };
    let host = address.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).await.unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: {content_type}\r\n{name}: {value}\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // A body that is too long is rejected by its announced length.
    if body.len() <= longest {
        stream.write_all(body.as_bytes()).await.unwrap();
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer["HTTP/1.1 ".len()..][..3].parse().unwrap()
}

fn stripe(secret: &str, body: &str) -> (&'static str, String) {
    let now = SystemClock.wall().as_second();
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let mac = hmac::sign(&key, format!("{now}.{body}").as_bytes());
    let hex: String = mac
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    ("stripe-signature", format!("t={now},v1={hex}"))
}

#[tokio::test]
async fn each_endpoint_has_its_own_secret_and_its_own_memory() {
    let (address, seen, _folder) = server().await;
    let body = r#"{"id":"evt_1","object":"event","type":"payment_intent.succeeded","data":{"object":{"id":"pi_1","amount":1,"amount_received":1,"currency":"eur"}}}"#;
    let json = "application/json";
    for (path, secret, status) in [
        ("/webhooks/stripe", "whsec_one", 200),
        ("/webhooks/stripe", "whsec_one", 200),
        ("/webhooks/stripe", "whsec_two", 400),
        ("/webhooks/stripe-eu", "whsec_one", 400),
        ("/webhooks/stripe-eu", "whsec_two", 200),
        ("/webhooks/novel", "whsec_two", 404),
    ] {
        let status_code = post(&address, path, json, stripe(secret, body), body.to_owned()).await;
        assert_eq!(status_code, status, "{path} {secret}");
    }
    let malformed = post(
        &address,
        "/webhooks/stripe",
        "text/plain",
        stripe("whsec_one", body),
        body.to_owned(),
    )
    .await;
    assert_eq!(malformed, 415);
    let long = "x".repeat(DEFAULT_MAX_BODY + 1);
    let status_code = post(
        &address,
        "/webhooks/stripe",
        json,
        stripe("whsec_one", &long),
        long.clone(),
    )
    .await;
    assert_eq!(status_code, 413);
    let seen = seen.lock().unwrap();
    let endpoints: Vec<_> = seen
        .iter()
        .map(|event| event.endpoint.as_deref().unwrap())
        .collect();
    assert_eq!(
        endpoints,
        ["stripe", "stripe-eu"],
        "once each, and the copy not at all"
    );
    assert!(matches!(&seen[0].event, Event::Payment(payment) if payment.captured.is_some()));
}

#[tokio::test]
async fn the_target_reaches_the_signature_byte_by_byte() {
    let (address, seen, _folder) = server().await;
    let body = "MessageSid=SM1&MessageStatus=delivered&To=%2B15550109999";
    for (number, path) in [
        "/webhooks/twilio",
        "/webhooks/twilio?reference=a%27b&x='y'&z=%7e%2F",
        "/nested/webhooks/twilio?reference=r",
    ]
    .into_iter()
    .enumerate()
    {
        let body = body.replace("SM1", &format!("SM{number}"));
        let signed = format!(
            "https://hooks.example.com/api{path}MessageSidSM{number}MessageStatusdeliveredTo+15550109999"
        );
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, TOKEN.as_bytes());
        let mac = BASE64_STANDARD.encode(hmac::sign(&key, signed.as_bytes()));
        let form = "application/x-www-form-urlencoded";
        let status_code = post(
            &address,
            path,
            form,
            ("x-twilio-signature", mac.clone()),
            body.clone(),
        )
        .await;
        assert_eq!(status_code, 200, "{path}");
        let other = format!("{path}{}x=1", if path.contains('?') { "&" } else { "?" });
        let status_code = post(&address, &other, form, ("x-twilio-signature", mac), body).await;
        assert_eq!(status_code, 400, "{other}");
    }
    assert_eq!(seen.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn a_certificate_of_another_host_is_not_fetched() {
    let (address, seen, _folder) = server().await;
    let books = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = books.local_addr().unwrap();
    for url in [
        format!("http://{host}/v1/notifications/certs/CERT-1"),
        format!("https://api.paypal.com@{host}/v1/notifications/certs/CERT-1"),
    ] {
        let headers = format!(
            "{url}\r\npaypal-auth-algo: SHA256withRSA\r\npaypal-transmission-id: 1\r\n\
             paypal-transmission-time: {}\r\npaypal-transmission-sig: AAAA",
            SystemClock.wall()
        );
        let status_code = post(
            &address,
            "/webhooks/paypal",
            "application/json",
            ("paypal-cert-url", headers),
            r#"{"id":"WH-1","event_type":"PAYMENT.CAPTURE.COMPLETED"}"#.to_owned(),
        )
        .await;
        assert_eq!(status_code, 400, "{url}");
    }
    let asked = futures_util::FutureExt::now_or_never(books.accept());
    assert!(asked.is_none(), "the forger's server was asked");
    assert!(seen.lock().unwrap().is_empty());
}

#[test]
fn invalid_endpoints_are_named() {
    for (table, words) in [
        ("[webhooks.acme]", "in [webhooks.acme]: acme is not known"),
        (
            "[webhooks.Stripe]",
            "it must be 1 to 64 of a-z, 0-9, - and _",
        ),
        (
            "[webhooks.stripe]",
            "[webhooks.stripe]: missing field `secrets`",
        ),
        ("[webhooks.stripe]\nsecrets = []", "must name at least one"),
        ("[webhooks.stripe]\nsecret = []", "did you mean `secrets`?"),
        (
            "[webhooks.stripe]\nsecrets = [\"whsec_canary\"]",
            "not a reference to a secret",
        ),
        (
            "[webhooks.stripe]\nsecrets = [\"env:ANYVENDOR_TEST_NO_SUCH\"]",
            "ANYVENDOR_TEST_NO_SUCH",
        ),
        (
            "[webhooks.eu]\nvendor = \"twilio\"\nauth_tokens = [\"env:PATH\"]\npublic_url = \"x\"",
            "public_url",
        ),
    ] {
        let text = format!("mode = \"sandbox\"\n{table}\n");
        let error = Config::from_toml(&text).and_then(|config| Vendors::connect(&config).map(drop));
        let error = error.unwrap_err().to_string();
        assert!(
            error.contains(words) && !error.contains("canary"),
            "{table}: {error}"
        );
    }
}
