//! The closed words of an error: kind, delivery, and the reason for not trying again.

use std::time::Duration;

use jiff::Timestamp;

/// What happened. Programs act on this and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// Our settings are wrong: a missing secret, a bad host, a refused certificate.
    Config,
    /// Refused as malformed, by us before sending or by the vendor.
    InvalidRequest,
    /// The vendor does not accept our credentials, also after the one refresh.
    Unauthenticated,
    /// The credentials are good but may not do this.
    PermissionDenied,
    /// The thing named does not exist.
    NotFound,
    /// The thing exists in a state that forbids this.
    Conflict,
    /// The same idempotency key is still running; ask again unchanged.
    IdempotencyInFlight,
    /// The idempotency key was used with other parameters; look the first use up, never just change the key.
    IdempotencyMismatch,
    /// A business refusal; the provider traits turn it into an outcome.
    Declined,
    /// Throttled, by the vendor or by our own limiter.
    RateLimited {
        /// Whose limit it was.
        scope: RateLimitScope,
        /// How long to wait, if that is known.
        retry_after: Option<Duration>,
    },
    /// A long window (day, month, credits) is spent; waiting inside the call is pointless.
    QuotaExhausted {
        /// When it opens again, if the vendor said so.
        resets_at: Option<Timestamp>,
    },
    /// The vendor answered that it cannot serve now.
    Unavailable,
    /// A time limit of an attempt ran out.
    Timeout {
        /// In which part of the exchange.
        phase: TimeoutPhase,
    },
    /// The network failed.
    Transport {
        /// In which part of the exchange.
        phase: TransportPhase,
    },
    /// The response breaks the rules of the protocol or our caps.
    Protocol(ProtocolReason),
    /// The circuit breaker is open; nothing was sent.
    CircuitOpen {
        /// How long until it lets a probe through.
        retry_after: Duration,
    },
    /// Too many calls of ours are under way; nothing was sent.
    Overloaded,
    /// The caller's time ran out.
    DeadlineExceeded,
    /// The caller let go.
    Cancelled,
    /// The adapter cannot express this to its vendor.
    Unsupported,
    /// Not mapped to any of the above.
    Other,
}

impl Kind {
    /// Throttled by the vendor without figures.
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

/// What is known about the vendor having received and done the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// No whole request can have reached the vendor, but for one that it refused before any work (a 429 that was tried
    /// again) or a read: safe to send again anywhere.
    NotSent,
    /// The vendor's response settles whether the work was done.
    Answered,
    /// Something was sent and nothing settles it.
    Unknown,
}

/// Why a call was not tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RetryStop {
    /// There was nothing to retry.
    Succeeded,
    /// Retries are off for this call.
    Disabled,
    /// The failure does not get better by trying again.
    NotRetryable,
    /// It might get better, but this class of operation must not be sent twice.
    NotIdempotent,
    /// The count of attempts is used up.
    AttemptsExhausted,
    /// The retry budget shared by all calls is empty.
    BudgetEmpty,
    /// The delay does not fit into the time left.
    DeadlineTooShort,
    /// The vendor asks for a longer wait than we allow inside a call.
    RetryAfterTooLong,
    /// The body was a one-shot stream.
    BodyNotReplayable,
    /// The circuit breaker opened meanwhile.
    CircuitOpened,
    /// The vendor's header says that trying again is useless.
    VendorSaidNo,
}

/// Whose rate limit was hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RateLimitScope {
    /// Our own limiter: nothing was sent.
    Local,
    /// The vendor's limit for the account or endpoint.
    Vendor,
    /// The vendor's limit for one resource, such as one payment.
    Resource,
}

/// The part of an exchange in which time ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TimeoutPhase {
    /// While the connection was made.
    Connect,
    /// While the request was written.
    Send,
    /// While we waited for the head of the response.
    FirstByte,
    /// While we read the body of the response.
    Body,
    /// Over the whole call.
    Total,
}

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

/// The rule that a response broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProtocolReason {
    /// The body is not what the API describes.
    BadBody,
    /// The body is larger than our cap.
    TooLarge,
    /// The content encoding cannot be undone.
    BadEncoding,
    /// A redirect where none may be.
    UnexpectedRedirect,
    /// The target address is not one we talk to.
    BlockedAddress,
    /// The response names another amount, currency or object than was sent.
    Mismatch,
}
