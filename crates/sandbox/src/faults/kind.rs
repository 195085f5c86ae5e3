//! The kinds of faults: whether the vendor acted, and what the client sees.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::error::FaultError;

/// What goes wrong. The doc of each kind says whether the vendor acted and what the client sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum FaultKind {
    /// Not acted on. The response has this status, and the vendor's own error body unless a body is given.
    Status {
        /// The status, 400 to 599.
        status: u16,
        /// Headers to send in addition to the vendor's own.
        #[serde(default)]
        headers: Vec<(String, String)>,
        /// The body to send instead of the vendor's error body.
        #[serde(default)]
        body: Option<String>,
    },
    /// Not acted on. The response is the vendor's own rate limit error, with the headers that the vendor sends.
    RateLimited {
        /// Seconds until the limit resets, sent in the header that the vendor uses for it.
        #[serde(default)]
        retry_after: Option<u64>,
    },
    /// Acted on, but slowly: the work is done even if the client leaves meanwhile. Where the vendor has idempotency keys,
    /// the key is in use until then.
    Delay {
        /// How long the work takes.
        milliseconds: u64,
    },
    /// Not acted on. The connection closes before the body is read.
    CutBeforeRead,
    /// Not acted on. The connection closes after the whole request was read.
    CutAfterRead,
    /// Acted on. The connection closes without a response.
    ActThenCut,
    /// Acted on, then silence. Without a limit the connection stays open until the client leaves.
    ActThenHang {
        /// Close the connection after this long.
        #[serde(default)]
        milliseconds: Option<u64>,
    },
    /// Acted on. The head of the response is sent, and its body breaks off half way.
    TruncateBody,
    /// Acted on; where the vendor has idempotency keys, the key stores the true result. The client sees a server error.
    ServerErrorAfterActing {
        /// 500, 502, 503 or 504.
        status: u16,
        /// Whether the vendor says that the client should retry, if it has a header for it.
        #[serde(default)]
        should_retry: bool,
    },
    /// Not acted on. For a request with an idempotency key, this server error is what the key stores and replays.
    StoredServerError {
        /// The status, usually 500.
        status: u16,
    },
    /// Not acted on. The response is the vendor's error for a key whose first request is still in flight.
    KeyInUse,
    /// Not acted on. The response is the vendor's error for an object that another request has locked.
    LockTimeout,
    /// Acted on. The body of the response arrives in small pieces with a pause before each.
    DripBody {
        /// The number of pieces.
        pieces: usize,
        /// The pause before each piece.
        milliseconds: u64,
    },
}

impl FaultKind {
    /// The name that the request log shows.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Status { .. } => "status",
            Self::RateLimited { .. } => "rate_limited",
            Self::Delay { .. } => "delay",
            Self::CutBeforeRead => "cut_before_read",
            Self::CutAfterRead => "cut_after_read",
            Self::ActThenCut => "act_then_cut",
            Self::ActThenHang { .. } => "act_then_hang",
            Self::TruncateBody => "truncate_body",
            Self::ServerErrorAfterActing { .. } => "server_error_after_acting",
            Self::StoredServerError { .. } => "stored_server_error",
            Self::KeyInUse => "key_in_use",
            Self::LockTimeout => "lock_timeout",
            Self::DripBody { .. } => "drip_body",
        }
    }

    /// `Status` without additional headers and with the vendor's own body.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::Status {
            status,
            headers: Vec::new(),
            body: None,
        }
    }

    /// `Delay` of this length.
    #[must_use]
    pub fn delay(length: Duration) -> Self {
        Self::Delay {
            milliseconds: u64::try_from(length.as_millis()).unwrap_or(u64::MAX),
        }
    }

    /// The error response that replaces the vendor's work, for the kinds that the vendor does not act on but responds to.
    pub(crate) fn error(&self) -> Option<FaultError> {
        Some(match self {
            Self::Status { status, .. } => FaultError::Status(*status),
            Self::RateLimited { retry_after } => FaultError::RateLimited {
                retry_after: *retry_after,
            },
            Self::KeyInUse => FaultError::KeyInUse,
            Self::LockTimeout => FaultError::LockTimeout,
            _ => return None,
        })
    }
}
