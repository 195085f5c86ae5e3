//! The contract with online verification, against a fake of PayPal's endpoints.

use std::{sync::Arc, time::Duration};

use anyvendor_core::{resilience::Policy, values::Secret};
use serde_json::{Value, json};

use super::{emulator::Vendor, *};

fn online(address: &str, ids: &[&str]) -> PayPalWebhook {
    let mut short =
        Policy::default().with_delays(Duration::from_millis(1), Duration::from_millis(1));
    short.attempt_timeout = Duration::from_millis(400);
    let (id, secret) = (Secret::new("id"), Secret::new("canary"));
    let config = PayPalWebhookConfig::new(ids.iter().copied())
        .with_online_verification(id, secret, Environment::Sandbox)
        .with_local_base_url(address)
        .with_resilience(short);
    PayPalWebhook::new(&config).unwrap()
}

/// A genuine delivery whose certificate is the fake's.
fn signed(address: &str, body: &str) -> SignedDelivery {
    let url = [address, CERTIFICATES, "CERT-1"].concat();
    sign(body, now()).with_header("paypal-cert-url", url)
}

fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap()
}

async fn verified(webhook: &PayPalWebhook, delivery: &SignedDelivery) -> Result<(), WebhookError> {
    let prefetched = webhook.prefetch(&delivery.request(), now()).await?;
    webhook
        .verify(delivery.request(), &prefetched, now())
        .map(drop)
}

#[derive(Debug)]
struct OnlineSigner(String);

impl WebhookSigner for OnlineSigner {
    fn deliveries(&self, at: Timestamp) -> Vec<SignedDelivery> {
        let url = [&self.0, CERTIFICATES, "CERT-1"].concat();
        let all = Signer.deliveries(at).into_iter();
        all.map(|delivery| delivery.with_header("paypal-cert-url", &url))
            .collect()
    }

    fn headers(&self) -> &'static [&'static str] {
        Signer.headers()
    }

    fn respelt(&self, genuine: &SignedDelivery) -> Vec<SignedDelivery> {
        forged(genuine)
    }
}

#[tokio::test]
async fn keeps_the_contract_online() {
    let (address, vendor) = Vendor::default().listen().await;
    let verifier = |ids: &[&str]| -> Arc<dyn WebhookVerifier> { Arc::new(online(&address, ids)) };
    let harness = WebhookHarness {
        verifier: verifier(&[LISTENER]),
        rotating: verifier(&["8AB", LISTENER]),
        stranger: verifier(&["8AB", "9CD"]),
        signer: Arc::new(OnlineSigner(address.clone())),
        window: Some(PayPalWebhookConfig::new([LISTENER]).window),
        // Each delivery that looks like PayPal's is a request over a socket. Fewer than offline, where 100,000 pass the same
        // checks before anything is sent.
        alterations: 4_000,
    };
    webhook::run(&harness).await.assert_passed(14);
    assert!(vendor.asked() > 100, "the fake was not asked");
    assert_eq!(
        vendor.tokens.load(Ordering::SeqCst),
        3,
        "one for each verifier"
    );
}

#[tokio::test]
async fn success_is_accepted_and_failure_is_rejected() {
    let (address, vendor) = Vendor::default().listen().await;
    let delivery = signed(&address, "{\"id\":\"WH-1\"}");
    verified(&online(&address, &[LISTENER]), &delivery)
        .await
        .unwrap();
    assert_eq!(vendor.asked(), 1);
    let strange = verified(&online(&address, &["8AB", "9CD"]), &delivery).await;
    assert!(
        matches!(strange, Err(WebhookError::BadSignature)),
        "{strange:?}"
    );
    assert_eq!(vendor.asked(), 3, "each listener is tried");
    verified(&online(&address, &[LISTENER, "8AB"]), &delivery)
        .await
        .unwrap();
    assert_eq!(vendor.asked(), 4, "and none after the right one");
}

#[tokio::test]
async fn a_rejected_token_is_renewed_once() {
    let refused = (401, "{\"error\":\"invalid_token\"}");
    let (address, vendor) = Vendor::responding(&[refused]).listen().await;
    let delivery = signed(&address, "{}");
    let webhook = online(&address, &[LISTENER]);
    verified(&webhook, &delivery).await.unwrap();
    let bearers: Vec<_> = vendor
        .asked
        .lock()
        .unwrap()
        .iter()
        .map(|(bearer, _)| bearer.clone())
        .collect();
    assert_eq!(bearers, ["Bearer token-0", "Bearer token-1"]);
    *vendor.instead.lock().unwrap() = [refused, refused]
        .map(|(status, body)| (status, body.to_owned()))
        .into();
    let unknown = verified(&webhook, &delivery).await;
    assert!(
        matches!(unknown, Err(WebhookError::Unavailable(_))),
        "{unknown:?}"
    );
}

