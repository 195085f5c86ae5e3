//! The error responses that a fault asks a vendor to word.

use http::{HeaderName, HeaderValue, Response, StatusCode, header};

/// An error response, which each vendor gives its own body and headers.
#[derive(Clone, Copy, Debug)]
pub(crate) enum FaultError {
    /// An error with this status and nothing more specific.
    Status(u16),
    /// Too many requests.
    RateLimited {
        /// Seconds until the limit resets.
        retry_after: Option<u64>,
    },
    /// The first request with this idempotency key is still in flight.
    KeyInUse,
    /// Another request has locked the object.
    LockTimeout,
    /// A server error in place of the true response, after the work was done.
    AfterActing {
        status: u16,
        /// Whether the vendor says that the client should retry, if it has a header for it.
        should_retry: bool,
    },
}

impl FaultError {
    /// The status of the response at a vendor without a special one for this error.
    pub(crate) fn status(self) -> u16 {
        match self {
            Self::Status(status) | Self::AfterActing { status, .. } => status,
            Self::RateLimited { .. } | Self::LockTimeout => 429,
            Self::KeyInUse => 409,
        }
    }

    /// That status with its reason phrase.
    pub(crate) fn code(self) -> (StatusCode, &'static str) {
        match StatusCode::from_u16(self.status()) {
            Ok(code) => (code, code.canonical_reason().unwrap_or("Error")),
            Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, "Error"),
        }
    }

    /// Seconds until the limit resets, if the fault names them.
    pub(crate) fn retry_after(self) -> Option<u64> {
        match self {
            Self::RateLimited { retry_after } => retry_after,
            _ => None,
        }
    }
}

/// Sets a header. Invalid names and values are left out: a typing error in a script must not stop the emulator.
pub(crate) fn set_header<B>(response: &mut Response<B>, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value))
        && name != header::CONTENT_LENGTH
    {
        response.headers_mut().insert(name, value);
    }
}
