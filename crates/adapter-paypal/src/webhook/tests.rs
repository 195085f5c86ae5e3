//! The contract with a self-made certificate, and PayPal's documented checksum.

mod certificate;
mod emulator;
mod hosts;
mod online;

use std::{
    collections::HashMap,
    sync::Arc,
    sync::atomic::{AtomicU32, Ordering},
};

use anyvendor_conformance::{SignedDelivery, WebhookHarness, WebhookSigner, webhook};
use anyvendor_http::SystemClock;
use anyvendor_testkit::RecordingTransport;
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use crc_fast::CrcAlgorithm;
use http::StatusCode;
use ring::{
    rand::SystemRandom,
    signature::{RSA_PKCS1_SHA256, RsaKeyPair},
};

use super::{transmission::CERTIFICATES, *};

const ROOT: &str = include_str!("../../tests/fixtures/webhook_root.pem");
const LEAF: &str = include_str!("../../tests/fixtures/webhook_leaf.pem");
const OTHER_NAME: &str = include_str!("../../tests/fixtures/webhook_leaf_other_name.pem");
const EXPIRED: &str = include_str!("../../tests/fixtures/webhook_leaf_expired.pem");
const KEY: &str = include_str!("../../tests/fixtures/webhook_leaf_key.pkcs8.b64");
/// A leaf with a key on P-256, and the root that issued it.
const P256: &str = include_str!("../../tests/fixtures/webhook_chain_p256.pem");
const LISTENER: &str = "1JE4291016473214C";
const NOW: i64 = 1_760_000_000;

/// A verifier whose transport serves one certificate by its name.
fn serving(certificate: &'static str, ids: &[&str]) -> (PayPalWebhook, Arc<RecordingTransport>) {
    let served = RecordingTransport::responding(move |sent| match sent.url.path() {
        "/v1/notifications/certs/CERT-360caa42-fca2a594-a5cafa77" => (200, certificate.to_owned()),
        _ => (404, String::new()),
    });
    let config = PayPalWebhookConfig::new(ids.iter().copied());
    let builder = PayPalWebhook::builder(config).transport(served.clone());
    let mut webhook = builder.build().unwrap();
    certificates(&mut webhook).trust = CertificateTrust::roots(ROOT).unwrap();
    (webhook, served)
}

/// The part whose roots a test replaces.
fn certificates(webhook: &mut PayPalWebhook) -> &mut Certificates {
    match &mut webhook.method {
        VerificationMethod::Offline(certificates) => certificates,
        VerificationMethod::Online(_) => panic!("this verifier asks PayPal's API"),
    }
}

fn verifier(ids: &[&str]) -> Arc<dyn WebhookVerifier> {
    Arc::new(serving(LEAF, ids).0)
}

/// Signs as PayPal's documentation describes.
fn sign(body: &str, at: Timestamp) -> SignedDelivery {
    let (id, crc) = (
        "69cd13f0-d67a-11e5-baa3-778b53f4ae55",
        crc_fast::checksum(CrcAlgorithm::Crc32IsoHdlc, body.as_bytes()),
    );
    let key = RsaKeyPair::from_pkcs8(&BASE64_STANDARD.decode(KEY.trim()).unwrap()).unwrap();
    let mut signature = vec![0; key.public().modulus_len()];
    let signed = format!("{id}|{at}|{LISTENER}|{crc}");
    key.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        signed.as_bytes(),
        &mut signature,
    )
    .unwrap();
    SignedDelivery::post("/webhooks/paypal", "application/json", body.to_owned())
        .with_header("paypal-transmission-id", id)
        .with_header("paypal-transmission-time", at.to_string())
        .with_header("paypal-transmission-sig", BASE64_STANDARD.encode(signature))
        .with_header("paypal-auth-algo", "SHA256withRSA")
        .with_header(
            "paypal-cert-url",
            "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-a5cafa77",
        )
}

#[derive(Debug)]
struct Signer;

impl WebhookSigner for Signer {
    fn deliveries(&self, at: Timestamp) -> Vec<SignedDelivery> {
        let body = |number: u32, name: &str| {
            format!(
                "{{\"id\":\"WH-{number}-5Y6\",\"event_version\":\"1.0\",\"create_time\":\"2025-10-09T08:53:20.000Z\",\"event_type\":\"{name}\",\
                 \"summary\":\"canary\",\"resource\":{{\"id\":\"42311647XV020574X\",\"amount\":{{\"currency_code\":\"USD\",\"value\":\"10.00\"}}}}}}"
            )
        };
        [
            body(1, "PAYMENT.CAPTURE.COMPLETED"),
            body(2, "BILLING.NOVEL"),
        ]
        .map(|body| sign(&body, at))
        .into()
    }

