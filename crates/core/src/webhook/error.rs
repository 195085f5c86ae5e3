//! Why a delivery is not taken.

use http::StatusCode;

use crate::error::Error;

/// Why a delivery is not taken. For our own logs: whoever sent it is told the status alone, since each word more would
/// help a forger.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookError {
    /// A header that the vendor always sends is not there.
    #[error("webhook: the header {0} is missing")]
    MissingHeader(&'static str),
    /// Something is not of the form that the vendor documents.
    #[error("webhook: {0}")]
    Malformed(&'static str),
    /// Signed in a way that we do not take.
    #[error("webhook: signed in a way that is not taken: {0}")]
    UnknownScheme(&'static str),
    /// No configured secret or key makes this signature.
    #[error(
        "webhook: the signature does not match; check the secret, and that the body and the URL arrive unchanged"
    )]
    BadSignature,
    /// Signed longer ago than the window allows: late, or replayed.
    #[error("webhook: signed too long ago")]
    TooOld,
    /// Signed further ahead than clocks differ.
    #[error("webhook: signed in the future; check this machine's clock")]
    TooNew,
    /// More than the vendor ever sends.
    #[error("webhook: the body is longer than {limit} bytes")]
    BodyTooLarge {
        /// The most that is read.
        limit: usize,
    },
    /// Not the content type that the vendor sends.
    #[error("webhook: the content type is not one that the vendor sends")]
    ContentType,
    /// It cannot be told now, for want of something that could not be fetched. Let the vendor send it again.
    #[error("webhook: cannot be verified now")]
    Unavailable(#[source] Box<Error>),
}

impl WebhookError {
    /// The response to the vendor: 503 asks for another try, all else is refused.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::BodyTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::ContentType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// A short name for metrics.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::MissingHeader(_) => "missing_header",
            Self::Malformed(_) => "malformed",
            Self::UnknownScheme(_) => "unknown_scheme",
            Self::BadSignature => "bad_signature",
            Self::TooOld => "too_old",
            Self::TooNew => "too_new",
            Self::BodyTooLarge { .. } => "body_too_large",
            Self::ContentType => "content_type",
            Self::Unavailable(_) => "unavailable",
        }
    }
}
