//! The errors and the mix of faults that profiles and scripts inject, in Stripe's words:
//! <https://docs.stripe.com/error-low-level>.

use http::{Method, Response};
use serde_json::json;

use crate::body::ResponseBody;
use crate::faults::{self, FaultError, FaultKind, FaultPlan, Mix, set_header};
use crate::reply::typed;

/// The error response of a fault.
pub(super) fn error(error: FaultError) -> Response<ResponseBody> {
    let (code, message) = match error {
        FaultError::RateLimited { .. } => (
            Some("rate_limit"),
            "Request rate limit exceeded. You can learn more about rate limits here \
             https://stripe.com/docs/rate-limits.",
        ),
        FaultError::KeyInUse => (
            Some("idempotency_key_in_use"),
            "There is currently another in-progress request using this Stripe \
             idempotency key (that probably means you submitted twice, and the other \
             request is still going through). Please try again later.",
        ),
        FaultError::LockTimeout => (
            Some("lock_timeout"),
            "This object cannot be accessed right now because another API request or \
             Stripe process is currently accessing it.",
        ),
        FaultError::Status(_) | FaultError::AfterActing { .. } => (
            None,
            "Sorry, something went wrong. We've already been notified of the problem.",
        ),
    };
    let mut response = body(error, code, message);
    match error {
        FaultError::RateLimited { retry_after } => {
            set_header(&mut response, "stripe-rate-limited-reason", "global-rate");
            if let Some(seconds) = retry_after {
                set_header(&mut response, "retry-after", &seconds.to_string());
            }
        }
        FaultError::AfterActing {
            should_retry: true, ..
        } => set_header(&mut response, "stripe-should-retry", "true"),
        _ => {}
    }
    response
}

fn body(error: FaultError, code: Option<&str>, message: &str) -> Response<ResponseBody> {
    let kind = match error.status() {
        400..500 => "invalid_request_error",
        _ => "api_error",
    };
    let mut fields = json!({"message": message, "type": kind});
    if let (Some(code), Some(fields)) = (code, fields.as_object_mut()) {
        fields.insert("code".to_owned(), code.into());
    }
    let (status, _) = error.code();
    let body = json!({ "error": fields });
    typed(status, "application/json", format!("{body:#}"))
}

/// POSTs are taken to be keyed: without a key, a response lost after the work cannot be repeated safely.
pub(super) fn mix(plan: &FaultPlan, method: &Method) -> Mix {
    if method != Method::POST {
        return faults::read(plan);
    }
    vec![
        (50, FaultKind::ActThenCut),
        (50, faults::server_error(500)),
        (40, faults::limited(None)),
        (30, FaultKind::TruncateBody),
        (25, FaultKind::KeyInUse),
        (20, faults::hang(plan)),
        (15, FaultKind::LockTimeout),
        (10, FaultKind::CutBeforeRead),
        (10, FaultKind::CutAfterRead),
    ]
}
