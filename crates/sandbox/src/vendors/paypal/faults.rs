//! The errors and the mix of faults that profiles and scripts inject, in `PayPal`'s words.

use http::{Method, Response, StatusCode};
use serde_json::json;

use super::approve::is_page;
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

/// POSTs are taken to be keyed, and PATCH may be repeated as a read may. The payer's pages are left alone: a profile is about
/// an application's calls, and nobody retries for a person in a browser.
pub(super) fn mix(plan: &FaultPlan, method: &Method, path: &str) -> Mix {
    if is_page(path) {
        return Vec::new();
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_leaves_the_payers_pages_alone() {
        for plan in [FaultPlan::flaky(), FaultPlan::adversarial()] {
            for page in ["/checkoutnow", "/agreements/approve"] {
                assert!(mix(&plan, &Method::GET, page).is_empty());
            }
            assert!(!mix(&plan, &Method::GET, "/v2/checkout/orders/1").is_empty());
        }
    }
}
