//! The status of each reason, by whose fault it is; and the table of the documentation.

use anyvendor_core::Delivery;

use super::*;
use crate::webhooks::processor::DeliverySummary;

fn error() -> Box<Error> {
    Box::new(Error::new(Kind::Other, Delivery::NotSent, "away"))
}

/// Every reason, and whether it is ours or the network's fault.
fn reasons() -> Vec<(WebhookError, bool)> {
    let all = vec![
        (WebhookError::UnknownEndpoint, false),
        (WebhookError::Method, false),
        (WebhookError::ContentType, false),
        (WebhookError::MissingHeader("acme-signature"), false),
        (WebhookError::Malformed("a header is there twice"), false),
        (WebhookError::UnknownScheme("v0"), false),
        (WebhookError::BadSignature, false),
        (WebhookError::TooOld, false),
        (WebhookError::OtherContent, false),
        (WebhookError::BodyTooLarge { limit: 1 }, false),
        (WebhookError::TooNew, true),
        (WebhookError::Busy, true),
        (WebhookError::BodySlow, true),
        (WebhookError::BodyCut, true),
        (WebhookError::Unavailable(error()), true),
        (WebhookError::Store(error()), true),
        (WebhookError::NotHandled, true),
    ];
    let names: std::collections::BTreeSet<_> = all.iter().map(|(one, _)| one.as_str()).collect();
    assert_eq!(names.len(), all.len(), "each has its own name");
    all
}

#[test]
fn sf05_every_reason_has_the_status_of_whose_fault_it_is() {
    for (reason, ours) in reasons() {
        let name = reason.as_str();
        let (status, told) = response::status(&Err(reason));
        assert_eq!(told, Some(name));
        assert_eq!(status == 503, ours, "{name}: {status}");
        assert_eq!(status.is_client_error(), !ours, "{name}: {status}");
    }
    let failed = DeliverySummary {
        failed: 1,
        ..DeliverySummary::default()
    };
    let (status, told) = response::status(&Ok(failed));
    assert_eq!((status.as_u16(), told), (503, Some("handler")));
    let (status, told) = response::status(&Ok(DeliverySummary::default()));
    assert_eq!((status.as_u16(), told), (200, None));
}

#[test]
fn sf05_the_documentation_has_every_reason() {
    let document = include_str!("../../../../../docs/webhooks.md");
    for (reason, _) in reasons() {
        let row = format!("| `{}` | {} |", reason.as_str(), reason.status().as_u16());
        assert!(document.contains(&row), "docs/webhooks.md has no row {row}");
    }
    let rows = document
        .lines()
        .filter(|line| line.starts_with("| `") && line.contains("` | 4"));
    let ours = document
        .lines()
        .filter(|line| line.starts_with("| `") && line.contains("` | 503"));
    assert_eq!(rows.count() + ours.count(), reasons().len());
}

#[tokio::test]
async fn sf05_a_clock_that_is_behind_loses_nothing() {
    let (receiver, _) = receiver();
    let mut early = delivery("a");
    let signature = "early".parse().unwrap();
    early.headers_mut().insert("acme-signature", signature);
    let answer = receiver.receive("acme", early).await;
    assert_eq!(status_of(answer).await, 503);
}
