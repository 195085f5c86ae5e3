//! Webhooks: the contract, Stripe's own vectors, and each event as a neutral event.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

#[path = "webhook/accounts.rs"]
mod accounts;
#[path = "webhook/events.rs"]
mod events;

use std::sync::Arc;

use anyvendor_adapter_stripe::{StripeWebhook, StripeWebhookConfig};
use anyvendor_conformance::{SignedDelivery, WebhookHarness, WebhookSigner, webhook};
use anyvendor_core::{
    values::Secret,
    webhook::{Prefetched, WebhookError, WebhookVerifier, Window},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use jiff::Timestamp;
use ring::hmac;
use serde_json::Value;

const SECRET: &str = "whsec_conformance";

/// Different events with personal data in them, for the contract.
pub(crate) const BODIES: [&str; 3] = [
    r#"{"id":"evt_1","object":"event","type":"payment_intent.succeeded","created":1759999990,"livemode":false,"data":{"object":{"id":"pi_1","amount":100,"currency":"usd","receipt_email":"canary@example.com"}}}"#,
    r#"{"id":"evt_2","object":"event","type":"customer.created","created":1759999990,"data":{"object":{"id":"cus_1","email":"canary@example.com"}}}"#,
    r#"{"id":"evt_3","object":"event","type":"invoice.paid","data":{"object":{"id":"in_1"}}}"#,
];

pub(crate) fn verifier(secrets: &[&str]) -> Arc<dyn WebhookVerifier> {
    let secrets = secrets.iter().map(|secret| Secret::new(*secret));
    Arc::new(StripeWebhook::new(&StripeWebhookConfig::new(secrets)).unwrap())
}

/// Signs as Stripe's documentation describes.
pub(crate) fn sign(body: &str, at: Timestamp) -> SignedDelivery {
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let signed = hmac::sign(&key, format!("{}.{body}", at.as_second()).as_bytes());
    let hex: String = signed
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    SignedDelivery::post(
        "/webhooks/stripe",
        "application/json; charset=utf-8",
        body.to_owned(),
    )
    .with_header("stripe-signature", format!("t={},v1={hex}", at.as_second()))
}

#[derive(Debug)]
struct Signer;

impl WebhookSigner for Signer {
    fn deliveries(&self, at: Timestamp) -> Vec<SignedDelivery> {
        BODIES.iter().map(|body| sign(body, at)).collect()
    }

    fn headers(&self) -> &'static [&'static str] {
        &["stripe-signature"]
    }

    /// The header may have its parts in another order, and others beside them.
    fn respelt(&self, genuine: &SignedDelivery) -> Vec<SignedDelivery> {
        let header = genuine.headers["stripe-signature"].to_str().unwrap();
        let (time, signature) = header.split_once(',').unwrap();
        let zeros = "0".repeat(64);
        [
            format!("{signature},{time}"),
            format!("{header},v1={zeros},v0={zeros}"),
            format!("{header},{signature}"),
            format!("{time},v0={zeros},{signature},later="),
        ]
        .map(|header| genuine.clone().with_header("stripe-signature", header))
        .into()
    }
}

#[tokio::test]
async fn keeps_the_contract() {
    let harness = WebhookHarness {
        verifier: verifier(&[SECRET]),
        rotating: verifier(&["whsec_other", SECRET]),
        stranger: verifier(&["whsec_other", "whsec_another"]),
        signer: Arc::new(Signer),
        window: Some(Window::default()),
        alterations: 100_000,
    };
    webhook::run(&harness).await.assert_passed(14);
}

#[test]
#[ignore = "needs ANYVENDOR_VECTORS"]
fn stripes_own_vectors() {
    let folder =
        std::env::var("ANYVENDOR_VECTORS").expect("ANYVENDOR_VECTORS names the folder of vectors");
    let text = std::fs::read_to_string(format!("{folder}/stripe.json")).unwrap();
    let vectors: Value = serde_json::from_str(&text).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 26);
    for case in cases {
        let text = |name: &str| case[name].as_str().unwrap().to_owned();
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        headers.insert("stripe-signature", text("header").parse().unwrap());
        let (method, body) = (Method::POST, Bytes::from(text("payload")));
        let request = anyvendor_core::webhook::WebhookRequest::new(&method, "/", &headers, &body);
        let now = Timestamp::from_second(case["now"].as_i64().unwrap()).unwrap();
        let taken = verifier(&[&text("secret")])
            .verify(request, &Prefetched::none(), now)
            .map(drop);
        match text("id").as_str() {
            // Stricter than the vendor's libraries only in these two points: there is no tolerance of 0 that means "do not
            // check", and the future is refused.
            "valid-no-tolerance" => {
                assert!(matches!(taken, Err(WebhookError::TooOld)), "{taken:?}")
            }
            "future-timestamp" => assert!(matches!(taken, Err(WebhookError::TooNew)), "{taken:?}"),
            id => assert_eq!(taken.is_ok(), text("expect") == "accept", "{id}: {taken:?}"),
        }
    }
}
