//! The parts of an error that programs match on: kind, delivery, and the reason for not retrying.

use std::time::Duration;

use jiff::Timestamp;

use crate::macros::words;

/// What happened. Programs decide by this and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A setting is wrong: a missing secret, an invalid host, a rejected certificate.
    Config,
    /// The request is malformed, found by us before sending or by the vendor.
    InvalidRequest,
    /// The vendor does not accept our credentials, even after one refresh.
    Unauthenticated,
    /// The credentials are valid but may not do this.
    PermissionDenied,
    /// The named object does not exist.
    NotFound,
    /// The object is in a state that forbids this.
    Conflict,
    /// A request with the same idempotency key is still running; send it again unchanged later.
    IdempotencyInFlight,
    /// The idempotency key was used with other parameters; look the first use up, never just change the key.
    IdempotencyMismatch,
    /// The vendor or the payer's bank declined; the provider traits turn this into an outcome.
    Declined,
    /// A rate limit was reached, the vendor's or our own.
    RateLimited {
        /// The owner of the limit that was reached.
        scope: RateLimitScope,
        /// How long to wait, if that is known.
        retry_after: Option<Duration>,
    },
    /// A long quota window (day, month, credits) is used up; waiting inside the call is pointless.
    QuotaExhausted {
        /// When the quota resets, if the vendor said so.
        resets_at: Option<Timestamp>,
    },
    /// The vendor responded that it cannot serve now.
    Unavailable,
    /// A time limit of an attempt ran out.
    Timeout {
        /// The part of the exchange in which it ran out.
        phase: TimeoutPhase,
    },
    /// The network failed.
    Transport {
        /// The part of the exchange in which it failed.
        phase: TransportPhase,
    },
    /// The response violates the protocol or our limits.
    Protocol(ProtocolReason),
    /// The circuit breaker is open; nothing was sent.
    CircuitOpen {
        /// How long until the breaker lets a probe through.
        retry_after: Duration,
    },
    /// Too many calls are in flight; nothing was sent.
    Overloaded,
    /// The caller's deadline has passed.
    DeadlineExceeded,
    /// The caller cancelled the call.
    Cancelled,
    /// The adapter cannot express this to its vendor.
    Unsupported,
    /// Any other failure.
    Other,
}

impl Kind {
    /// A rate limit of the vendor of which no numbers are known.
    #[must_use]
    pub const fn throttled() -> Self {
        Self::RateLimited {
            scope: RateLimitScope::Vendor,
            retry_after: None,
        }
    }

    /// The kind in snake case, for `error.type` and metric labels.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::InvalidRequest => "invalid_request",
            Self::Unauthenticated => "unauthenticated",
            Self::PermissionDenied => "permission_denied",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::IdempotencyInFlight => "idempotency_in_flight",
            Self::IdempotencyMismatch => "idempotency_mismatch",
            Self::Declined => "declined",
            Self::RateLimited { .. } => "rate_limited",
            Self::QuotaExhausted { .. } => "quota_exhausted",
            Self::Unavailable => "unavailable",
            Self::Timeout { .. } => "timeout",
            Self::Transport { .. } => "transport",
            Self::Protocol(_) => "protocol",
            Self::CircuitOpen { .. } => "circuit_open",
            Self::Overloaded => "overloaded",
            Self::DeadlineExceeded => "deadline_exceeded",
            Self::Cancelled => "cancelled",
            Self::Unsupported => "unsupported",
            Self::Other => "other",
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What is known about the effect of a write. The four values are never confused: a write whose request may have arrived
/// is never [`NotSent`](Self::NotSent), and only the vendor's own response makes it [`Refused`](Self::Refused) or
/// [`Accepted`](Self::Accepted).
///
/// # Examples
/// ```
/// use anyvendor_core::Delivery;
///
/// /// Whether the same order may be placed at another vendor.
/// fn is_safe_elsewhere(delivery: Delivery) -> bool {
///     match delivery {
///         Delivery::NotSent | Delivery::Refused => true,
///         Delivery::Accepted | Delivery::Unknown => false,
///     }
/// }
/// assert!(!is_safe_elsewhere(Delivery::Unknown));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// No server can have received the request completely: it is safe to send again anywhere.
    NotSent,
    /// The vendor's own response to this request says that the work was not done.
    Refused,
    /// The vendor did the work or accepted it for processing (a 2xx), but its response cannot be used: it is unreadable,
    /// too large, or about another amount. Look the object up.
    Accepted,
    /// Something was sent, and nothing says whether the work was done: send the same request with the same key again.
    Unknown,
}

