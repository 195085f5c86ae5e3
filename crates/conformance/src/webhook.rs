//! The contract of `WebhookVerifier`.

mod adversarial;
mod harness;
mod head;
mod mutate;
mod receive;
mod respelt;

use std::time::Duration;

use anyvendor_core::webhook::{WebhookError, WebhookEvent, Window};
use http::{HeaderValue, header::CONTENT_TYPE};

use self::receive::{NOW, at, receive, refused};
pub use self::{
    adversarial::Adversarial,
    harness::{SignedDelivery, WebhookHarness, WebhookSigner},
};
use crate::report::{Case, CaseFailure, Report, ensure};

/// Runs every case.
pub async fn run(harness: &WebhookHarness) -> Report {
    let mut report = Report::default();
    report
        .run("genuine_is_taken", genuine_is_taken(harness))
        .await;
    report
        .run("any_secret_will_do", any_secret_will_do(harness))
        .await;
    report
        .run("wrong_secret_is_refused", wrong_secret_is_refused(harness))
        .await;
    report
        .run(
            "another_delivery_with_this_signature_is_refused",
            swapped_is_refused(harness),
        )
        .await;
    report
        .run(
            "missing_or_doubled_header_is_refused",
            headers_are_there_once(harness),
        )
        .await;
    report
        .run(
            "other_content_type_is_refused",
            other_content_type_is_refused(harness),
        )
        .await;
    report
        .run("too_long_is_refused", too_long_is_refused(harness))
        .await;
    report
        .run("head_is_judged_first", head::is_judged_first(harness))
        .await;
    report
        .run(
            "another_method_is_refused",
            head::another_method_is_refused(harness),
        )
        .await;
    match harness.window {
        Some(window) => {
            report
                .run(
                    "old_and_future_are_refused",
                    old_and_future_are_refused(harness, window),
                )
                .await
        }
        None => {
            report
                .run("age_is_unsupported", age_is_unsupported(harness))
                .await
        }
    }
    report
        .run("altered_is_refused", mutate::altered_is_refused(harness))
        .await;
    report
        .run("copies_share_their_key", copies_share_their_key(harness))
        .await;
    report
        .run(
            "respelt_is_the_same_event",
            respelt::is_the_same_event(harness),
        )
        .await;
    report
        .run("nothing_is_printed", nothing_is_printed(harness))
        .await;
    report
}

async fn genuine_is_taken(harness: &WebhookHarness) -> Case {
    let deliveries = harness.signer.deliveries(at(NOW));
    ensure!(
        deliveries.len() > 1,
        "the signer must make several deliveries"
    );
    for delivery in deliveries {
        let events = receive(&harness.verifier, &delivery, NOW).await;
        let events = events.map_err(|error| {
            CaseFailure::new(format!("a genuine delivery was refused: {error}"))
        })?;
        ensure!(!events.is_empty(), "a delivery without events");
        for event in events {
            ensure!(
                event.vendor == harness.verifier.vendor(),
                "of vendor {}",
                event.vendor
            );
            ensure!(
                !event.name.is_empty(),
                "an event without the vendor's name of it"
            );
            ensure!(!event.raw.0.is_empty(), "{}: no payload", event.name);
            ensure!(
                !event.late && event.received_at == at(NOW),
                "{}: late",
                event.name
            );
        }
    }
    Ok(())
}

async fn any_secret_will_do(harness: &WebhookHarness) -> Case {
    for delivery in harness.signer.deliveries(at(NOW)) {
        let taken = receive(&harness.rotating, &delivery, NOW).await;
        ensure!(taken.is_ok(), "the second secret is not tried: {taken:?}");
    }
    Ok(())
}

async fn wrong_secret_is_refused(harness: &WebhookHarness) -> Case {
    for delivery in harness.signer.deliveries(at(NOW)) {
        refused(
            receive(&harness.stranger, &delivery, NOW).await,
            "another's signature",
        )?;
    }
    Ok(())
}

async fn swapped_is_refused(harness: &WebhookHarness) -> Case {
    let deliveries = harness.signer.deliveries(at(NOW));
    for (one, other) in deliveries.iter().zip(deliveries.iter().skip(1)) {
        let mut forged = one.clone();
        forged.headers.clone_from(&other.headers);
        refused(
            receive(&harness.verifier, &forged, NOW).await,
            "a body under another's signature",
        )?;
    }
    Ok(())
}

async fn headers_are_there_once(harness: &WebhookHarness) -> Case {
    for delivery in harness.signer.deliveries(at(NOW)) {
        for name in harness.signer.headers() {
            let mut without = delivery.clone();
            without.headers.remove(*name);
            let error = refused(
                receive(&harness.verifier, &without, NOW).await,
                "a missing header",
            )?;
            ensure!(
                matches!(error, WebhookError::MissingHeader(_)),
                "without {name}: {error}"
            );
            for value in [
                delivery.headers.get(*name).cloned(),
                Some(HeaderValue::from_static("")),
            ] {
                let mut doubled = delivery.clone();
                let Some(value) = value else { continue };
                doubled.headers.append(*name, value);
                let error = refused(
                    receive(&harness.verifier, &doubled, NOW).await,
                    "a header that is there twice",
                )?;
                ensure!(
                    matches!(error, WebhookError::Malformed(_)),
                    "{name} twice: {error}"
                );
            }
        }
    }
    Ok(())
}

