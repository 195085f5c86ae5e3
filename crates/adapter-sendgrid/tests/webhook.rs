//! Webhooks: the contract, vectors checked with SendGrid's own libraries, and each event as a neutral event.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

#[path = "webhook/adversarial.rs"]
mod adversarial;
#[path = "webhook/config.rs"]
mod config;
#[path = "webhook/events.rs"]
mod events;
#[path = "webhook/inbound.rs"]
mod inbound;

use std::sync::Arc;

use anyvendor_adapter_sendgrid::{SendGridWebhook, SendGridWebhookConfig};
use anyvendor_conformance::{SignedDelivery, WebhookHarness, WebhookSigner, webhook};
use anyvendor_core::webhook::{Prefetched, WebhookVerifier};
use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::Timestamp;
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde_json::Value;

const SIGNATURE: &str = "x-twilio-email-event-webhook-signature";
const TIMESTAMP: &str = "x-twilio-email-event-webhook-timestamp";
const HEAD: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgA";

/// Different events with personal data in them, for the contract.
pub(crate) const BODIES: [&str; 3] = [
    "[{\"email\":\"canary@example.com\",\"timestamp\":1759999990,\"event\":\"processed\",\"sg_message_id\":\"14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0\"}]\r\n",
    "[{\"email\":\"canary@example.com\",\"timestamp\":1759999991,\"event\":\"delivered\"},{\"email\":\"canary@example.com\",\"timestamp\":1759999992,\"event\":\"open\",\"ip\":\"192.0.2.1\"}]\r\n",
    "[{\"email\":\"canary@example.com\",\"timestamp\":1759999993,\"event\":\"account_status_change\"}]\r\n",
];

/// A key pair, and its public half as SendGrid shows it.
pub(crate) fn key() -> (EcdsaKeyPair, String) {
    let random = SystemRandom::new();
    let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
    let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).unwrap();
    // The head is 26 bytes; its base64 ends within the 27th, the first of the key.
    let mut der = BASE64_STANDARD.decode(format!("{HEAD}E")).unwrap();
    der.truncate(26);
    der.extend_from_slice(pair.public_key().as_ref());
    let public = BASE64_STANDARD.encode(der);
    (pair, public)
}

pub(crate) fn verifier(keys: &[&str]) -> Arc<dyn WebhookVerifier> {
    let config = SendGridWebhookConfig::new(keys.iter().copied());
    Arc::new(SendGridWebhook::new(&config).unwrap())
}

/// Signs as SendGrid's documentation describes.
pub(crate) fn sign(pair: &EcdsaKeyPair, body: &str, at: Timestamp) -> SignedDelivery {
    let body = body.to_owned();
    let delivery = SignedDelivery::post("/webhooks/sendgrid", "application/json", body);
    signed(pair, delivery, at)
}

/// Signs a delivery of any kind.
pub(crate) fn signed(
    pair: &EcdsaKeyPair,
    delivery: SignedDelivery,
    at: Timestamp,
) -> SignedDelivery {
    let time = at.as_second().to_string();
    let text = [time.as_bytes(), &delivery.body].concat();
    let signature = pair.sign(&SystemRandom::new(), &text).unwrap();
    delivery
        .with_header(SIGNATURE, BASE64_STANDARD.encode(signature))
        .with_header(TIMESTAMP, time)
}

struct Signer(EcdsaKeyPair);

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer")
    }
}

impl WebhookSigner for Signer {
    fn deliveries(&self, at: Timestamp) -> Vec<SignedDelivery> {
        BODIES.iter().map(|body| sign(&self.0, body, at)).collect()
    }

    fn headers(&self) -> &'static [&'static str] {
        &[SIGNATURE, TIMESTAMP]
    }
}

#[tokio::test]
async fn keeps_the_contract() {
    let (pair, public) = key();
    let (other, another) = (key().1, key().1);
    let harness = WebhookHarness {
        verifier: verifier(&[&public]),
        rotating: verifier(&[&other, &public]),
        stranger: verifier(&[&other, &another]),
        signer: Arc::new(Signer(pair)),
        window: Some(SendGridWebhookConfig::new([public]).window()),
        alterations: 100_000,
    };
    webhook::run(&harness).await.assert_passed(14);
}

#[test]
#[ignore = "needs ANYVENDOR_VECTORS"]
fn the_vectors() {
    let folder = std::env::var("ANYVENDOR_VECTORS").unwrap();
    let text = std::fs::read_to_string(format!("{folder}/sendgrid.json")).unwrap();
    let vectors: Value = serde_json::from_str(&text).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 16);
    for case in cases {
        let text = |name: &str| case[name].as_str().unwrap();
        let delivery = SignedDelivery::post("/", "application/json", text("payload").to_owned())
            .with_header(SIGNATURE, text("signature"))
            .with_header(TIMESTAMP, text("timestamp"));
        // The scheme has no expiry of its own: each is looked at when it was signed.
        let now = Timestamp::from_second(text("timestamp").parse().unwrap()).unwrap();
        let taken = verifier(&[text("public_key")])
            .verify(delivery.request(), &Prefetched::none(), now)
            .map(drop);
        assert_eq!(
            taken.is_ok(),
            text("expect") == "accept",
            "{}: {taken:?}",
            text("id")
        );
    }
}

/// The example in the test of SendGrid's own Python library; its body ends in a line break.
#[test]
fn a_known_answer() {
    let key = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==";
    let body = "[{\"email\":\"hello@world.com\",\"event\":\"dropped\",\"reason\":\"Bounced Address\",\"sg_event_id\":\"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA\",\"sg_message_id\":\"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0\",\"smtp-id\":\"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>\",\"timestamp\":1600112492}]\r\n";
    let signature = "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=";
    let now = Timestamp::from_second(1_600_112_502).unwrap();
    let taken = |body: &str| {
        let delivery = SignedDelivery::post("/", "application/json", body.to_owned())
            .with_header(SIGNATURE, signature)
            .with_header(TIMESTAMP, "1600112502");
        verifier(&[key])
            .verify(delivery.request(), &Prefetched::none(), now)
            .is_ok()
    };
    assert!(taken(body) && !taken(body.trim_end()));
}
