//! What a response means: the adapter's classification of status, headers and body, and the defaults by status.

use std::{fmt, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use crate::error::{Kind, ProtocolReason};

/// A complete response, as the classifier sees it. `Debug` shows neither headers nor body.
#[derive(Clone, Copy)]
pub struct ResponseView<'a> {
    /// The name of the operation.
    pub operation: &'static str,
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers of the response.
    pub headers: &'a HeaderMap,
    /// The decoded body, at most as long as the limit; empty for a streamed success.
    pub body: &'a Bytes,
}

impl fmt::Debug for ResponseView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseView")
            .field("operation", &self.operation)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// Classifies a vendor's responses. It is the one place of an adapter that decides what a vendor's error means.
///
/// # For adapter authors
/// Start from [`Failure::from_status`] and refine it by the vendor's documented error codes.
///
/// ```
/// use anyvendor_core::{Kind, resilience::{Classifier, Failure, Hint, ResponseView}};
/// use http::HeaderMap;
///
/// #[derive(Debug)]
/// struct AcmeClassifier;
///
/// impl Classifier for AcmeClassifier {
///     fn classify(&self, response: ResponseView<'_>) -> Option<Failure> {
///         let failure = Failure::from_status(response.status)?;
///         if response.body.as_ref() == b"card_declined" {
///             let declined = Failure::new(Kind::Declined, "declined").with_hint(Hint::NEVER);
///             return Some(declined.authentic());
///         }
///         Some(failure)
///     }
///
///     fn request_id(&self, headers: &HeaderMap) -> Option<String> {
///         Some(headers.get("acme-request-id")?.to_str().ok()?.to_owned())
///     }
/// }
/// ```
pub trait Classifier: fmt::Debug + Send + Sync {
    /// Returns `None` for a success. Status *and* body are inspected: some vendors report errors with status 200.
    fn classify(&self, response: ResponseView<'_>) -> Option<Failure>;

    /// Returns the vendor's id of the request, from the headers of any response.
    fn request_id(&self, headers: &HeaderMap) -> Option<String>;
}

fn _dyn_safe(_: &dyn Classifier) {}

/// Classifies a response by its status alone, and reads the request id from `x-request-id` or `request-id`: for APIs
/// whose error bodies say nothing more. A response in JSON is taken for the vendor's own, any other for a gateway's.
#[derive(Debug, Clone, Copy, Default)]
pub struct ByStatus;

impl Classifier for ByStatus {
    fn classify(&self, response: ResponseView<'_>) -> Option<Failure> {
        let failure = Failure::from_status(response.status)?;
        let is_json = serde_json::from_slice::<serde::de::IgnoredAny>(response.body).is_ok();
        Some(if is_json {
            failure.authentic()
        } else {
            failure
        })
    }

    fn request_id(&self, headers: &HeaderMap) -> Option<String> {
        let id = headers
            .get("x-request-id")
            .or_else(|| headers.get("request-id"))?;
        id.to_str().ok().map(str::to_owned)
    }
}

/// A failure in neutral terms.
///
/// # Examples
/// ```
/// use anyvendor_core::{Kind, resilience::Failure};
/// use http::StatusCode;
///
/// let failure = Failure::from_status(StatusCode::NOT_FOUND).unwrap();
/// assert_eq!(failure.kind, Kind::NotFound);
/// assert_eq!(Failure::from_status(StatusCode::OK), None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The kind of the failure.
    pub kind: Kind,
    /// What the vendor says about retrying.
    pub hint: Hint,
    /// The vendor's code, if it has one.
    pub vendor_code: Option<String>,
    /// One line for a person; it contains no personal data from the request.
    pub message: String,
    /// The invalid field, mapped from the vendor's name to ours.
    pub field: Option<&'static str>,
}

