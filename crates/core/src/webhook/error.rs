//! Why a delivery is rejected.

use http::StatusCode;

use crate::error::Error;

/// Why a delivery is rejected. For our own logs: the sender only receives the status, since any further information
/// would help a forger.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookError {
    /// A header that the vendor always sends is missing.
    #[error("webhook: the header {0} is missing")]
    MissingHeader(&'static str),
    /// A part is not of the form that the vendor documents.
    #[error("webhook: {0}")]
    Malformed(&'static str),
    /// The delivery is signed with a scheme that we do not accept.
    #[error("webhook: signed with a scheme that is not accepted: {0}")]
    UnknownScheme(&'static str),
    /// The signature was made by none of the configured secrets or keys.
    #[error(
        "webhook: the signature does not match; check the secret, and that the body and the URL arrive unchanged"
    )]
    BadSignature,
    /// The delivery was signed longer ago than the window allows: late, or replayed.
    #[error("webhook: signed too long ago")]
    TooOld,
    /// The delivery was signed further in the future than clocks differ.
    #[error("webhook: signed in the future; check this machine's clock")]
    TooNew,
    /// The body is longer than the vendor ever sends.
    #[error("webhook: the body is longer than {limit} bytes")]
    BodyTooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The content type is not one that the vendor sends.
    #[error("webhook: the content type is not one that the vendor sends")]
    ContentType,
    /// It cannot be verified now, because something could not be fetched. The vendor should send it again.
    #[error("webhook: cannot be verified now")]
    Unavailable(#[source] Box<Error>),
}

impl WebhookError {
    /// The response to the vendor: 503 asks for another attempt, any other status rejects the delivery.
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
