//! What Stripe's errors mean. See <https://docs.stripe.com/api/errors> and <https://docs.stripe.com/error-codes>.

use std::time::Duration;

use anyvendor_core::{
    Error, Kind,
    error::{ProtocolReason, RateLimitScope},
    payment::{Decline, DeclineCode, DeclineGroup},
    resilience::{Classifier, Failure, Hint, ResponseHead, ResponseView, RetryDirective, scrub},
};
use http::{HeaderMap, StatusCode};

use crate::wire::{ApiError, ErrorBody};

/// Codes by which Stripe says that a payment is not in the state that a capture or cancellation needs; the body shows
/// the payment, so that the domain room can tell "already done" from "too late".
const STATE: [&str; 3] = [
    "payment_intent_unexpected_state",
    "intent_invalid_state",
    "charge_already_captured",
];

/// What is wrong with the content of a response that can be read; with the response's head it becomes an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MalformedResponse(pub(crate) ProtocolReason, pub(crate) &'static str);

impl MalformedResponse {
    pub(crate) fn of(self, head: &ResponseHead) -> Error {
        head.malformed(self.0, self.1)
    }
}

/// Reads every response. Refusals that are outcomes of the trait pass as if they were successes, and the domain room reads
/// their bodies: declines of create, capture and save, and the refusals of capture and cancel that name the payment's
/// state. For the breaker and the retry decision they are successes too: the vendor is well and has answered.
#[derive(Debug)]
pub(crate) struct StripeClassifier;

impl Classifier for StripeClassifier {
    fn classify(&self, response: ResponseView<'_>) -> Option<Failure> {
        if response.status.is_success() {
            return None;
        }
        let word = match header(response.headers, "stripe-should-retry") {
            Some("true") => RetryDirective::Yes,
            Some("false") => RetryDirective::No,
            _ => RetryDirective::Silent,
        };
        let Ok(ErrorBody { error }) = serde_json::from_slice(response.body) else {
            // No body of Stripe's: a proxy on the way, or OAuth, whose error is a plain text.
            return Failure::from_status(response.status).map(|failure| {
                failure.with_hint(Hint {
                    retry: word,
                    ..Hint::SILENT
                })
            });
        };
        let (kind, mut hint) = kind_of(response.status, response.headers, &error);
        if is_outcome(response.operation, &kind, &error) {
            return None;
        }
        if word != RetryDirective::Silent {
            hint.retry = word;
        }
        let text = error
            .message
            .as_deref()
            .unwrap_or("the vendor gave no message");
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

/// Whether the error says that the payment is in another state than the call needs.
pub(crate) fn is_state(error: &ApiError) -> bool {
    error
        .code
        .as_deref()
        .is_some_and(|code| STATE.contains(&code))
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
        (_, "idempotency_error", _) => (Kind::IdempotencyMismatch, Hint::SILENT),
        // Another request holds the object; nothing was done.
        (_, _, "lock_timeout") => {
            let hint = Hint {
                retry: RetryDirective::Yes,
                ..Hint::REFUSED_BEFORE_WORK
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
            (throttled(scope), Hint::REFUSED_BEFORE_WORK)
        }
        (_, _, "livemode_mismatch" | "testmode_charges_only" | "secret_key_required") => {
            (Kind::Config, Hint::SILENT)
        }
        (401, ..) | (_, _, "api_key_expired" | "platform_api_key_expired") => {
            (Kind::Unauthenticated, Hint::SILENT)
        }
        (_, _, "resource_missing") => (Kind::NotFound, Hint::SILENT),
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
        ) => (Kind::Conflict, Hint::SILENT),
        (402, ..) => (Kind::Declined, Hint::SILENT),
        // The official libraries repeat every 409 under the same key.
        (409, ..) => (Kind::Conflict, Hint::RETRY),
        // A path that is none; what does not exist says `resource_missing`.
        (404, "invalid_request_error", _) => (Kind::InvalidRequest, Hint::SILENT),
        (424, ..) => {
            let hint = Hint {
                delay: Some(Duration::from_secs(1)),
                ..Hint::SILENT
            };
            (Kind::Unavailable, hint)
        }
        _ => {
            let kind = Failure::from_status(status).map_or(Kind::Other, |failure| failure.kind);
            (kind, Hint::SILENT)
        }
    }
}

/// Stripe's parameter as our field.
fn field_of(param: &str) -> Option<&'static str> {
    Some(match param.split('[').next()? {
        "amount" | "amount_to_capture" => "amount",
        "currency" => "currency",
        "customer" => "customer",
        "payment_method" => "source",
        "payment_intent" | "intent" => "payment",
        "return_url" => "return_url",
        "statement_descriptor" => "statement_descriptor",
        "description" => "description",
        "receipt_email" => "receipt_email",
        "email" => "email",
        "name" => "name",
        "phone" => "phone",
        "metadata" => "metadata",
        _ => return None,
    })
}

