//! The responses to deliveries. A status is all that the sender learns; the reason goes to the log and the observer.

use anyvendor_core::webhook::WebhookError;
use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::Full;

use super::processor::DeliverySummary;

/// The status of the response to a delivery, and the reason if it is not 200. Which reason gets which status is decided by
/// [`WebhookError::status`] alone.
pub(super) fn status(
    result: &Result<DeliverySummary, WebhookError>,
) -> (StatusCode, Option<&'static str>) {
    let error = match result {
        Ok(summary) if summary.failed == 0 => return (StatusCode::OK, None),
        Ok(_) => &WebhookError::NotHandled,
        Err(error) => error,
    };
    (error.status(), Some(error.as_str()))
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
