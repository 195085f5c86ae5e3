//! Why a delivery is rejected, and the status that the sender gets.

use http::StatusCode;

use crate::error::Error;

/// Why a delivery is rejected. For our own logs: the sender only receives the status, since any further information
/// would help a forger.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookError {
    /// There is no endpoint of this name.
    #[error("webhook: there is no endpoint of this name")]
    UnknownEndpoint,
    /// The vendor does not use this HTTP method for the endpoint.
    #[error("webhook: the HTTP method is not the one that the vendor uses for this endpoint")]
    Method,
    /// The content type is not one that the vendor sends.
    #[error("webhook: the content type is not one that the vendor sends")]
    ContentType,
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
    /// The signature came with another content before: somebody who has a delivery made another one of it.
    #[error("webhook: the signature came with another content before")]
    OtherContent,
    /// The body is longer than the vendor ever sends.
    #[error("webhook: the body is longer than {limit} bytes")]
    BodyTooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The delivery was signed further in the future than clocks differ: our clock is behind.
    #[error("webhook: signed in the future; check this machine's clock")]
    TooNew,
    /// Too many deliveries are in flight.
    #[error("webhook: too many deliveries are in flight")]
    Busy,
    /// The body did not arrive in time.
    #[error("webhook: the body did not arrive in time")]
    BodySlow,
    /// The connection broke before the end of the body.
    #[error("webhook: the connection broke before the end of the body")]
    BodyCut,
    /// It cannot be verified now, because something could not be fetched.
    #[error("webhook: cannot be verified now")]
    Unavailable(#[source] Box<Error>),
    /// The store of events failed.
    #[error("webhook: the store of events failed")]
    Store(#[source] Box<Error>),
    /// The handler did not succeed for every event, or a copy of one is being handled.
    #[error("webhook: not every event was handled")]
    NotHandled,
}

impl WebhookError {
    /// The response to the vendor, by whose fault it is. A 4xx rejects the delivery: it is the sender's fault, and some
    /// vendors never send it again. A 503 asks for another attempt: the fault is ours or the network's, such as a clock
    /// that is behind, a full receiver, a cut connection or a store that failed.
    ///
    /// ```
    /// use anyvendor_core::webhook::WebhookError;
    ///
    /// assert_eq!(WebhookError::BadSignature.status(), 400);
    /// assert_eq!(WebhookError::TooNew.status(), 503);
    /// ```
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::UnknownEndpoint => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::ContentType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::BodyTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::MissingHeader(_)
            | Self::Malformed(_)
            | Self::UnknownScheme(_)
            | Self::BadSignature
            | Self::TooOld
            | Self::OtherContent => StatusCode::BAD_REQUEST,
            Self::TooNew
            | Self::Busy
            | Self::BodySlow
            | Self::BodyCut
            | Self::Unavailable(_)
            | Self::Store(_)
            | Self::NotHandled => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// A short name for metrics.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::UnknownEndpoint => "unknown_endpoint",
            Self::Method => "method",
            Self::ContentType => "content_type",
            Self::MissingHeader(_) => "missing_header",
            Self::Malformed(_) => "malformed",
            Self::UnknownScheme(_) => "unknown_scheme",
            Self::BadSignature => "bad_signature",
            Self::TooOld => "too_old",
            Self::OtherContent => "other_content",
            Self::BodyTooLarge { .. } => "body_too_large",
            Self::TooNew => "too_new",
            Self::Busy => "busy",
            Self::BodySlow => "body_slow",
            Self::BodyCut => "body_cut",
            Self::Unavailable(_) => "unavailable",
            Self::Store(_) => "store",
            Self::NotHandled => "handler",
        }
    }
}
