//! The errors and the mix of faults that profiles and scripts inject, in S3's words:
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>.

use http::{Response, StatusCode};

use crate::body::ResponseBody;
use crate::faults::{self, FaultError, FaultKind, FaultPlan, Mix, set_header};
use crate::reply::typed;

/// The error response of a fault. S3's rate limit error is a 503.
pub(super) fn error(error: FaultError) -> Response<ResponseBody> {
    if let FaultError::RateLimited { retry_after } = error {
        let message = "Please reduce your request rate.";
        let mut response = xml(StatusCode::SERVICE_UNAVAILABLE, "SlowDown", message);
        if let Some(seconds) = retry_after {
            set_header(&mut response, "retry-after", &seconds.to_string());
        }
        return response;
    }
    let (status, reason) = error.code();
    let (code, message) = match status.as_u16() {
        500 => (
            "InternalError",
            "We encountered an internal error. Please try again.",
        ),
        503 => ("ServiceUnavailable", "Service is unable to handle request."),
        _ => ("Error", reason),
    };
    xml(status, code, message)
}

fn xml(status: StatusCode, code: &str, message: &str) -> Response<ResponseBody> {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message>\
         <RequestId>FAULT00000000000</RequestId></Error>"
    );
    typed(status, "application/xml", body)
}

/// Every request of S3 may be repeated.
pub(super) fn mix(plan: &FaultPlan) -> Mix {
    vec![
        (60, faults::limited(None)),
        (60, FaultKind::status(500)),
        (50, FaultKind::ActThenCut),
        (40, FaultKind::CutAfterRead),
        (25, FaultKind::TruncateBody),
        (15, faults::hang(plan)),
    ]
}