/// The neutral words for a refusal of the payer's bank.
pub(crate) fn decline(error: &ApiError) -> Decline {
    let code = error.decline_code.as_deref().or(error.code.as_deref());
    let mut decline = Decline::new(code.map_or(DeclineCode::Generic, decline_code));
    if let Some(code) = code {
        decline = decline.with_vendor_code(code);
    }
    // The issuer's own advice outranks our table.
    match error.advice_code.as_deref() {
        Some("do_not_try_again") => decline.with_group(DeclineGroup::Hard),
        Some("confirm_card_data") => decline.with_group(DeclineGroup::FixData),
        Some("try_again_later") => decline.with_group(DeclineGroup::Soft),
        _ => decline,
    }
}

/// Stripe's decline and error codes; see <https://docs.stripe.com/declines/codes>.
fn decline_code(code: &str) -> DeclineCode {
    match code {
        "do_not_try_again" => DeclineCode::DoNotTryAgain,
        "lost_card" => DeclineCode::LostCard,
        "stolen_card" => DeclineCode::StolenCard,
        "pickup_card" => DeclineCode::PickupCard,
        "fraudulent" => DeclineCode::Fraudulent,
        "merchant_blacklist" => DeclineCode::Blocked,
        "revocation_of_authorization"
        | "revocation_of_all_authorizations"
        | "stop_payment_order" => DeclineCode::AuthorizationRevoked,
        "invalid_account" => DeclineCode::InvalidAccount,
        "restricted_card" => DeclineCode::Restricted,
        "security_violation" => DeclineCode::SecurityViolation,
        "incorrect_number" | "invalid_number" => DeclineCode::IncorrectNumber,
        "incorrect_cvc" | "invalid_cvc" => DeclineCode::IncorrectSecurityCode,
        "incorrect_zip" | "incorrect_address" => DeclineCode::IncorrectAddress,
        "incorrect_pin"
        | "invalid_pin"
        | "offline_pin_required"
        | "online_or_offline_pin_required" => DeclineCode::IncorrectPin,
        "invalid_expiry_month" | "invalid_expiry_year" => DeclineCode::IncorrectExpiry,
        "expired_card" => DeclineCode::Expired,
        "new_account_information_available" => DeclineCode::DataChanged,
        "card_not_supported" => DeclineCode::CardNotSupported,
        "currency_not_supported" => DeclineCode::CurrencyNotSupported,
        "invalid_amount" => DeclineCode::AmountNotAllowed,
        "not_permitted" | "service_not_allowed" | "transaction_not_allowed" => {
            DeclineCode::NotPermitted
        }
        "pin_try_exceeded" => DeclineCode::PinTriesExceeded,
        "duplicate_transaction" => DeclineCode::Duplicate,
        "insufficient_funds" => DeclineCode::InsufficientFunds,
        "card_velocity_exceeded" | "withdrawal_count_limit_exceeded" => DeclineCode::LimitExceeded,
        "try_again_later" | "processing_error" | "reenter_transaction" => {
            DeclineCode::TryAgainLater
        }
        "issuer_not_available" => DeclineCode::IssuerUnavailable,
        "call_issuer" | "approve_with_id" => DeclineCode::CallIssuer,
        "do_not_honor" | "generic_decline" | "no_action_taken" | "card_declined" => {
            DeclineCode::Generic
        }
        "authentication_required"
        | "payment_intent_authentication_failure"
        | "setup_intent_authentication_failure" => DeclineCode::AuthenticationRequired,
        "testmode_decline" | "test_mode_live_card" => DeclineCode::TestSource,
        other => DeclineCode::Other(other.to_owned()),
    }
}

#[cfg(test)]
#[path = "error_tests.rs"]
mod tests;
