//! The errors and the mix of faults that profiles and scripts inject, in `PayPal`'s words.

use http::{Method, Response, StatusCode};
use serde_json::json;

use super::error::words;
use crate::body::ResponseBody;
use crate::faults::{self, FaultError, FaultKind, FaultPlan, Mix, set_header};
use crate::reply::json;

const DEBUG_ID: &str = "90957fca61718";

/// The error response of a fault.
pub(super) fn error(error: FaultError) -> Response<ResponseBody> {
    let in_progress = matches!(error, FaultError::KeyInUse | FaultError::LockTimeout);
    let (status, _) = if in_progress {
        (StatusCode::CONFLICT, "")
    } else {
        error.code()
    };
    let (name, message) = words(status.as_u16());
    let mut body = json!({"name": name, "message": message, "debug_id": DEBUG_ID, "links": []});
    if let (true, Some(fields)) = (in_progress, body.as_object_mut()) {
        let details = json!([{"issue": "PREVIOUS_REQUEST_IN_PROGRESS",
            "description": "A previous request on this resource is currently in progress. Please wait for \
                            sometime and try again. It is best to space out the initial and the \
                            subsequent request(s) to avoid receiving this error."}]);
        fields.insert("details".to_owned(), details);
    }
    let mut response = json(status, &body);
    set_header(&mut response, "paypal-debug-id", DEBUG_ID);
    if let Some(seconds) = error.retry_after() {
        set_header(&mut response, "retry-after", &seconds.to_string());
    }
    response
}

/// POSTs are taken to be keyed. The payer's pages are GETs and act only when an outcome is asked for, which may be repeated.
/// PATCH reads again as well.
pub(super) fn mix(plan: &FaultPlan, method: &Method, path: &str) -> Mix {
    if method != Method::POST || path == "/v1/oauth2/token" {
        return faults::read(plan);
    }
    vec![
        (60, FaultKind::ActThenCut),
        (50, faults::server_error(500)),
        (30, faults::refused(503, 1)),
        (30, faults::limited(Some(1))),
        (20, faults::hang(plan)),
        (20, FaultKind::TruncateBody),
        (15, FaultKind::KeyInUse),
        (10, FaultKind::CutBeforeRead),
        (10, FaultKind::CutAfterRead),
    ]
}
