//! The one error of every call: what happened, whether the request was sent, and why it was not retried.

mod kind;
mod print;

use std::{fmt, time::Duration};

use http::StatusCode;

pub use self::kind::{
    Delivery, Kind, ProtocolReason, RateLimitScope, RetryStop, TimeoutPhase, TransportPhase,
};
use crate::values::{IdempotencyKey, ValueError};

/// The result of every call in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call failed, and what is known about its effect.
///
/// Programs match on [`kind`](Self::kind), and check [`delivery`](Self::delivery) before they repeat anything. One
/// pointer wide, and safe to log: neither `Debug` nor `Display` nor the source chain contains a secret or personal
/// data.
///
/// # Examples
/// ```
/// use anyvendor_core::{Delivery, Error, Kind};
///
/// fn advice(error: &Error) -> &'static str {
///     match (error.kind(), error.delivery()) {
///         (_, Delivery::Unknown) => "send the same request with the same key again",
///         (Kind::InvalidRequest | Kind::Unsupported, _) => "fix the request",
///         (Kind::RateLimited { .. } | Kind::Unavailable, _) => "try again later",
///         _ => "look at the log",
///     }
/// }
/// assert_eq!(advice(&Error::invalid("amount", "must be more than zero")), "fix the request");
/// let lost = Error::new(Kind::Unavailable, Delivery::Unknown, "no response");
/// assert!(lost.is_unknown() && advice(&lost).starts_with("send the same request"));
/// ```
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: Kind,
    delivery: Delivery,
    message: String,
    field: Option<&'static str>,
    vendor: Option<&'static str>,
    operation: Option<&'static str>,
    status: Option<StatusCode>,
    vendor_code: Option<String>,
    request_id: Option<String>,
    retry_after: Option<Duration>,
    attempts: u32,
    elapsed: Duration,
    stop: Option<RetryStop>,
    idempotency_key: Option<IdempotencyKey>,
    object_id: Option<String>,
    source: Option<Source>,
}

type Source = std::sync::Arc<dyn std::error::Error + Send + Sync>;

