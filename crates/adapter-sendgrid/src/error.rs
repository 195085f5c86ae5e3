//! What SendGrid's refusals mean: the one place that makes errors from answers.

use anyvendor_core::{
    Error, Kind,
    resilience::{Classifier, Failure, Hint, ResponseHead, ResponseView, scrub},
};
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;

use crate::wire::{ErrorBodies, ErrorBody};

/// The most of the vendor's own words that an error keeps.
const MAX_WORDS: usize = 200;

/// Reads SendGrid's answers.
#[derive(Debug)]
pub(crate) struct SendGridClassifier;

impl Classifier for SendGridClassifier {
    fn classify(&self, response: ResponseView<'_>) -> Option<Failure> {
        let defaults = Failure::from_status(response.status)?;
        // A refused address is an outcome, which the domain room reads from the body.
        let sends = response.operation.starts_with("email.send");
        if sends && !refused_addresses(response.status, response.body).is_empty() {
            return None;
        }
        let refusals = read(response.body);
        let said = |words: &str| {
            let mut messages = refusals
                .errors
                .iter()
                .filter_map(|error| error.message.as_deref());
            messages.any(|message| message.to_ascii_lowercase().contains(words))
        };
        Some(match response.status.as_u16() {
            // As if the key were bad (sendgrid-nodejs#1032), but only the credits are spent.
            401 if said("maximum credits exceeded") => Failure::new(
                Kind::QuotaExhausted { resets_at: None },
                "the account's credits are spent",
            )
            .with_hint(Hint::NEVER),
            // A temporary block: more requests make it longer.
            403 if said("too many bad requests") => Failure::new(
                Kind::throttled(),
                "the vendor blocks the account for a while because of too many bad requests",
            )
            .with_hint(Hint::NEVER),
            451 => Failure::new(
                Kind::Config,
                "region: the account does not live in this region; set region to the other one",
            )
            .with_field("region"),
            429 => defaults.with_hint(Hint::REFUSED_BEFORE_WORK),
            400 if said("invalid batch id") => explained(
                Failure::new(Kind::NotFound, "the vendor does not know what was named"),
                &refusals,
            ),
            400..=499 => explained(defaults, &refusals),
            _ => defaults,
        })
    }

    fn request_id(&self, headers: &HeaderMap) -> Option<String> {
        let id = headers.get("x-message-id")?.to_str().ok()?.trim();
        (!id.is_empty()).then(|| id.to_owned())
    }
}

fn read(body: &[u8]) -> ErrorBodies {
    serde_json::from_slice(body).unwrap_or_default()
}

/// Adds the first thing that the vendor found wrong.
fn explained(mut failure: Failure, refusals: &ErrorBodies) -> Failure {
    let Some(first) = refusals.errors.first() else {
        return failure;
    };
    if let Some(words) = first.message.as_deref() {
        failure.message = format!("{}: {}", failure.message, scrub(words, MAX_WORDS));
    }
    let Some(path) = first.field() else {
        return failure;
    };
    if let Some(field) = our_field(path) {
        failure = failure.with_field(field);
    }
    match path.len() <= 100
        && path
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
    {
        true => failure.with_vendor_code(path),
        false => failure,
    }
}

/// Our name of the field that the vendor's path names.
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

/// An address that the vendor does not take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RefusedAddress {
    /// In which personalization it stands.
    pub(crate) personalization: usize,
    list: List,
    /// Where in the list; `None` is all of it.
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

/// The addresses that a 400 names, if that is all that was wrong: nothing was sent to anybody.
pub(crate) fn refused_addresses(status: StatusCode, body: &[u8]) -> Vec<RefusedAddress> {
    if status != StatusCode::BAD_REQUEST {
        return Vec::new();
    }
    let all: Option<Vec<_>> = read(body).errors.iter().map(RefusedAddress::read).collect();
    all.unwrap_or_default()
}

/// A message that was not sent because the vendor refused the whole request for another's address.
pub(crate) fn refused_with_another(head: &ResponseHead) -> Error {
    let message = "to: the vendor refused the whole request because of another recipient's address";
    head.refused(Kind::InvalidRequest, message).with_field("to")
}

/// The same exhausted quota, with the moment from which there are credits again.
pub(crate) fn with_reset(error: &Error, resets_at: Timestamp) -> Error {
    let mut copy = Error::new(
        Kind::QuotaExhausted {
            resets_at: Some(resets_at),
        },
        "the account's credits are spent",
    )
    .with_delivery(error.delivery())
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

/// Whether the account as a whole was refused, so that further requests would be as well.
pub(crate) fn concerns_account(error: &Error) -> bool {
    matches!(
        error.kind(),
        Kind::Config | Kind::Unauthenticated | Kind::PermissionDenied | Kind::QuotaExhausted { .. }
    )
}
