//! The responses to deliveries. A status is all that the sender learns; the reason goes to the log and the observer.

use anyvendor_core::webhook::WebhookError;
use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::Full;

use super::processor::DeliverySummary;

/// Why a delivery was rejected before its events were read.
#[derive(Debug)]
pub(super) enum Rejection {
    /// The vendor does not use this HTTP method.
    Method,
    /// Too many deliveries are in flight.
    Busy,
    /// The body is longer than the verifier allows.
    BodyTooLarge,
    /// The connection broke before the end of the body.
    BodyCut,
    /// The body did not arrive in time.
    BodySlow,
    /// The delivery could not be verified.
    NotVerified(WebhookError),
}

/// The status of the response to a delivery, and the reason if it is not 200.
pub(super) fn status(
    result: &Result<DeliverySummary, Rejection>,
) -> (StatusCode, Option<&'static str>) {
    let (status, reason) = match result {
        Ok(summary) if summary.failed == 0 => return (StatusCode::OK, None),
        Ok(_) => (StatusCode::SERVICE_UNAVAILABLE, "handler"),
        Err(Rejection::Method) => (StatusCode::METHOD_NOT_ALLOWED, "method"),
        Err(Rejection::Busy) => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
        Err(Rejection::BodyTooLarge) => (StatusCode::PAYLOAD_TOO_LARGE, "body_too_large"),
        Err(Rejection::BodyCut) => (StatusCode::BAD_REQUEST, "body_cut"),
        Err(Rejection::BodySlow) => (StatusCode::REQUEST_TIMEOUT, "body_slow"),
        Err(Rejection::NotVerified(error)) => (error.status(), error.as_str()),
    };
    (status, Some(reason))
}

/// A response without a body.
pub(super) fn response(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    if status == StatusCode::SERVICE_UNAVAILABLE {
        let wait = HeaderValue::from_static("5");
        response.headers_mut().insert(header::RETRY_AFTER, wait);
    }
    response
}
