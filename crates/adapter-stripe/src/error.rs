//! What Stripe's errors mean. See <https://docs.stripe.com/api/errors> and <https://docs.stripe.com/error-codes>.

use std::time::Duration;

use anyvendor_core::{
    Error, Kind,
    error::RateLimitScope,
    resilience::{
        CallScope, Classifier, Failure, Hint, ResponseHead, ResponseView, RetryDirective, scrub,
    },
};
use http::{HeaderMap, StatusCode};

use crate::{
    config::VENDOR,
    wire::{ApiError, ErrorBody},
};

/// The codes for a payment that is not in the state that a capture or cancellation needs. The body contains the payment, so
/// the domain module can distinguish "already done" from "too late".
const STATE: [&str; 3] = [
    "payment_intent_unexpected_state",
    "intent_invalid_state",
    "charge_already_captured",
];

/// Classifies every response. Rejections that are outcomes of the trait pass as successes, and the domain module reads their
/// bodies: declines of create, capture and save, and the rejections of capture and cancel that name the payment's state. For
/// the circuit breaker and the retry decision they are successes too: the vendor is healthy and has responded.
#[derive(Debug)]
pub(crate) struct StripeClassifier;

impl Classifier for StripeClassifier {
    fn classify(&self, response: ResponseView<'_>) -> Option<Failure> {
        if response.status.is_success() {
            return None;
        }
        let directive = match header(response.headers, "stripe-should-retry") {
            Some("true") => RetryDirective::Yes,
            Some("false") => RetryDirective::No,
            _ => RetryDirective::Silent,
        };
        let Ok(ErrorBody { error }) = serde_json::from_slice(response.body) else {
            // Not a body of Stripe's: from a proxy, or from OAuth, whose error is plain text.
            return Failure::from_status(response.status).map(|failure| {
                failure.with_hint(Hint {
                    retry: directive,
                    ..Hint::NONE
                })
            });
        };
        let (kind, mut hint) = kind_of(response.status, response.headers, &error);
        if is_outcome(response.operation, &kind, &error) {
            return None;
        }
        if directive != RetryDirective::Silent {
            hint.retry = directive;
        }
        let text = error
            .message
            .as_deref()
            .unwrap_or("the vendor gave no message");
        // Each of Stripe's errors has a type, which a gateway's JSON has not.
        hint.authentic = !error.kind.is_empty();
        let mut failure = Failure::new(kind, scrub(text, 200)).with_hint(hint);
        if let Some(code) = error
            .code
            .as_deref()
            .or((!error.kind.is_empty()).then_some(error.kind.as_str()))
        {
            failure = failure.with_vendor_code(code);
        }
        if let Some(field) = error.param.as_deref().and_then(field_of) {
            failure = failure.with_field(field);
        }
        Some(failure)
    }

    fn request_id(&self, headers: &HeaderMap) -> Option<String> {
        header(headers, "request-id").map(str::to_owned)
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn is_outcome(operation: &str, kind: &Kind, error: &ApiError) -> bool {
    match operation {
        "payment.create" | "payment.source.save" => *kind == Kind::Declined,
        "payment.confirm" | "payment.capture" => *kind == Kind::Declined || is_state(error),
        "payment.cancel" => is_state(error),
        _ => false,
    }
}

/// Whether the error means that the payment is in another state than the call needs.
pub(crate) fn is_state(error: &ApiError) -> bool {
    error
        .code
        .as_deref()
        .is_some_and(|code| STATE.contains(&code))
}

/// The error for an object whose state, as it was looked up, forbids the call.
pub(crate) fn not_now(scope: &CallScope, message: &str) -> Error {
    Error::new(Kind::Conflict, scope.delivery(), message).with_vendor(VENDOR)
}

/// The error for a payment that is in another state than the call needs.
pub(crate) fn wrong_state(
    head: &ResponseHead,
    code: Option<String>,
    message: impl Into<String>,
) -> Error {
    let error = head.refused(Kind::Conflict, message);
    match code {
        Some(code) => error.with_vendor_code(code),
        None => error,
    }
}

/// Codes first, then types, then statuses: Stripe reuses statuses freely.
fn kind_of(status: StatusCode, headers: &HeaderMap, error: &ApiError) -> (Kind, Hint) {
    let code = error.code.as_deref().unwrap_or_default();
    let throttled = |scope| Kind::RateLimited {
        scope,
        retry_after: None,
    };
    match (status.as_u16(), error.kind.as_str(), code) {
        (_, _, "idempotency_key_in_use") => (Kind::IdempotencyInFlight, Hint::RETRY),
        (_, "idempotency_error", _) => (Kind::IdempotencyMismatch, Hint::NONE),
        // Another request holds the object; nothing was done.
        (_, _, "lock_timeout") => {
            let hint = Hint {
                retry: RetryDirective::Yes,
                ..Hint::BEFORE_WORK
            };
            (Kind::Conflict, hint)
        }
        (_, _, "payment_intent_rate_limit_exceeded" | "card_decline_rate_limit_exceeded") => {
            (throttled(RateLimitScope::Resource), Hint::NEVER)
        }
        (429, ..) | (_, "rate_limit_error", _) | (_, _, "rate_limit") => {
            let scope = match header(headers, "stripe-rate-limited-reason") {
                Some("resource-specific") => RateLimitScope::Resource,
                _ => RateLimitScope::Vendor,
            };
            (throttled(scope), Hint::BEFORE_WORK)
        }
        (_, _, "livemode_mismatch" | "testmode_charges_only" | "secret_key_required") => {
            (Kind::Config, Hint::NONE)
        }
        (401, ..) | (_, _, "api_key_expired" | "platform_api_key_expired") => {
            (Kind::Unauthenticated, Hint::NONE)
        }
        (_, _, "resource_missing") => (Kind::NotFound, Hint::NONE),
        (
            _,
            _,
            "payment_intent_unexpected_state"
            | "intent_invalid_state"
            | "charge_already_captured"
            | "charge_already_refunded"
            | "charge_disputed"
            | "refund_disputed_payment"
            | "charge_not_refundable"
            | "balance_insufficient"
            | "capture_charge_authorization_expired"
            | "charge_expired_for_capture",
        ) => (Kind::Conflict, Hint::NONE),
        (402, ..) => (Kind::Declined, Hint::NONE),
        // The official libraries repeat every 409 under the same key.
        (409, ..) => (Kind::Conflict, Hint::RETRY),
        // The path does not exist; for a missing object the code is `resource_missing`.
        (404, "invalid_request_error", _) => (Kind::InvalidRequest, Hint::NONE),
        (424, ..) => {
            let hint = Hint {
                delay: Some(Duration::from_secs(1)),
                ..Hint::NONE
            };
            (Kind::Unavailable, hint)
        }
        _ => {
            let kind = Failure::from_status(status).map_or(Kind::Other, |failure| failure.kind);
            (kind, Hint::NONE)
        }
    }
}

/// Our field for Stripe's parameter.
fn field_of(param: &str) -> Option<&'static str> {
    Some(match param.split('[').next()? {
        "amount" | "amount_to_capture" => "amount",
        "currency" => "currency",
        "customer" => "customer",
        "payment_method" => "source",
        "payment_intent" | "intent" => "payment",
        "return_url" | "success_url" => "return_url",
        "cancel_url" => "cancel_url",
        "statement_descriptor" | "statement_descriptor_suffix" => "statement_descriptor",
        "description" => "description",
        "receipt_email" => "receipt_email",
        "email" => "email",
        "name" => "name",
        "phone" => "phone",
        "metadata" => "metadata",
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
