//! What is judged by the head alone, before a stranger costs anything.

use anyvendor_core::webhook::{WebhookError, WebhookHead};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header::CONTENT_TYPE};

use super::{
    harness::{SignedDelivery, WebhookHarness},
    receive::{NOW, at, receive, refused},
};
use crate::report::{Case, ensure};

/// What a stranger sends without knowing anything is rejected by its head, and by `verify` as well.
pub(super) async fn is_judged_first(harness: &WebhookHarness) -> Case {
    let verifier = &harness.verifier;
    for genuine in harness.signer.deliveries(at(NOW)) {
        let judged = verifier.precheck(&genuine.request().head());
        ensure!(judged.is_ok(), "a genuine head was refused: {judged:?}");
        let mut strangers = Vec::new();
        let mut bare = genuine.clone();
        bare.headers = HeaderMap::new();
        strangers.push(("no headers", bare));
        for name in harness.signer.headers() {
            let mut without = genuine.clone();
            without.headers.remove(*name);
            strangers.push(("a header missing", without));
        }
        if genuine.headers.contains_key(CONTENT_TYPE) && genuine.method != Method::GET {
            let mut other = genuine.clone();
            let xml = HeaderValue::from_static("text/xml");
            other.headers.insert(CONTENT_TYPE, xml);
            strangers.push(("another content type", other));
        }
        for (what, stranger) in strangers {
            let by_head = verifier.precheck(&stranger.request().head());
            ensure!(by_head.is_err(), "{what}: its head was accepted");
            // The body cannot change what the head decided.
            let whole = SignedDelivery {
                body: Bytes::from_static(b"x"),
                ..stranger
            };
            refused(receive(verifier, &whole, NOW).await, what)?;
        }
        some_form_is_judged(harness, &genuine)?;
    }
    Ok(())
}

/// Not every text can be told from an id by its form, but a signature can be told from other text.
fn some_form_is_judged(harness: &WebhookHarness, genuine: &SignedDelivery) -> Case {
    let is_judged = |name: &&'static str| {
        let mut other = genuine.clone();
        other.headers.insert(*name, HeaderValue::from_static("?"));
        harness.verifier.precheck(&other.request().head()).is_err()
    };
    ensure!(
        harness.signer.headers().iter().any(is_judged),
        "any text passes for a signature"
    );
    Ok(())
}

/// Every method except the vendor's is rejected, by the head and by `verify`.
pub(super) async fn another_method_is_refused(harness: &WebhookHarness) -> Case {
    for genuine in harness.signer.deliveries(at(NOW)) {
        for method in [
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
            Method::HEAD,
        ] {
            if method == genuine.method {
                continue;
            }
            let other = genuine.clone().with_method(method.clone());
            let head = WebhookHead::new(&other.method, &other.url, &other.headers);
            let by_head = harness.verifier.precheck(&head);
            ensure!(
                matches!(by_head, Err(WebhookError::Method)),
                "{method}: the head gets {by_head:?}"
            );
            let request = other.request();
            let prefetched = harness.verifier.prefetch(&genuine.request(), at(NOW)).await;
            let prefetched = prefetched.unwrap_or_default();
            let verified = harness.verifier.verify(request, &prefetched, at(NOW));
            ensure!(
                matches!(verified, Err(WebhookError::Method)),
                "{method}: {verified:?}"
            );
        }
    }
    Ok(())
}
