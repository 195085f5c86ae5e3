//! Deliveries of Stripe.

use std::sync::Arc;

use anyvendor_adapter_stripe::{StripeWebhook, StripeWebhookConfig};
use anyvendor_conformance::{SignedDelivery, webhook::Adversarial};
use anyvendor_core::{values::Secret, webhook::Prefetched};
use ring::hmac;

const SECRET: &str = "whsec_fuzz";
const SIGNATURE: &str = "stripe-signature";
const BODIES: [&str; 3] = [
    include_str!("../../../fuzz/corpus/stripe_events/customer.json"),
    include_str!("../../../fuzz/corpus/stripe_events/intent.json"),
    include_str!("../../../fuzz/corpus/stripe_events/invoice.json"),
];

pub(super) fn adversarial() -> Adversarial {
    let config = StripeWebhookConfig::new([Secret::new("whsec_other"), Secret::new(SECRET)]);
    Adversarial {
        verifier: Arc::new(StripeWebhook::new(&config).expect("good settings")),
        prefetched: Prefetched::none(),
        genuine: BODIES.map(sign).into(),
        signed,
        payloads: |delivery| vec![delivery.body.clone()],
    }
}

fn sign(body: &str) -> SignedDelivery {
    let time = Adversarial::now().as_second();
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let mac = hmac::sign(&key, format!("{time}.{body}").as_bytes());
    let hex: String = mac
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    SignedDelivery::post(
        "/webhooks/stripe",
        "application/json; charset=utf-8",
        body.to_owned(),
    )
    .with_header(SIGNATURE, format!("t={time},v1={hex}"))
}

/// The time and the body. Other signatures may be added or removed, as long as a valid one is left.
fn signed(delivery: &SignedDelivery) -> Vec<u8> {
    let header = delivery.headers.get(SIGNATURE);
    let text = header.and_then(|header| header.to_str().ok());
    let mut elements = text.unwrap_or_default().split(',');
    let time = elements.find_map(|element| element.strip_prefix("t="));
    [time.unwrap_or_default().as_bytes(), b".", &delivery.body].concat()
}