    fn headers(&self) -> &'static [&'static str] {
        &[
            "paypal-transmission-id",
            "paypal-transmission-time",
            "paypal-transmission-sig",
            "paypal-auth-algo",
            "paypal-cert-url",
        ]
    }

    fn respelt(&self, genuine: &SignedDelivery) -> Vec<SignedDelivery> {
        forged(genuine)
    }
}

/// Other bodies of the same length and checksum. CRC-32 is linear: where the generator's bits are flipped, it stays.
fn forged(genuine: &SignedDelivery) -> Vec<SignedDelivery> {
    const GENERATOR: u64 = 0x1_04c1_1db7;
    let forge = |start: usize| {
        let mut body = genuine.body.to_vec();
        for bit in (0..33).filter(|bit| GENERATOR >> (32 - bit) & 1 == 1) {
            let place = start * 8 + bit;
            body[place / 8] ^= 1 << (place % 8);
        }
        SignedDelivery {
            body: body.into(),
            ..genuine.clone()
        }
    };
    let last = genuine.body.len().saturating_sub(5);
    (0..last).step_by(3).map(forge).collect()
}

#[tokio::test]
async fn keeps_the_contract() {
    let harness = WebhookHarness {
        verifier: verifier(&[LISTENER]),
        rotating: verifier(&["8AB", LISTENER]),
        stranger: verifier(&["8AB", "9CD"]),
        signer: Arc::new(Signer),
        window: Some(PayPalWebhookConfig::new([LISTENER]).window),
        alterations: 100_000,
    };
    webhook::run(&harness).await.assert_passed(14);
}

#[tokio::test]
async fn a_thousand_concurrent_deliveries_fetch_one_certificate() {
    let (webhook, served) = serving(LEAF, &[LISTENER]);
    let at = Timestamp::from_second(NOW).unwrap();
    let delivery = sign("{}", at);
    let requests: Vec<_> = (0..1_000).map(|_| delivery.request()).collect();
    let all = futures_util::future::join_all(
        requests.iter().map(|request| webhook.prefetch(request, at)),
    )
    .await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(served.sent().len(), 1);
}

#[tokio::test]
async fn certificates_come_only_from_paypal() {
    let (webhook, served) = serving(LEAF, &[LISTENER]);
    let at = Timestamp::from_second(NOW).unwrap();
    let host = "https://api.paypal.com";
    for (url, good) in [
        (
            format!("{host}{CERTIFICATES}CERT-360caa42-fca2a594-a5cafa77"),
            true,
        ),
        (
            format!("http://api.paypal.com{CERTIFICATES}CERT-360"),
            false,
        ),
        (
            format!("https://api.paypal.com.evil.test{CERTIFICATES}CERT-360"),
            false,
        ),
        (
            format!("https://evil.test/api.paypal.com{CERTIFICATES}CERT-360"),
            false,
        ),
        (
            format!("https://api.paypal.com@evil.test{CERTIFICATES}CERT-360"),
            false,
        ),
        (
            format!("https://evilpaypal.com{CERTIFICATES}CERT-360"),
            false,
        ),
        (
            format!("https://api.paypal.com:444{CERTIFICATES}CERT-360"),
            false,
        ),
        (format!("{host}{CERTIFICATES}../../../CERT-360"), false),
        (format!("{host}{CERTIFICATES}CERT-360?x=1"), false),
        (format!("{host}{CERTIFICATES}"), false),
        ("file:///etc/passwd".to_owned(), false),
        ("https://127.0.0.1/cert".to_owned(), false),
        (String::new(), false),
    ] {
        let before = served.sent().len();
        let delivery = sign("{}", at).with_header("paypal-cert-url", &url);
        let fetched = webhook.prefetch(&delivery.request(), at).await;
        assert_eq!(fetched.is_ok(), good, "{url}: {fetched:?}");
        assert_eq!(served.sent().len() - before, usize::from(good), "{url}");
    }
    let gone =
        sign("{}", at).with_header("paypal-cert-url", format!("{host}{CERTIFICATES}CERT-novel"));
    let fetched = webhook.prefetch(&gone.request(), at).await;
    assert!(
        matches!(fetched, Err(WebhookError::Unavailable(_))),
        "it could not be verified now, which does not mean that it is forged"
    );
}