async fn other_content_type_is_refused(harness: &WebhookHarness) -> Case {
    for delivery in harness.signer.deliveries(at(NOW)) {
        // A delivery without a body has none.
        if !delivery.headers.contains_key(CONTENT_TYPE) {
            continue;
        }
        for other in [
            None,
            Some(""),
            Some("text/xml"),
            Some("application"),
            Some(";"),
        ] {
            let mut altered = delivery.clone();
            altered.headers.remove(CONTENT_TYPE);
            if let Some(other) = other {
                altered
                    .headers
                    .insert(CONTENT_TYPE, HeaderValue::from_static(other));
            }
            let error = refused(
                receive(&harness.verifier, &altered, NOW).await,
                "another content type",
            )?;
            ensure!(
                matches!(error, WebhookError::ContentType),
                "{other:?}: {error}"
            );
        }
    }
    Ok(())
}

async fn too_long_is_refused(harness: &WebhookHarness) -> Case {
    let limit = harness.verifier.max_body();
    for mut delivery in harness.signer.deliveries(at(NOW)).into_iter().take(1) {
        let mut body = delivery.body.to_vec();
        body.resize(limit + 1, b' ');
        delivery.body = body.into();
        let error = refused(
            receive(&harness.verifier, &delivery, NOW).await,
            "an endless body",
        )?;
        ensure!(
            matches!(error, WebhookError::BodyTooLarge { limit: found } if found == limit),
            "reported as {error}"
        );
    }
    Ok(())
}

async fn old_and_future_are_refused(harness: &WebhookHarness, window: Window) -> Case {
    let seconds = |length: Duration| i64::try_from(length.as_secs()).unwrap_or(i64::MAX);
    let (past, future) = (seconds(window.past), seconds(window.future));
    for delivery in harness.signer.deliveries(at(NOW)) {
        for inside in [past, past - 1, -future, 1 - future] {
            let taken = receive(&harness.verifier, &delivery, NOW + inside).await;
            ensure!(
                taken.is_ok(),
                "refused {inside} s after it was signed: {taken:?}"
            );
        }
        let old = refused(
            receive(&harness.verifier, &delivery, NOW + past + 1).await,
            "an old delivery",
        )?;
        ensure!(matches!(old, WebhookError::TooOld), "an old one: {old}");
        let new = refused(
            receive(&harness.verifier, &delivery, NOW - future - 1).await,
            "a future delivery",
        )?;
        ensure!(matches!(new, WebhookError::TooNew), "a future one: {new}");
    }
    Ok(())
}

async fn age_is_unsupported(harness: &WebhookHarness) -> Case {
    for delivery in harness.signer.deliveries(at(NOW)) {
        let taken = receive(&harness.verifier, &delivery, NOW + 86_400 * 365).await;
        ensure!(
            taken.is_ok(),
            "the harness names no window, and age matters: {taken:?}"
        );
    }
    Ok(())
}

async fn copies_share_their_key(harness: &WebhookHarness) -> Case {
    let mut keys = Vec::new();
    for delivery in harness.signer.deliveries(at(NOW)) {
        let first = receive(&harness.verifier, &delivery, NOW).await;
        let again = receive(&harness.verifier, &delivery, NOW + 7).await;
        let (Ok(first), Ok(again)) = (first, again) else {
            return Err(CaseFailure::new("a genuine delivery was refused"));
        };
        let of = |events: &[WebhookEvent]| -> Vec<_> {
            events
                .iter()
                .map(|event| event.dedupe_key.clone())
                .collect()
        };
        ensure!(of(&first) == of(&again), "a copy has another key");
        keys.extend(of(&first));
    }
    let all = keys.len();
    keys.sort();
    keys.dedup();
    ensure!(keys.len() == all, "{} events share a key", all - keys.len());
    Ok(())
}

async fn nothing_is_printed(harness: &WebhookHarness) -> Case {
    for delivery in harness.signer.deliveries(at(NOW)) {
        let request = delivery.request();
        let prefetched = harness.verifier.prefetch(&request, at(NOW)).await;
        let prefetched = prefetched.map_err(|error| CaseFailure::new(format!("{error}")))?;
        let verified = harness.verifier.verify(request, &prefetched, at(NOW));
        let verified = verified.map_err(|error| CaseFailure::new(format!("{error}")))?;
        let forged = refused(
            receive(&harness.stranger, &delivery, NOW).await,
            "another's signature",
        )?;
        let shown = format!(
            "{:?} {request:?} {prefetched:?} {verified:?} {forged} {forged:?}",
            harness.verifier
        );
        let holds = |text: &str| text.len() > 8 && shown.contains(text);
        ensure!(!holds(&delivery.url), "the URL is printed: {shown}");
        for name in harness.signer.headers() {
            let value = delivery
                .headers
                .get(*name)
                .and_then(|value| value.to_str().ok());
            ensure!(
                !holds(value.unwrap_or_default()),
                "{name} is printed: {shown}"
            );
        }
        if let Ok(body) = std::str::from_utf8(&delivery.body) {
            ensure!(!holds(body), "the body is printed: {shown}");
        }
    }
    Ok(())
}
