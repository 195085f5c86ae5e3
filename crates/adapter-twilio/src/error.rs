//! The meaning of Twilio's error codes; see <https://www.twilio.com/docs/api/errors>.

use anyvendor_core::{
    Delivery, Error, Kind,
    error::RateLimitScope,
    messaging::{FailureKind, RejectionReason},
    resilience::{Classifier, Failure, Hint, ResponseView, scrub},
};
use http::{HeaderMap, StatusCode};

use crate::{config::VENDOR, wire::ErrorBody};

/// The most characters of the vendor's message that an error keeps.
const MAX_TEXT: usize = 200;

/// The operation that sends a message, whose rejected recipients are outcomes.
pub(crate) const SEND: &str = "messaging.send";

/// The operation that sends a code.
pub(crate) const START: &str = "verification.start";

/// The operation that checks a code, whose rejected codes are outcomes.
pub(crate) const CHECK: &str = "verification.check";

/// Classifies Twilio's responses. Rejections that are outcomes of the trait pass as successes, and the domain module reads
/// their bodies.
#[derive(Debug)]
pub(crate) struct TwilioClassifier;

impl Classifier for TwilioClassifier {
    fn classify(&self, response: ResponseView<'_>) -> Option<Failure> {
        let defaults = Failure::from_status(response.status)?;
        // A server error is never final, whatever code it contains.
        if response.status.is_server_error() {
            return Some(defaults);
        }
        let refusal = ErrorBody::read(response.body);
        let code = refusal.number();
        let is_outcome = match response.operation {
            SEND => rejection(response.status, code).is_some(),
            CHECK => {
                let is_gone = response.status == StatusCode::NOT_FOUND && refusal.is_vendors_own();
                is_gone || code == 60202
            }
            _ => false,
        };
        if is_outcome {
            return None;
        }
        let unknown_service = response.operation == START
            && response.status == StatusCode::NOT_FOUND
            && refusal.is_vendors_own();
        let failure = match meaning(code) {
            _ if unknown_service => {
                let message = "verify_service_sid: the vendor knows no such service";
                Failure::new(Kind::Config, message).with_field("verify_service_sid")
            }
            Some(Meaning(kind, field, message)) => {
                let hint = hint(code, &kind);
                let mut failure = Failure::new(kind, message).with_hint(hint);
                failure.field = field;
                failure
            }
            None if response.status == StatusCode::TOO_MANY_REQUESTS => {
                defaults.with_hint(Hint::BEFORE_WORK)
            }
            None => defaults,
        };
        let mut failure = explained(failure, &refusal);
        failure.hint.authentic = refusal.is_vendors_own();
        Some(failure)
    }

    fn request_id(&self, headers: &HeaderMap) -> Option<String> {
        let id = headers.get("twilio-request-id")?.to_str().ok()?.trim();
        (!id.is_empty()).then(|| id.to_owned())
    }
}

/// Adds the vendor's code and message.
fn explained(mut failure: Failure, refusal: &ErrorBody) -> Failure {
    if let Some(text) = refusal.message.as_deref().filter(|text| !text.is_empty()) {
        failure.message = format!("{}: {}", failure.message, scrub(text, MAX_TEXT));
    }
    match refusal.number() {
        0 => failure,
        code => failure.with_vendor_code(code.to_string()),
    }
}

/// The meaning of a code: the neutral kind, our field at fault, and a message.
struct Meaning(Kind, Option<&'static str>, &'static str);

