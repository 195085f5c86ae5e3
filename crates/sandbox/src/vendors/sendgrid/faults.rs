//! The errors and the mix of faults that profiles and scripts inject, in SendGrid's words.

use http::{Method, Response};
use serde_json::json;

use crate::body::ResponseBody;
use crate::clock;
use crate::faults::{self, FaultError, FaultPlan, Mix, Profile, set_header};
use crate::reply::json;

/// The error response of a fault. The limit's end is in `X-RateLimit-Reset`:
/// <https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/rate-limits>.
pub(super) fn error(error: FaultError) -> Response<ResponseBody> {
    let (status, reason) = error.code();
    let message = match status.as_u16() {
        429 => "too many requests",
        500 => "internal server error",
        _ => reason,
    };
    let body = json!({"errors": [{"field": null, "message": message}]});
    let mut response = json(status, &body);
    if let FaultError::RateLimited { retry_after } = error {
        let seconds = i64::try_from(retry_after.unwrap_or(1)).unwrap_or(1);
        let reset = clock::unix_seconds().saturating_add(seconds);
        set_header(&mut response, "x-ratelimit-limit", "600");
        set_header(&mut response, "x-ratelimit-remaining", "0");
        set_header(&mut response, "x-ratelimit-reset", &reset.to_string());
    }
    response
}

/// SendGrid has no idempotency keys. A new batch id may be asked for again.
pub(super) fn mix(plan: &FaultPlan, method: &Method, path: &str) -> Mix {
    let is_safe = method == Method::GET || path == "/v3/mail/batch";
    if is_safe && plan.profile != Profile::Adversarial {
        faults::read(plan)
    } else {
        faults::unkeyed_write(plan)
    }
}
