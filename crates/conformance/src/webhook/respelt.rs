//! Other deliveries under the signature of a genuine one: none of them is another event.

use anyvendor_core::webhook::{DedupeKey, WebhookEvent};
use http::{HeaderValue, header::CONTENT_TYPE};

use super::{
    harness::{SignedDelivery, WebhookHarness},
    receive::{NOW, at, receive_signed},
};
use crate::report::{Case, CaseFailure, ensure};

/// Each is rejected, or has the same keys, or the receiver knows that the signature had another content.
pub(super) async fn is_the_same_event(harness: &WebhookHarness) -> Case {
    for genuine in harness.signer.deliveries(at(NOW)) {
        let (events, signed) = receive_signed(&harness.verifier, &genuine, NOW)
            .await
            .map_err(|error| CaseFailure::new(format!("a genuine delivery: {error}")))?;
        let keys = keys_of(&events);
        for respelt in respelt(harness, &genuine) {
            let Ok((again, other)) = receive_signed(&harness.verifier, &respelt, NOW).await else {
                continue;
            };
            let is_told_apart = match (&signed, &other) {
                (Some(signed), Some(other)) => {
                    ensure!(
                        // tidy: mac: digests that are no secret, compared by a test
                        signed.signature == other.signature,
                        "the receiver does not know the signature again: {respelt:?}"
                    );
                    signed.content != other.content
                }
                _ => false,
            };
            ensure!(
                is_told_apart || keys_of(&again) == keys,
                "one signature is several events: {respelt:?}"
            );
        }
    }
    Ok(())
}

fn keys_of(events: &[WebhookEvent]) -> Vec<&DedupeKey> {
    events.iter().map(|event| &event.dedupe_key).collect()
}

/// What no vendor signs, changed; and the vendor's own ways.
fn respelt(harness: &WebhookHarness, genuine: &SignedDelivery) -> Vec<SignedDelivery> {
    let mut all = harness.signer.respelt(genuine);
    all.push(
        genuine
            .clone()
            .with_header("x-forwarded-host", "other.example.com"),
    );
    all.push(
        genuine
            .clone()
            .with_header("date", "Thu, 01 Jan 1970 00:00:00 GMT"),
    );
    if let Some(content_type) = genuine.headers.get(CONTENT_TYPE) {
        let with = [content_type.as_bytes(), b"; version=2"].concat();
        if let Ok(value) = HeaderValue::from_bytes(&with) {
            let mut other = genuine.clone();
            other.headers.insert(CONTENT_TYPE, value);
            all.push(other);
        }
    }
    if !harness.signer.signs_url() {
        let mut other = genuine.clone();
        let joint = if other.url.contains('?') { '&' } else { '?' };
        other.url.push(joint);
        other.url.push_str("copy=1");
        all.push(other);
    }
    for name in harness.signer.headers() {
        let mut other = genuine.clone();
        if let Some(value) = other.headers.remove(*name) {
            // The map's order is that of the wire.
            other.headers.append(*name, value);
            all.push(other);
        }
    }
    all
}
