//! Deliveries of PayPal, signed with the certificate that its adapter is tested with.

use std::sync::Arc;

use anyvendor_adapter_paypal::{PayPalWebhook, PayPalWebhookConfig};
use anyvendor_conformance::{SignedDelivery, webhook::Adversarial};
use anyvendor_core::webhook::Prefetched;
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use ring::{
    rand::SystemRandom,
    signature::{RSA_PKCS1_SHA256, RsaKeyPair},
};

pub(super) const ROOT: &str =
    include_str!("../../../crates/adapter-paypal/tests/fixtures/webhook_root.pem");
const LEAF: &str = include_str!("../../../crates/adapter-paypal/tests/fixtures/webhook_leaf.pem");
const KEY: &str =
    include_str!("../../../crates/adapter-paypal/tests/fixtures/webhook_leaf_key.pkcs8.b64");
const LISTENER: &str = "1JE4291016473214C";
const ID: &str = "paypal-transmission-id";
const TIME: &str = "paypal-transmission-time";
const BODIES: [&str; 3] = [
    include_str!("../../../fuzz/corpus/paypal_events/capture.json"),
    include_str!("../../../fuzz/corpus/paypal_events/dispute.json"),
    include_str!("../../../fuzz/corpus/paypal_events/novel.json"),
];

pub(super) fn adversarial() -> Adversarial {
    // Custom root certificates need a host that is named.
    let config = PayPalWebhookConfig::new(["8AB", LISTENER])
        .with_base_url("https://api.paypal.com")
        .with_root_certificates(ROOT);
    Adversarial {
        verifier: Arc::new(PayPalWebhook::new(&config).expect("good settings")),
        prefetched: Prefetched::of(Bytes::from_static(LEAF.as_bytes())),
        genuine: BODIES.map(post).into(),
        signed,
        payloads: |delivery| vec![delivery.body.clone()],
    }
}

fn post(body: &str) -> SignedDelivery {
    let mut delivery =
        SignedDelivery::post("/webhooks/paypal", "application/json", body.to_owned())
            .with_header(ID, "69cd13f0-d67a-11e5-baa3-778b53f4ae55")
            .with_header(TIME, Adversarial::now().to_string());
    let signature = sign(&signed(&delivery));
    delivery = delivery
        .with_header("paypal-transmission-sig", BASE64_STANDARD.encode(signature))
        .with_header("paypal-auth-algo", "SHA256withRSA")
        .with_header(
            "paypal-cert-url",
            "https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-a5cafa77",
        );
    delivery
}

/// Signs with the key of the certificate.
pub(super) fn sign(message: &[u8]) -> Vec<u8> {
    let key = BASE64_STANDARD.decode(KEY.trim()).expect("a key in base64");
    let key = RsaKeyPair::from_pkcs8(&key).expect("a key");
    let mut signature = vec![0; key.public().modulus_len()];
    let random = SystemRandom::new();
    key.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
        .expect("a signature");
    signature
}

/// Only the checksum of the body is signed.
fn signed(delivery: &SignedDelivery) -> Vec<u8> {
    let header = |name| {
        let value = delivery.headers.get(name);
        value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let checksum = crc32(&delivery.body);
    format!("{}|{}|{LISTENER}|{checksum}", header(ID), header(TIME)).into()
}

/// The CRC-32 of zip files, bit by bit; the adapter uses a library.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 * (crc & 1))
        })
    })
}