words!(Delivery {
    Self::NotSent => "not_sent",
    Self::Refused => "refused",
    Self::Accepted => "accepted",
    Self::Unknown => "unknown",
});

/// Why a call was not retried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RetryStop {
    /// The call succeeded, so there was nothing to retry.
    Succeeded,
    /// Retries are disabled for this call.
    Disabled,
    /// Retrying does not help with this failure.
    NotRetryable,
    /// Retrying might help, but this class of operation must not be sent twice.
    NotIdempotent,
    /// The number of attempts is used up.
    AttemptsExhausted,
    /// The retry budget shared by all calls is empty.
    BudgetEmpty,
    /// The delay does not fit into the remaining time.
    DeadlineTooShort,
    /// The vendor asks for a longer wait than the policy allows inside a call.
    RetryAfterTooLong,
    /// The body was a stream that can be sent only once.
    BodyNotReplayable,
    /// The circuit breaker opened in the meantime.
    CircuitOpened,
    /// The vendor said that retrying is useless.
    VendorSaidNo,
}

words!(RetryStop {
    Self::Succeeded => "succeeded",
    Self::Disabled => "disabled",
    Self::NotRetryable => "not_retryable",
    Self::NotIdempotent => "not_idempotent",
    Self::AttemptsExhausted => "attempts_exhausted",
    Self::BudgetEmpty => "budget_empty",
    Self::DeadlineTooShort => "deadline_too_short",
    Self::RetryAfterTooLong => "retry_after_too_long",
    Self::BodyNotReplayable => "body_not_replayable",
    Self::CircuitOpened => "circuit_opened",
    Self::VendorSaidNo => "vendor_said_no",
});

/// The owner of the rate limit that was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RateLimitScope {
    /// Our own limiter; nothing was sent.
    Local,
    /// The vendor's limit for the account or endpoint.
    Vendor,
    /// The vendor's limit for one resource, such as one payment.
    Resource,
}

words!(RateLimitScope {
    Self::Local => "local",
    Self::Vendor => "vendor",
    Self::Resource => "resource",
});

/// The part of an exchange in which the time ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TimeoutPhase {
    /// While the connection was being made.
    Connect,
    /// While the request was being written.
    Send,
    /// While we waited for the head of the response.
    FirstByte,
    /// While we read the body of the response.
    Body,
    /// Over the whole call.
    Total,
}

words!(TimeoutPhase {
    Self::Connect => "connect",
    Self::Send => "send",
    Self::FirstByte => "first_byte",
    Self::Body => "body",
    Self::Total => "total",
});

/// The part of an exchange in which the network failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportPhase {
    /// The name could not be resolved.
    Dns,
    /// The connection could not be made.
    Connect,
    /// The TLS handshake failed.
    Tls,
    /// The request could not be written.
    Send,
    /// The response could not be read.
    Receive,
}

words!(TransportPhase {
    Self::Dns => "dns",
    Self::Connect => "connect",
    Self::Tls => "tls",
    Self::Send => "send",
    Self::Receive => "receive",
});

/// The rule that a response violated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProtocolReason {
    /// The body is not what the API documents.
    BadBody,
    /// The body is larger than our limit.
    TooLarge,
    /// The content encoding cannot be decoded.
    BadEncoding,
    /// A redirect where none is allowed.
    UnexpectedRedirect,
    /// The target address is blocked.
    BlockedAddress,
    /// The response names another amount, currency or object than the request.
    Mismatch,
}

words!(ProtocolReason {
    Self::BadBody => "bad_body",
    Self::TooLarge => "too_large",
    Self::BadEncoding => "bad_encoding",
    Self::UnexpectedRedirect => "unexpected_redirect",
    Self::BlockedAddress => "blocked_address",
    Self::Mismatch => "mismatch",
});