impl Error {
    /// Creates an error of this kind. There is no default for `delivery`: whoever creates an error says what is known
    /// about the effect.
    ///
    /// `message` is lower case, names the field and the remedy, and never contains a secret or personal data.
    #[must_use]
    pub fn new(kind: Kind, delivery: Delivery, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            delivery,
            message: message.into(),
            field: None,
            vendor: None,
            operation: None,
            status: None,
            vendor_code: None,
            request_id: None,
            retry_after: None,
            attempts: 0,
            elapsed: Duration::ZERO,
            stop: None,
            idempotency_key: None,
            object_id: None,
            source: None,
        }))
    }

    /// Creates an error for a request that is rejected before anything is sent: `field` names the invalid part,
    /// `remedy` says what would be valid.
    #[must_use]
    pub fn invalid(field: &'static str, remedy: impl fmt::Display) -> Self {
        Self::unsent(Kind::InvalidRequest, format!("{field}: {remedy}")).with_field(field)
    }

    /// Creates an error for something that the vendor does not support, found before anything is sent.
    #[must_use]
    pub fn unsupported(vendor: &'static str, what: impl fmt::Display) -> Self {
        let message = format!("{vendor} does not support {what}");
        Self::unsent(Kind::Unsupported, message).with_vendor(vendor)
    }

    /// Creates an error for an invalid setting; `field` is its name in the configuration.
    #[must_use]
    pub fn config(field: &'static str, remedy: impl fmt::Display) -> Self {
        Self::unsent(Kind::Config, format!("{field}: {remedy}")).with_field(field)
    }

    /// Creates an error of this kind, found before anything was sent.
    ///
    /// `message` is as for [`new`](Self::new).
    #[must_use]
    pub fn unsent(kind: Kind, message: impl Into<String>) -> Self {
        Self::new(kind, Delivery::NotSent, message)
    }

    /// What happened; programs match on it.
    #[must_use]
    pub fn kind(&self) -> &Kind {
        &self.0.kind
    }

    /// What is known about whether the vendor acted.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        self.0.delivery
    }

    /// Why the call was not retried; `None` if nothing was sent.
    #[must_use]
    pub fn stop(&self) -> Option<RetryStop> {
        self.0.stop
    }

    /// One line that says what went wrong, without secrets and personal data.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The invalid field of the request or configuration.
    #[must_use]
    pub fn field(&self) -> Option<&'static str> {
        self.0.field
    }

    /// The vendor's name, as in a [`VendorId`](crate::values::VendorId).
    #[must_use]
    pub fn vendor(&self) -> Option<&'static str> {
        self.0.vendor
    }

    /// The operation, such as `payment.refund`.
    #[must_use]
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// The HTTP status of the last response.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// The vendor's own code for the failure.
    #[must_use]
    pub fn vendor_code(&self) -> Option<&str> {
        self.0.vendor_code.as_deref()
    }

    /// The vendor's id of the request, to quote to its support.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// How long the vendor, or our own rate limiter, asks to wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// How many requests were sent.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// How long the whole call took.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed
    }

    /// The key that all attempts of this call carried: send the same request with it again to resolve an unknown
    /// outcome.
    #[must_use]
    pub fn idempotency_key(&self) -> Option<&IdempotencyKey> {
        self.0.idempotency_key.as_ref()
    }

    /// The vendor's object that the error is about, such as the payment that exists although it is not paid: the text of a
    /// [`VendorId`](crate::values::VendorId).
    #[must_use]
    pub fn object_id(&self) -> Option<&str> {
        self.0.object_id.as_deref()
    }

    /// Whether the vendor may have acted although no response confirmed it.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.0.delivery == Delivery::Unknown
    }

    /// Sets what is known about delivery.
    #[must_use]
    pub fn with_delivery(mut self, delivery: Delivery) -> Self {
        self.0.delivery = delivery;
        self
    }

    /// Sets why the call was not retried.
    #[must_use]
    pub fn with_stop(mut self, stop: RetryStop) -> Self {
        self.0.stop = Some(stop);
        self
    }

    /// Replaces the message, which is as for [`new`](Self::new).
    #[must_use]
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.0.message = message.into();
        self
    }

    /// Names the invalid field.
    #[must_use]
    pub fn with_field(mut self, field: &'static str) -> Self {
        self.0.field = Some(field);
        self
    }

    /// Names the vendor that the error is about.
    #[must_use]
    pub fn with_vendor(mut self, vendor: &'static str) -> Self {
        self.0.vendor = Some(vendor);
        self
    }

    /// Names the operation that failed.
    #[must_use]
    pub fn with_operation(mut self, operation: &'static str) -> Self {
        self.0.operation = Some(operation);
        self
    }

    /// Sets the HTTP status of the response.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.0.status = Some(status);
        self
    }

    /// Sets the vendor's code; it must be a code, never free text that may quote the request.
    #[must_use]
    pub fn with_vendor_code(mut self, code: impl Into<String>) -> Self {
        self.0.vendor_code = Some(code.into());
        self
    }

    /// Sets the vendor's id of the request.
    #[must_use]
    pub fn with_request_id(mut self, id: impl Into<String>) -> Self {
        self.0.request_id = Some(id.into());
        self
    }

    /// Sets how long to wait before the next request.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// Sets how many requests were sent and how long the call took.
    #[must_use]
    pub fn with_effort(mut self, attempts: u32, elapsed: Duration) -> Self {
        self.0.attempts = attempts;
        self.0.elapsed = elapsed;
        self
    }

    /// Keeps the key of the call, so that its outcome can be resolved later.
    #[must_use]
    pub fn with_idempotency_key(mut self, key: IdempotencyKey) -> Self {
        self.0.idempotency_key = Some(key);
        self
    }

    /// Names the vendor's object that the error is about.
    #[must_use]
    pub fn with_object_id(mut self, id: impl Into<String>) -> Self {
        self.0.object_id = Some(id.into());
        self
    }

    /// Keeps the cause; the caller has already removed what must not be printed.
    #[must_use]
    pub fn with_source(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.0.source = Some(std::sync::Arc::new(source));
        self
    }
}

/// Converts a rejected value into an `InvalidRequest` that names its field.
impl From<ValueError> for Error {
    fn from(error: ValueError) -> Self {
        Self::unsent(Kind::InvalidRequest, error.to_string())
            .with_field(error.field())
            .with_source(error)
    }
}

impl Clone for Error {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0
            .source
            .as_ref()
            .map(|source| source.as_ref() as &(dyn std::error::Error + 'static))
    }
}

#[cfg(test)]
mod tests;
