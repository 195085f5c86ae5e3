//! Receiving a delivery as a receiver does, at the time of the suite.

use std::sync::Arc;

use anyvendor_core::webhook::{WebhookError, WebhookEvent, WebhookVerifier};
use http::StatusCode;
use jiff::Timestamp;

use super::harness::SignedDelivery;
use crate::report::{CaseFailure, ensure};

/// When all deliveries of the suite are signed: 2025-10-09T08:53:20Z.
pub(super) const NOW: i64 = 1_760_000_000;

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or_default()
}

/// Prefetches, verifies and reads the events, as the receiver does.
pub(super) async fn receive(
    verifier: &Arc<dyn WebhookVerifier>,
    delivery: &SignedDelivery,
    now: i64,
) -> Result<Vec<WebhookEvent>, WebhookError> {
    let request = delivery.request();
    let prefetched = verifier.prefetch(&request).await?;
    let verified = verifier.verify(request, &prefetched, at(now))?;
    Ok(verifier.events(&verified))
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
