//! Deliveries of SendGrid: batches of events, and inbound email.

use std::sync::Arc;

use anyvendor_adapter_sendgrid::{SendGridWebhook, SendGridWebhookConfig, SendGridWebhookKind};
use anyvendor_conformance::{SignedDelivery, webhook::Adversarial};
use anyvendor_core::webhook::Prefetched;
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair},
};
use serde_json::value::RawValue;

/// Made for tests; it gives access to nothing.
const KEY: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgRRJtv2rnl9jDEi9LlVvRJ8EVfcCGlcIOXc30fRSiFp6hRANCAAQz5B8SvQMwsFYNhUZ9SNIDUZIuA42f19nDiAYsMadPOQW/53g7ayhJSWkob4V9E+ujoGdOurqbAJlN6kHqUDKE";
const PUBLIC: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEM+QfEr0DMLBWDYVGfUjSA1GSLgONn9fZw4gGLDGnTzkFv+d4O2soSUlpKG+FfRPro6BnTrq6mwCZTepB6lAyhA==";
const SIGNATURE: &str = "x-twilio-email-event-webhook-signature";
const TIMESTAMP: &str = "x-twilio-email-event-webhook-timestamp";
const BODIES: [&str; 3] = [
    include_str!("../../../fuzz/corpus/sendgrid_events/engagement.json"),
    include_str!("../../../fuzz/corpus/sendgrid_events/failures.json"),
    include_str!("../../../fuzz/corpus/sendgrid_events/processed.json"),
];

const EMAILS: [&[u8]; 4] = [
    include_bytes!("../../../fuzz/corpus/inbound_events/default"),
    include_bytes!("../../../fuzz/corpus/inbound_events/raw"),
    include_bytes!("../../../fuzz/corpus/inbound_events/files"),
    include_bytes!("../../../fuzz/corpus/inbound_events/charsets"),
];

pub(super) fn adversarial() -> Adversarial {
    Adversarial {
        verifier: verifier(SendGridWebhookKind::Events),
        prefetched: Prefetched::none(),
        genuine: BODIES
            .map(|body| sign("application/json", body.as_bytes()))
            .into(),
        signed,
        payloads,
    }
}

/// Inbound email: one event for each delivery.
pub(super) fn inbound() -> Adversarial {
    const TYPE: &str = "multipart/form-data; boundary=xYzZY";
    Adversarial {
        verifier: verifier(SendGridWebhookKind::Inbound),
        prefetched: Prefetched::none(),
        genuine: EMAILS.map(|email| sign(TYPE, email)).into(),
        signed,
        payloads: |delivery| vec![delivery.body.clone()],
    }
}

fn verifier(kind: SendGridWebhookKind) -> Arc<SendGridWebhook> {
    let config = SendGridWebhookConfig::new([PUBLIC]).with_kind(kind);
    Arc::new(SendGridWebhook::new(&config).expect("good settings"))
}

fn sign(content_type: &'static str, body: &'static [u8]) -> SignedDelivery {
    let key = BASE64_STANDARD.decode(KEY).expect("a key in base64");
    let random = SystemRandom::new();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &key, &random);
    let delivery = SignedDelivery::post("/webhooks/sendgrid", content_type, body)
        .with_header(TIMESTAMP, Adversarial::now().as_second().to_string());
    let signature = pair.expect("a key").sign(&random, &signed(&delivery));
    let signature = BASE64_STANDARD.encode(signature.expect("a signature"));
    delivery.with_header(SIGNATURE, signature)
}

/// The time and the body, with nothing between them.
fn signed(delivery: &SignedDelivery) -> Vec<u8> {
    let time = delivery.headers.get(TIMESTAMP);
    [
        time.map_or(&b""[..], |time| time.as_bytes()),
        &delivery.body,
    ]
    .concat()
}

/// One payload for each entry of the array.
fn payloads(delivery: &SignedDelivery) -> Vec<Bytes> {
    match serde_json::from_slice::<Vec<&RawValue>>(&delivery.body) {
        Ok(batch) => batch
            .into_iter()
            .map(|event| Bytes::copy_from_slice(event.get().as_bytes()))
            .collect(),
        Err(_) => vec![delivery.body.clone()],
    }
}
