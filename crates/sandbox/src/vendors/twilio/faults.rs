//! The errors and the mix of faults that profiles and scripts inject, in Twilio's words.

use http::{Method, Response};
use serde_json::json;

use crate::body::ResponseBody;
use crate::faults::{self, FaultError, FaultPlan, Mix, Profile, set_header};
use crate::reply::json;

/// The error response of a fault. Not every error of Twilio has a `code`.
pub(super) fn error(error: FaultError) -> Response<ResponseBody> {
    let (status, reason) = error.code();
    let mut body = json!({"message": reason, "status": error.status()});
    let code = match status.as_u16() {
        429 => Some(20429),
        500 => Some(20500),
        503 => Some(20503),
        _ => None,
    };
    if let (Some(code), Some(fields)) = (code, body.as_object_mut()) {
        let more = format!("https://www.twilio.com/docs/errors/{code}");
        fields.insert("code".to_owned(), code.into());
        fields.insert("more_info".to_owned(), more.into());
    }
    let mut response = json(status, &body);
    if let Some(seconds) = error.retry_after() {
        set_header(&mut response, "retry-after", &seconds.to_string());
    }
    response
}

/// Twilio has no idempotency keys.
pub(super) fn mix(plan: &FaultPlan, method: &Method) -> Mix {
    if method == Method::GET && plan.profile != Profile::Adversarial {
        faults::read(plan)
    } else {
        faults::unkeyed_write(plan)
    }
}