#[tokio::test]
async fn a_certificate_needs_the_name_the_dates_and_the_root() {
    let at = Timestamp::from_second(NOW).unwrap();
    let delivery = sign("{}", at);
    for (certificate, good) in [
        (LEAF, true),
        (OTHER_NAME, false),
        (EXPIRED, false),
        (ROOT, false),
        ("", false),
    ] {
        let (webhook, _) = serving(certificate, &[LISTENER]);
        let fetched = webhook.prefetch(&delivery.request(), at).await;
        assert_eq!(fetched.is_ok(), good, "{fetched:?}");
        // Nor is it accepted from anywhere else.
        let prefetched = Prefetched::of(Bytes::from_static(certificate.as_bytes()));
        assert_eq!(
            webhook.verify(delivery.request(), &prefetched, at).is_ok(),
            good
        );
    }
    // The machine's own roots do not lead to it.
    let (mut webhook, _) = serving(LEAF, &[LISTENER]);
    certificates(&mut webhook).trust = CertificateTrust::platform().unwrap();
    let fetched = webhook.prefetch(&delivery.request(), at).await;
    assert!(matches!(fetched, Err(WebhookError::Unavailable(_))));
    let prefetched = Prefetched::of(Bytes::from_static(LEAF.as_bytes()));
    assert!(webhook.verify(delivery.request(), &prefetched, at).is_err());
    assert!(
        webhook
            .verify(delivery.request(), &Prefetched::none(), at)
            .is_err()
    );
}

#[tokio::test]
async fn a_key_of_another_kind_signs_nothing() {
    let at = Timestamp::from_second(NOW).unwrap();
    // Made with the leaf's key over what PayPal would sign, by ECDSA.
    let signature = "MEYCIQCAHk/VnlJqUYOG/o0VLiPA4V3BUX/V0oRd6LhjAqkZqQIhAOs+xW8tR90jH4FqInTnM//LujJfYtHFNXxOsyuKugEA";
    let delivery = sign("{}", at);
    let other = delivery
        .clone()
        .with_header("paypal-transmission-sig", signature);
    let (mut webhook, _) = serving(P256, &[LISTENER]);
    certificates(&mut webhook).trust = CertificateTrust::roots(P256).unwrap();
    for delivery in [delivery, other] {
        let prefetched = webhook.prefetch(&delivery.request(), at).await.unwrap();
        let result = webhook.verify(delivery.request(), &prefetched, at);
        assert!(
            matches!(result, Err(WebhookError::BadSignature)),
            "{result:?}"
        );
    }
}

#[test]
#[ignore = "needs ANYVENDOR_VECTORS"]
fn the_vectors() {
    let folder = std::env::var("ANYVENDOR_VECTORS").unwrap();
    let text = std::fs::read_to_string(format!("{folder}/paypal.json")).unwrap();
    let vectors: serde_json::Value = serde_json::from_str(&text).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let cases = vectors["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 19);
    for case in cases {
        let delivery = SignedDelivery::post("/", "application/json", text(&case["body"]))
            .with_header("paypal-transmission-id", text(&case["transmission_id"]))
            .with_header("paypal-transmission-time", text(&case["transmission_time"]))
            .with_header("paypal-transmission-sig", text(&case["transmission_sig"]))
            .with_header("paypal-auth-algo", text(&case["auth_algo"]))
            .with_header(
                "paypal-cert-url",
                "https://api.paypal.com/v1/notifications/certs/CERT-1",
            );
        let trust =
            CertificateTrust::roots(&text(&vectors["certs"][text(&case["trust_root"])])).unwrap();
        let config = PayPalWebhookConfig::new([text(&case["webhook_id"])]);
        let mut webhook = PayPalWebhook::new(&config).unwrap();
        let mut certificates = Certificates::new(HashMap::new(), trust, Arc::new(SystemClock));
        certificates.suffix = ".example.test";
        webhook.method = VerificationMethod::Offline(certificates);
        let prefetched = Prefetched::of(Bytes::from(text(&vectors["certs"][text(&case["cert"])])));
        let now = Timestamp::from_second(case["now"].as_i64().unwrap()).unwrap();
        let result = webhook
            .verify(delivery.request(), &prefetched, now)
            .map(drop);
        assert_eq!(
            result.is_ok(),
            case["expect"] == "accept",
            "{}: {result:?}",
            case["id"]
        );
    }
    let (webhook, _) = serving(LEAF, &[LISTENER]);
    let policy = vectors["cert_url_policy"]["cases"].as_array().unwrap();
    assert_eq!(policy.len(), 10);
    for case in policy {
        let url = text(&case["cert_url"]);
        assert_eq!(
            transmission::pinned(&url, &webhook.hosts).is_some(),
            case["expect"] == "accept",
            "{url}"
        );
    }
}