impl Failure {
    /// Creates a failure of this kind.
    #[must_use]
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            hint: Hint::default(),
            vendor_code: None,
            message: message.into(),
            field: None,
        }
    }

    /// Sets what the vendor says about retrying.
    #[must_use]
    pub fn with_hint(mut self, hint: Hint) -> Self {
        self.hint = hint;
        self
    }

    /// Marks the response as the vendor's own; see [`Hint::authentic`].
    #[must_use]
    pub fn authentic(mut self) -> Self {
        self.hint.authentic = true;
        self
    }

    /// Sets the vendor's code.
    #[must_use]
    pub fn with_vendor_code(mut self, code: impl Into<String>) -> Self {
        self.vendor_code = Some(code.into());
        self
    }

    /// Sets the invalid field.
    #[must_use]
    pub fn with_field(mut self, field: &'static str) -> Self {
        self.field = Some(field);
        self
    }

    /// The default meaning of a status when the body says nothing more; `None` for 2xx and 304.
    #[must_use]
    pub fn from_status(status: StatusCode) -> Option<Self> {
        let (kind, message) = match status.as_u16() {
            200..=299 | 304 => return None,
            300..=399 => (
                Kind::Protocol(ProtocolReason::UnexpectedRedirect),
                "the vendor responded with a redirect, which is never followed",
            ),
            400 | 405 | 406 | 411 | 413 | 414 | 415 | 416 | 422 | 431 => (
                Kind::InvalidRequest,
                "the vendor rejected the request as malformed",
            ),
            401 => (
                Kind::Unauthenticated,
                "the vendor does not accept the credentials",
            ),
            402 => (Kind::Declined, "the vendor declined"),
            403 => (
                Kind::PermissionDenied,
                "the credentials are not allowed to do this",
            ),
            404 | 410 => (Kind::NotFound, "the vendor does not know the named object"),
            408 | 425 => (
                Kind::Unavailable,
                "the vendor gave up waiting for the request",
            ),
            409 | 412 | 423 => (Kind::Conflict, "the state of the resource forbids this"),
            429 => (Kind::throttled(), "the vendor's rate limit was reached"),
            500..=599 => (
                Kind::Unavailable,
                "the vendor responded with a server error",
            ),
            _ => (Kind::Other, "the vendor rejected the request"),
        };
        Some(Self::new(kind, message))
    }
}

/// What the vendor says about retrying, in addition to the kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hint {
    /// The vendor's explicit directive.
    pub retry: RetryDirective,
    /// The wait that the vendor asks for, if the classifier reads one that is not in `Retry-After`.
    pub delay: Option<Duration>,
    /// The request was rejected before any work was done, so that even an unkeyed write may be sent again.
    pub before_work: bool,
    /// The response is provably the vendor's own: the classifier read its documented error body or header. A gateway's
    /// page, an empty body and a body that was cut off prove nothing, so a write that they respond to is `Unknown`.
    pub authentic: bool,
    /// Authorizing again may help (an expired token, a skewed clock); done once per call. A 401 implies it.
    pub reauthorize: bool,
}

impl Hint {
    /// The vendor says to retry.
    pub const RETRY: Self = Self {
        retry: RetryDirective::Yes,
        ..Self::NONE
    };
    /// The vendor says not to retry.
    pub const NEVER: Self = Self {
        retry: RetryDirective::No,
        ..Self::NONE
    };
    /// Nothing was done, so retrying is harmless.
    pub const BEFORE_WORK: Self = Self {
        before_work: true,
        ..Self::NONE
    };
    /// Authorizing again may help.
    pub const REAUTHORIZE: Self = Self {
        reauthorize: true,
        ..Self::NONE
    };
    /// The vendor says nothing more than the kind.
    pub const NONE: Self = Self {
        retry: RetryDirective::Silent,
        delay: None,
        before_work: false,
        authentic: false,
        reauthorize: false,
    };
}

/// The vendor's explicit directive on retrying.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RetryDirective {
    /// The vendor says nothing: the retry table decides.
    #[default]
    Silent,
    /// Retry within our limits; this never repeats an unkeyed write whose outcome is unknown.
    Yes,
    /// The vendor says never to retry.
    No,
}
