//! The signature header's format, and a known signature.

use anyvendor_core::values::Secret;
use bytes::Bytes;
use http::{HeaderMap, Method};

use super::*;

/// Computed by two implementations of the documented algorithm.
const BODY: &str = r#"{"id":"evt_test_1","object":"event","type":"payment_intent.succeeded"}"#;
const SIGNED: &str = "871acfe933554b446cc41d791076dd56a10c0553cc61aafbeb881d0082b45043";
const SECOND: i64 = 1_700_000_000;

fn verify(header: &str, body: &str, secrets: &[&str]) -> Result<String, WebhookError> {
    let config = StripeWebhookConfig::new(secrets.iter().map(|secret| Secret::new(*secret)));
    let webhook = StripeWebhook::new(&config).unwrap();
    let mut headers = HeaderMap::new();
    headers.insert(
        "content-type",
        "application/json; charset=utf-8".parse().unwrap(),
    );
    headers.insert("stripe-signature", header.parse().unwrap());
    let (method, body) = (Method::POST, Bytes::copy_from_slice(body.as_bytes()));
    let request = WebhookRequest::new(&method, "/", &headers, &body);
    let now = Timestamp::from_second(SECOND).unwrap();
    let verified = webhook.verify(request, &Prefetched::none(), now)?;
    Ok(webhook.events(&verified)[0].name.clone())
}

#[test]
fn the_known_signature_is_accepted_in_any_order_and_among_others() {
    let good = format!("t={SECOND},v1={SIGNED}");
    assert_eq!(
        verify(&good, BODY, &["whsec_test_secret"]).unwrap(),
        "payment_intent.succeeded"
    );
    let zeros = "0".repeat(64);
    for header in [
        format!("v1={SIGNED},t={SECOND}"),
        format!("t={SECOND},v1={zeros},v1={SIGNED},v0={zeros}"),
        format!("t={SECOND},v1=nonsense,v1={SIGNED},v2=x,later="),
    ] {
        verify(&header, BODY, &["whsec_other", "whsec_test_secret"]).unwrap();
    }
}

#[test]
fn a_malformed_header_differs_from_a_wrong_signature() {
    let secret = &["whsec_test_secret"][..];
    let upper = SIGNED.to_uppercase();
    for (header, malformed) in [
        (String::new(), true),
        ("t".to_owned(), true),
        (format!("v1={SIGNED}"), true),
        (format!("t=,v1={SIGNED}"), true),
        (format!("t=+{SECOND},v1={SIGNED}"), true),
        (format!("t=99999999999999999999,v1={SIGNED}"), true),
        (format!("t={SECOND},t={SECOND},v1={SIGNED}"), true),
        (format!("t={SECOND},v1={SIGNED}="), true),
        (
            format!("t={SECOND}{}", format!(",v1={SIGNED}").repeat(17)),
            true,
        ),
        (format!("t={SECOND},v1={upper}"), false),
        (format!("t={SECOND},v1="), false),
        (format!("t={},v1={SIGNED}", SECOND + 1), false),
        (format!("t={SECOND},v1={}", &SIGNED[..32]), false),
    ] {
        match verify(&header, BODY, secret) {
            Err(WebhookError::Malformed(_)) => assert!(malformed, "{header}"),
            Err(WebhookError::BadSignature) => assert!(!malformed, "{header}"),
            other => panic!("{header}: {other:?}"),
        }
    }
    let decoy = verify(&format!("t={SECOND},v0={SIGNED}"), BODY, secret);
    assert!(matches!(decoy, Err(WebhookError::UnknownScheme(_))));
}

#[test]
fn invalid_secrets_are_named() {
    for bad in ["sk_test_canary", "whsec_can ary", "canary"] {
        let error = StripeWebhook::new(&StripeWebhookConfig::new([Secret::new(bad)])).unwrap_err();
        assert_eq!(error.field(), Some("secrets"));
        assert!(!error.to_string().contains("can"), "{error}");
    }
    assert!(StripeWebhook::new(&StripeWebhookConfig::new([] as [Secret; 0])).is_err());
    let shown = format!(
        "{:?}",
        StripeWebhook::new(&StripeWebhookConfig::new([Secret::new("whsec_canary")]))
    );
    assert!(!shown.contains("canary"));
}
