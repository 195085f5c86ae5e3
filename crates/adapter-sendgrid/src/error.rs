//! The meaning of SendGrid's errors; see <https://www.twilio.com/docs/sendgrid/api-reference/mail-send/errors>.

use anyvendor_core::{
    Error, Kind,
    resilience::{Classifier, Failure, Hint, ResponseHead, ResponseView, scrub},
};
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;

use crate::wire::{ErrorBodies, ErrorBody};

/// The most characters of the vendor's message that an error keeps.
const MAX_TEXT: usize = 200;

/// Classifies SendGrid's responses.
#[derive(Debug)]
pub(crate) struct SendGridClassifier;

impl Classifier for SendGridClassifier {
    fn classify(&self, response: ResponseView<'_>) -> Option<Failure> {
        let defaults = Failure::from_status(response.status)?;
        // A rejected address is an outcome, which the domain module reads from the body.
        let sends = response.operation.starts_with("email.send");
        if sends && !refused_addresses(response.status, response.body).is_empty() {
            return None;
        }
        let refusals = read(response.body);
        let says = |text: &str| {
            let mut messages = refusals
                .errors
                .iter()
                .filter_map(|error| error.message.as_deref());
            messages.any(|message| message.to_ascii_lowercase().contains(text))
        };
        let mut failure = match response.status.as_u16() {
            // The status of a bad key, but only the credits are spent (sendgrid-nodejs#1032).
            401 if says("maximum credits exceeded") => Failure::new(
                Kind::QuotaExhausted { resets_at: None },
                "the account's credits are spent",
            )
            .with_hint(Hint::NEVER),
            // A temporary block, which more requests make longer.
            403 if says("too many bad requests") => Failure::new(
                Kind::throttled(),
                "the vendor blocks the account for a while because of too many bad requests",
            )
            .with_hint(Hint::NEVER),
            451 => Failure::new(
                Kind::Config,
                "region: the account does not belong to this region; set region to the other one",
            )
            .with_field("region"),
            429 => defaults.with_hint(Hint::BEFORE_WORK),
            400 if says("invalid batch id") => explained(
                Failure::new(Kind::NotFound, "the vendor does not know this id"),
                &refusals,
            ),
            400..=499 => explained(defaults, &refusals),
            _ => defaults,
        };
        // A gateway's page has none of SendGrid's errors.
        failure.hint.authentic = refusals.errors.iter().any(|error| error.message.is_some());
        Some(failure)
    }

    fn request_id(&self, headers: &HeaderMap) -> Option<String> {
        let id = headers.get("x-message-id")?.to_str().ok()?.trim();
        (!id.is_empty()).then(|| id.to_owned())
    }
}

fn read(body: &[u8]) -> ErrorBodies {
    serde_json::from_slice(body).unwrap_or_default()
}

/// Adds the vendor's first error.
fn explained(mut failure: Failure, refusals: &ErrorBodies) -> Failure {
    let Some(first) = refusals.errors.first() else {
        return failure;
    };
    if let Some(text) = first.message.as_deref() {
        failure.message = format!("{}: {}", failure.message, scrub(text, MAX_TEXT));
    }
    let Some(path) = first.field() else {
        return failure;
    };
    if let Some(field) = our_field(path) {
        failure = failure.with_field(field);
    }
    if path.len() <= 100
        && path
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
    {
        failure.with_vendor_code(path)
    } else {
        failure
    }
}

/// Our name for the field that the vendor's path names.
fn our_field(path: &str) -> Option<&'static str> {
    let mut parts = path
        .split('.')
        .filter(|part| !part.bytes().all(|b| b.is_ascii_digit()));
    let first = match parts.next()? {
        "personalizations" => parts.next().unwrap_or("to"),
        other => other,
    };
    Some(match first {
        "to" => "to",
        "cc" => "cc",
        "bcc" => "bcc",
        "from" => "from",
        "reply_to" | "reply_to_list" => "reply_to",
        "subject" => "subject",
        "content" | "template_id" | "dynamic_template_data" | "substitutions" => "content",
        "attachments" => "attachments",
        "headers" => "headers",
        "categories" => "tags",
        "custom_args" => "metadata",
        "send_at" => "send_at",
        "batch_id" => "handle",
        "asm" => "unsubscribe_group",
        "tracking_settings" => "tracking",
        "ip_pool_name" | "mail_settings" => "extensions",
        _ => return None,
    })
}

/// One of a personalization's three lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum List {
    To,
    Cc,
    Bcc,
}

/// An address that the vendor rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RefusedAddress {
    /// The index of its personalization.
    pub(crate) personalization: usize,
    list: List,
    /// The index in the list; `None` means the whole list.
    index: Option<usize>,
}

impl RefusedAddress {
    /// Whether this address of its personalization is meant.
    pub(crate) fn is(&self, list: List, index: usize) -> bool {
        self.list == list && self.index.is_none_or(|refused| refused == index)
    }

    /// Reads `personalizations.0.to.1.email`, or `personalizations.0.to` where the list has no valid address.
    fn read(refusal: &ErrorBody) -> Option<Self> {
        let mut parts = refusal.field()?.split('.');
        if parts.next() != Some("personalizations") {
            return None;
        }
        let personalization = parts.next()?.parse().ok()?;
        let list = match parts.next()? {
            "to" => List::To,
            "cc" => List::Cc,
            "bcc" => List::Bcc,
            _ => return None,
        };
        let index = parts.next().map(str::parse).transpose().ok()?;
        let about_address = match parts.next() {
            Some(field) => field == "email",
            None => refusal
                .message
                .as_deref()
                .is_some_and(|words| words.contains("valid email")),
        };
        (about_address && parts.next().is_none()).then_some(Self {
            personalization,
            list,
            index,
        })
    }
}

/// The addresses that a 400 names, if it names nothing else: then no email was sent.
pub(crate) fn refused_addresses(status: StatusCode, body: &[u8]) -> Vec<RefusedAddress> {
    if status != StatusCode::BAD_REQUEST {
        return Vec::new();
    }
    let all: Option<Vec<_>> = read(body).errors.iter().map(RefusedAddress::read).collect();
    all.unwrap_or_default()
}

/// The error for a message that was not sent because the vendor rejected the whole request for another address.
pub(crate) fn refused_with_another(head: &ResponseHead) -> Error {
    let message =
        "to: the vendor rejected the whole request because of another recipient's address";
    head.refused(Kind::InvalidRequest, message).with_field("to")
}

/// The same error, with the time at which there are credits again.
pub(crate) fn with_reset(error: &Error, resets_at: Timestamp) -> Error {
    let mut copy = Error::new(
        Kind::QuotaExhausted {
            resets_at: Some(resets_at),
        },
        error.delivery(),
        "the account's credits are spent",
    )
    .with_effort(error.attempts(), error.elapsed())
    .with_source(error.clone());
    if let Some(vendor) = error.vendor() {
        copy = copy.with_vendor(vendor);
    }
    if let Some(operation) = error.operation() {
        copy = copy.with_operation(operation);
    }
    if let Some(status) = error.status() {
        copy = copy.with_status(status);
    }
    match error.stop() {
        Some(stop) => copy.with_stop(stop),
        None => copy,
    }
}

/// Whether the account as a whole was rejected, so that further requests would be rejected as well.
pub(crate) fn concerns_account(error: &Error) -> bool {
    matches!(
        error.kind(),
        Kind::Config | Kind::Unauthenticated | Kind::PermissionDenied | Kind::QuotaExhausted { .. }
    )
}