#[tokio::test]
async fn concurrent_deliveries_fetch_one_token() {
    let (address, vendor) = Vendor::default().listen().await;
    let webhook = online(&address, &[LISTENER]);
    let delivery = signed(&address, "{}");
    let requests: Vec<_> = (0..50).map(|_| delivery.request()).collect();
    let all = requests
        .iter()
        .map(|request| webhook.prefetch(request, now()));
    let all = futures_util::future::join_all(all).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(vendor.tokens.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_response_without_a_verdict_is_unavailable() {
    let limited = "{\"name\":\"RATE_LIMIT_REACHED\",\"message\":\"Too many requests.\"}";
    for (status, body) in [
        (500, "{\"name\":\"INTERNAL_SERVER_ERROR\"}"),
        (503, ""),
        (429, limited),
        (403, "{\"name\":\"NOT_AUTHORIZED\"}"),
        (400, "{\"name\":\"VALIDATION_ERROR\"}"),
        (404, ""),
        (200, ""),
        (200, "{}"),
        (200, "{\"verification_status\":\"success\"}"),
        (200, "{\"verification_status\":\"MAYBE\"}"),
        (200, "{\"verification_status\":[\"SUCCESS\"]}"),
        (302, "{\"verification_status\":\"SUCCESS\"}"),
    ] {
        let (address, vendor) = Vendor::responding(&[(status, body); 3]).listen().await;
        let result = verified(&online(&address, &[LISTENER]), &signed(&address, "{}")).await;
        let Err(error @ WebhookError::Unavailable(_)) = result else {
            panic!("{status} {body}: {result:?}");
        };
        assert_eq!(error.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(!format!("{error:?}").contains("canary"));
        assert!(vendor.asked() > 0);
    }
    let silent = Vendor {
        silent: true,
        ..Vendor::default()
    };
    let (address, _) = silent.listen().await;
    let result = verified(&online(&address, &[LISTENER]), &signed(&address, "{}")).await;
    assert!(
        matches!(result, Err(WebhookError::Unavailable(_))),
        "{result:?}"
    );
    let nobody = "http://127.0.0.1:1";
    let result = verified(&online(nobody, &[LISTENER]), &signed(nobody, "{}")).await;
    assert!(
        matches!(result, Err(WebhookError::Unavailable(_))),
        "{result:?}"
    );
}

#[tokio::test]
async fn a_listener_that_paypal_does_not_know_does_not_hide_another() {
    let unknown = (
        400,
        "{\"name\":\"VALIDATION_ERROR\",\"details\":[{\"field\":\"webhook_id\"}]}",
    );
    let (address, _) = Vendor::responding(&[unknown]).listen().await;
    let delivery = signed(&address, "{}");
    verified(&online(&address, &["8AB", LISTENER]), &delivery)
        .await
        .unwrap();
    // FAILURE for the other listener is not a verdict for the one that PayPal does not know.
    let (address, _) = Vendor::responding(&[unknown]).listen().await;
    let result = verified(&online(&address, &["8AB", "9CD"]), &signed(&address, "{}")).await;
    assert!(
        matches!(result, Err(WebhookError::Unavailable(_))),
        "{result:?}"
    );
}

#[tokio::test]
async fn the_body_is_sent_byte_by_byte() {
    let (address, vendor) = Vendor::default().listen().await;
    let webhook = online(&address, &[LISTENER]);
    for body in [
        "{\"b\":1.0,\"a\":1e2,\"empty\":{},\"list\":[ ],\"slash\":\"\\/\",\"u\":\"\\u00e9é\",\"a\":-0}",
        "{ \"z\" : 100000000000000000000000000000.10 ,\t\"y\":\"\\\"},\\\"webhook_id\\\":\\\"x\" }",
        "{}",
    ] {
        verified(&webhook, &signed(&address, body)).await.unwrap();
        let asked = vendor.asked.lock().unwrap().pop().unwrap().1;
        let asked = std::str::from_utf8(&asked).unwrap();
        let whole = format!("\"webhook_id\":\"{LISTENER}\",\"webhook_event\":{body}}}");
        assert!(asked.ends_with(&whole), "{asked}");
    }
    // White space around the object is signed too, so it is sent too: the vendor verifies every byte that we read.
    let spaced = " {\"id\":1}\r\n";
    let result = verified(&webhook, &signed(&address, spaced)).await;
    assert!(
        matches!(result, Err(WebhookError::BadSignature)),
        "the fake verifies only the object"
    );
    let asked = vendor.asked.lock().unwrap().pop().unwrap().1;
    assert!(asked.ends_with(format!("\"webhook_event\":{spaced}}}").as_bytes()));
}

#[tokio::test]
async fn a_body_cannot_add_fields_to_the_request() {
    let (address, vendor) = Vendor::default().listen().await;
    let webhook = online(&address, &[LISTENER]);
    for body in [
        "{\"id\":1},\"x\":{}",
        "{\"id\":1},\"webhook_id\":\"8AB\"",
        "{}} {",
        "{}}",
        "{}{}",
        "{} x",
        "{},",
        "{\"id\":1}\u{0}",
        "{\"id\":1",
        "[{}]",
        "\"{}\"",
        "null",
        "1",
        "",
        " ",
        "{\"a\":\"\u{1}\"}",
        "\u{feff}{}",
        "{'a':1}",
    ] {
        let result = verified(&webhook, &signed(&address, body)).await;
        assert!(
            matches!(result, Err(WebhookError::Malformed(_))),
            "{body}: {result:?}"
        );
    }
    let mut malformed = signed(&address, "{}");
    malformed.body = Bytes::from_static(b"{\"a\":\"\xff\"}");
    assert!(verified(&webhook, &malformed).await.is_err(), "not UTF-8");
    assert_eq!(vendor.asked(), 0, "PayPal is not asked about it");
}

#[tokio::test]
async fn what_paypal_would_reject_is_not_sent() {
    let (address, vendor) = Vendor::default().listen().await;
    let webhook = online(&address, &[LISTENER]);
    let with = |name: &'static str, value: String| signed(&address, "{}").with_header(name, value);
    let url = |host: &str| [host, CERTIFICATES, "CERT-1"].concat();
    for malformed in [
        with("paypal-transmission-id", "a".repeat(51)),
        with(
            "paypal-transmission-time",
            format!("2025-10-09T08:53:20.{}Z", "0".repeat(100)),
        ),
        with("paypal-transmission-sig", "AAAA".repeat(126)),
        with("paypal-auth-algo", "SHA1withRSA".to_owned()),
        with("paypal-auth-algo", "a".repeat(101)),
        with("paypal-cert-url", url("https://api.paypal.com")),
        with("paypal-cert-url", url("https://evil.example")),
        with(
            "paypal-cert-url",
            [&url(&address), "a".repeat(500).as_str()].concat(),
        ),
    ] {
        let result = verified(&webhook, &malformed).await.unwrap_err();
        assert!(result.status().is_client_error(), "{result:?}");
    }
    assert_eq!(
        vendor.asked() + vendor.tokens.load(Ordering::SeqCst) as usize,
        0
    );
}

#[tokio::test]
async fn a_verdict_is_valid_only_for_its_delivery() {
    let (address, vendor) = Vendor::default().listen().await;
    let webhook = online(&address, &[LISTENER]);
    let delivery = signed(&address, "{\"id\":\"WH-1\"}");
    let verdict = webhook.prefetch(&delivery.request(), now()).await.unwrap();
    let rejected = |other: &SignedDelivery| {
        let result = webhook.verify(other.request(), &verdict, now());
        assert!(
            matches!(result, Err(WebhookError::Malformed(_))),
            "{other:?}: {result:?}"
        );
    };
    webhook.verify(delivery.request(), &verdict, now()).unwrap();
    let mut other = delivery.clone();
    other.body = Bytes::from_static(b"{\"id\":\"WH-2\"}");
    rejected(&other);
    for (name, value) in [
        ("paypal-transmission-id", "another"),
        ("paypal-transmission-time", "2025-10-09T08:53:21Z"),
        ("paypal-transmission-sig", "AAAA"),
        ("paypal-cert-url", url_of(&address, "CERT-2").as_str()),
    ] {
        rejected(&delivery.clone().with_header(name, value));
    }
    // Nor for another listener, nor in place of a certificate.
    let stranger = online(&address, &["8AB"]);
    assert!(
        stranger
            .verify(delivery.request(), &verdict, now())
            .is_err()
    );
    let (offline, _) = serving(LEAF, &[LISTENER]);
    assert!(
        offline
            .verify(sign("{}", now()).request(), &verdict, now())
            .is_err()
    );
    let nothing = webhook.verify(delivery.request(), &Prefetched::none(), now());
    assert!(matches!(nothing, Err(WebhookError::Malformed(_))));
    let certificate = Prefetched::of(Bytes::from_static(LEAF.as_bytes()));
    assert!(
        webhook
            .verify(delivery.request(), &certificate, now())
            .is_err()
    );
    assert_eq!(vendor.asked(), 1);
}

#[tokio::test]
async fn an_emulator_on_this_machine_serves_certificates_too() {
    let (address, vendor) = Vendor::default().listen().await;
    let config = PayPalWebhookConfig::new([LISTENER]).with_local_base_url(&address);
    let delivery = signed(&address, "{}");
    let own = PayPalWebhook::new(&config.clone().with_root_certificates(ROOT)).unwrap();
    verified(&own, &delivery).await.unwrap();
    let machines = PayPalWebhook::new(&config).unwrap();
    assert!(verified(&machines, &delivery).await.is_err());
    // PayPal's own hosts are not an emulator's.
    let result = verified(&own, &sign("{}", now())).await;
    assert!(
        matches!(result, Err(WebhookError::Malformed(_))),
        "{result:?}"
    );
    assert_eq!(vendor.asked(), 0, "offline PayPal is not asked");
}

fn url_of(address: &str, name: &str) -> String {
    [address, CERTIFICATES, name].concat()
}

/// The fake's verdicts are those of PayPal's description.
#[test]
fn the_verdicts_are_paypals() {
    for (verdict, good) in [("SUCCESS", true), ("FAILURE", false)] {
        let response: Value = json!({"verification_status": verdict});
        let read: crate::wire::Verified = serde_json::from_value(response).unwrap();
        let success = read.verification_status == crate::wire::VerificationStatus::Success;
        assert_eq!(success, good);
    }
}
