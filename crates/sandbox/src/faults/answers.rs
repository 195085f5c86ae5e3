//! Refusals that come from a vendor's edge, in that vendor's words.

use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::json;

use super::FaultKind;
use crate::body::{ResponseBody, answer};
use crate::clock;
use crate::vendors::Vendor;
use crate::vendors::paypal;

/// The answer of a fault that refuses without work; none for those that cut, delay or act.
pub(crate) fn refusal(vendor: Vendor, kind: &FaultKind) -> Option<Response<ResponseBody>> {
    match kind {
        FaultKind::Status {
            status,
            headers,
            body,
        } => {
            let mut response = error(vendor, *status, body.clone());
            for (name, value) in headers {
                set(&mut response, name, value);
            }
            Some(response)
        }
        FaultKind::RateLimited { retry_after } => Some(rate_limited(vendor, *retry_after)),
        FaultKind::KeyInUse | FaultKind::LockTimeout if vendor == Vendor::PayPal => {
            let issue = "PREVIOUS_REQUEST_IN_PROGRESS";
            let details = json!([{"issue": issue,
                "description": "A previous request on this resource is currently in progress. Please wait for \
                                sometime and try again. It is best to space out the initial and the \
                                subsequent request(s) to avoid receiving this error."}]);
            Some(pay_pal(409, Some(details)))
        }
        FaultKind::KeyInUse => {
            let message = "There is currently another in-progress request using this Stripe \
                           idempotency key (that probably means you submitted twice, and the other \
                           request is still going through). Please try again later.";
            Some(stripe(409, Some("idempotency_key_in_use"), message))
        }
        FaultKind::LockTimeout => {
            let message = "This object cannot be accessed right now because another API request or \
                           Stripe process is currently accessing it.";
            Some(stripe(429, Some("lock_timeout"), message))
        }
        _ => None,
    }
}

/// What the client sees instead of the true answer when the fault breaks after acting.
pub(crate) fn broken(vendor: Vendor, status: u16, should_retry: bool) -> Response<ResponseBody> {
    let mut response = error(vendor, status, None);
    if vendor == Vendor::Stripe && should_retry {
        set(&mut response, "stripe-should-retry", "true");
    }
    response
}

fn rate_limited(vendor: Vendor, retry_after: Option<u64>) -> Response<ResponseBody> {
    match vendor {
        Vendor::Stripe => {
            let message = "Request rate limit exceeded. You can learn more about rate limits here \
                           https://stripe.com/docs/rate-limits.";
            let mut response = stripe(429, Some("rate_limit"), message);
            set(&mut response, "stripe-rate-limited-reason", "global-rate");
            if let Some(seconds) = retry_after {
                set(&mut response, "retry-after", &seconds.to_string());
            }
            response
        }
        Vendor::SendGrid => {
            let mut response = error(vendor, 429, None);
            let reset = clock::unix_seconds()
                .saturating_add(i64::try_from(retry_after.unwrap_or(1)).unwrap_or(1));
            set(&mut response, "x-ratelimit-limit", "600");
            set(&mut response, "x-ratelimit-remaining", "0");
            set(&mut response, "x-ratelimit-reset", &reset.to_string());
            response
        }
        Vendor::PayPal | Vendor::Twilio => {
            let mut response = error(vendor, 429, None);
            if let Some(seconds) = retry_after {
                set(&mut response, "retry-after", &seconds.to_string());
            }
            response
        }
        Vendor::S3 => {
            let mut response = s3(503, "SlowDown", "Please reduce your request rate.");
            if let Some(seconds) = retry_after {
                set(&mut response, "retry-after", &seconds.to_string());
            }
            response
        }
    }
}

fn error(vendor: Vendor, status: u16, body: Option<String>) -> Response<ResponseBody> {
    let reason = StatusCode::from_u16(status)
        .ok()
        .and_then(|s| s.canonical_reason())
        .unwrap_or("Error");
    let mut response = match vendor {
        Vendor::Stripe => stripe(
            status,
            None,
            "Sorry, something went wrong. We've already been notified of the problem.",
        ),
        Vendor::SendGrid => {
            let message = match status {
                429 => "too many requests",
                500 => "internal server error",
                _ => reason,
            };
            let body = json!({"errors": [{"field": null, "message": message}]});
            answer(code(status), "application/json", body.to_string())
        }
        Vendor::PayPal => pay_pal(status, None),
        Vendor::Twilio => twilio(status, reason),
        Vendor::S3 => {
            let (word, message) = match status {
                500 => (
                    "InternalError",
                    "We encountered an internal error. Please try again.",
                ),
                503 => ("ServiceUnavailable", "Service is unable to handle request."),
                _ => ("Error", reason),
            };
            s3(status, word, message)
        }
    };
    if let Some(body) = body {
        *response.body_mut() = crate::body::full(body);
    }
    response
}

fn stripe(status: u16, word: Option<&str>, message: &str) -> Response<ResponseBody> {
    let kind = match status {
        400..500 => "invalid_request_error",
        _ => "api_error",
    };
    let mut error = json!({"message": message, "type": kind});
    if let (Some(word), Some(fields)) = (word, error.as_object_mut()) {
        fields.insert("code".to_owned(), word.into());
    }
    let body = json!({ "error": error });
    answer(code(status), "application/json", format!("{body:#}"))
}

fn pay_pal(status: u16, details: Option<serde_json::Value>) -> Response<ResponseBody> {
    const DEBUG_ID: &str = "90957fca61718";
    let (name, message) = paypal::words(status);
    let mut body = json!({"name": name, "message": message, "debug_id": DEBUG_ID, "links": []});
    if let (Some(details), Some(fields)) = (details, body.as_object_mut()) {
        fields.insert("details".to_owned(), details);
    }
    let mut response = answer(code(status), "application/json", body.to_string());
    set(&mut response, "paypal-debug-id", DEBUG_ID);
    response
}

/// Not every error of the vendor has a `code`.
fn twilio(status: u16, reason: &str) -> Response<ResponseBody> {
    let mut body = json!({"message": reason, "status": status});
    let word = match status {
        429 => Some(20429),
        500 => Some(20500),
        503 => Some(20503),
        _ => None,
    };
    if let (Some(word), Some(fields)) = (word, body.as_object_mut()) {
        let more = format!("https://www.twilio.com/docs/errors/{word}");
        fields.insert("code".to_owned(), word.into());
        fields.insert("more_info".to_owned(), more.into());
    }
    answer(code(status), "application/json", body.to_string())
}

fn s3(status: u16, word: &str, message: &str) -> Response<ResponseBody> {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{word}</Code><Message>{message}</Message>\
         <RequestId>FAULT00000000000</RequestId></Error>"
    );
    answer(code(status), "application/xml", body)
}

fn code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Names and values that are no header are left out: a script's typing error must not stop the double.
fn set(response: &mut Response<ResponseBody>, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value))
        && name != header::CONTENT_LENGTH
    {
        response.headers_mut().insert(name, value);
    }
}
