//! Receiving a delivery as a receiver does, at the time of the suite.

use std::sync::Arc;

use anyvendor_core::webhook::{SignedContent, WebhookError, WebhookEvent, WebhookVerifier};
use http::StatusCode;
use jiff::Timestamp;

use super::harness::SignedDelivery;
use crate::report::{CaseFailure, ensure};

/// When all deliveries of the suite are signed: 2025-10-09T08:53:20Z.
pub(super) const NOW: i64 = 1_760_000_000;

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or_default()
}

/// Judges the head, prefetches, verifies and reads the events, as the receiver does.
pub(super) async fn receive(
    verifier: &Arc<dyn WebhookVerifier>,
    delivery: &SignedDelivery,
    now: i64,
) -> Result<Vec<WebhookEvent>, WebhookError> {
    let (events, _) = receive_signed(verifier, delivery, now).await?;
    Ok(events)
}

/// The events, and what the receiver remembers of the signature.
pub(super) async fn receive_signed(
    verifier: &Arc<dyn WebhookVerifier>,
    delivery: &SignedDelivery,
    now: i64,
) -> Result<(Vec<WebhookEvent>, Option<SignedContent>), WebhookError> {
    let request = delivery.request();
    verifier.precheck(&request.head())?;
    let prefetched = verifier.prefetch(&request, at(now)).await?;
    let verified = verifier.verify(request, &prefetched, at(now))?;
    Ok((
        verifier.events(&verified),
        verifier.signed_content(&verified),
    ))
}

/// Fails the case unless the delivery was refused, with a status that the documentation of the receiver names.
pub(super) fn refused(
    result: Result<Vec<WebhookEvent>, WebhookError>,
    what: &str,
) -> Result<WebhookError, CaseFailure> {
    match result {
        Ok(_) => Err(CaseFailure::new(format!("{what} was accepted"))),
        Err(error) => {
            let status = error.status();
            ensure!(
                status.is_client_error() || status == StatusCode::SERVICE_UNAVAILABLE,
                "{what} gets the status {status}"
            );
            Ok(error)
        }
    }
}