fn meaning(code: u32) -> Option<Meaning> {
    let of_one_sender = Kind::RateLimited {
        scope: RateLimitScope::Resource,
        retry_after: None,
    };
    let sender = "from: the vendor does not allow this sender";
    let content = "content: the vendor refused the content";
    let send_at = "send_at: the vendor refused the schedule";
    Some(match code {
        20003 => Meaning(
            Kind::Unauthenticated,
            None,
            "the vendor does not accept the credentials",
        ),
        30002 => Meaning(
            Kind::Config,
            Some("account_sid"),
            "account_sid: the account is suspended",
        ),
        20404 => Meaning(Kind::NotFound, None, "the vendor does not know this id"),
        21212 | 21606 | 21703 | 30032 | 30034 => Meaning(Kind::Config, Some("from"), sender),
        21608 => Meaning(
            Kind::Config,
            Some("to"),
            "to: a trial account sends only to verified numbers",
        ),
        63015 => Meaning(
            Kind::Config,
            Some("to"),
            "to: the recipient has not joined the account's sandbox",
        ),
        21617 | 21620 | 63013 | 63016 | 63021 => {
            Meaning(Kind::InvalidRequest, Some("content"), content)
        }
        35111 | 35115 | 35117 | 35118 | 35126 => {
            Meaning(Kind::InvalidRequest, Some("send_at"), send_at)
        }
        20429 | 14107 | 30001 => Meaning(
            Kind::throttled(),
            None,
            "the vendor's rate limit was reached",
        ),
        21611 | 63018 | 30022 => {
            Meaning(of_one_sender, None, "the sender's rate limit was reached")
        }
        60203 | 60212 => Meaning(
            of_one_sender,
            Some("to"),
            "to: too many codes were sent to this number",
        ),
        60202 => Meaning(
            of_one_sender,
            Some("to"),
            "to: too many codes were tried for this number",
        ),
        30023 | 63038 => Meaning(
            Kind::QuotaExhausted { resets_at: None },
            None,
            "the day's count of messages is spent",
        ),
        60200 => Meaning(Kind::InvalidRequest, None, "the vendor refused a parameter"),
        _ => return None,
    })
}

/// Throttled requests did no work and can be retried, except for limits that last for hours.
fn hint(code: u32, kind: &Kind) -> Hint {
    match (code, kind) {
        (60202 | 60203, _) | (_, Kind::QuotaExhausted { .. }) => Hint::NEVER,
        (_, Kind::RateLimited { .. }) => Hint::BEFORE_WORK,
        _ => Hint::NONE,
    }
}

/// Why the recipient was rejected, if this is what the response means.
pub(crate) fn rejection(status: StatusCode, code: u32) -> Option<RejectionReason> {
    if !status.is_client_error() {
        return None;
    }
    Some(match code {
        21211 | 21612 | 21614 | 63003 | 63024 => RejectionReason::InvalidRecipient,
        21610 | 63033 => RejectionReason::OptedOut,
        21408 => RejectionReason::RegionBlocked,
        _ => return None,
    })
}

/// Whether an undelivered message could be delivered with another attempt.
pub(crate) fn failure_kind(code: Option<u32>) -> FailureKind {
    match code.unwrap_or(0) {
        21211 | 21612 | 21614 | 30005 | 30006 | 63003 | 63024 => FailureKind::Hard,
        21610 | 30004 | 30007 | 63033 => FailureKind::Blocked,
        30001 | 30003 | 30008 | 30022 | 30023 | 30410 | 30500 | 20429 | 21611 | 63018 | 63038 => {
            FailureKind::Soft
        }
        _ => FailureKind::Unknown,
    }
}

/// The error for a message that can no longer be cancelled, from the vendor's rejection or from the message's status.
pub(crate) fn too_late(refusal: Option<&Error>) -> Error {
    let message = "message: it is already being sent; only a scheduled message can be cancelled";
    // Without a rejection it was only looked up.
    let delivery = refusal.map_or(Delivery::NotSent, Error::delivery);
    let mut error = Error::new(Kind::Conflict, delivery, message)
        .with_field("message")
        .with_vendor(VENDOR)
        .with_operation("messaging.cancel_scheduled");
    let Some(refusal) = refusal else {
        return error;
    };
    if let Some(status) = refusal.status() {
        error = error.with_status(status);
    }
    if let Some(code) = refusal.vendor_code() {
        error = error.with_vendor_code(code);
    }
    error
        .with_effort(refusal.attempts(), refusal.elapsed())
        .with_source(refusal.clone())
}
