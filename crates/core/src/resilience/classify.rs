//! What a response means: the adapter's word on status, headers and body, and the defaults by status.

use std::{fmt, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use crate::error::{Kind, ProtocolReason};

/// A whole answer, as the classifier sees it. `Debug` shows neither headers nor body.
#[derive(Clone, Copy)]
pub struct ResponseView<'a> {
    /// The operation's name.
    pub operation: &'static str,
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The decoded body, at most the cap; empty for a streamed success.
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

/// Reads a vendor's answers. The one place of an adapter that says what a vendor's error means.
pub trait Classifier: fmt::Debug + Send + Sync {
    /// `None` is a success. Status *and* body are looked at: some vendors report errors under 200.
    fn classify(&self, response: ResponseView<'_>) -> Option<Failure>;

    /// The vendor's id of the request, from the headers of any answer.
    fn request_id(&self, headers: &HeaderMap) -> Option<String>;
}

/// Reads a response by its status alone, and the request id from `x-request-id` or `request-id`: for APIs whose error
/// bodies say nothing more.
#[derive(Debug, Clone, Copy, Default)]
pub struct ByStatus;

impl Classifier for ByStatus {
    fn classify(&self, response: ResponseView<'_>) -> Option<Failure> {
        Failure::from_status(response.status)
    }

    fn request_id(&self, headers: &HeaderMap) -> Option<String> {
        let id = headers
            .get("x-request-id")
            .or_else(|| headers.get("request-id"))?;
        id.to_str().ok().map(str::to_owned)
    }
}

/// What went wrong, in the neutral words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The kind.
    pub kind: Kind,
    /// What the vendor says of trying again.
    pub hint: Hint,
    /// The vendor's code, if it has one.
    pub vendor_code: Option<String>,
    /// One line for a person; holds nothing that the request said about a person.
    pub message: String,
    /// The vendor's name of the field at fault, mapped to ours.
    pub field: Option<&'static str>,
}

impl Failure {
    /// A failure of this kind.
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

    /// Sets what the vendor says of trying again.
    #[must_use]
    pub fn with_hint(mut self, hint: Hint) -> Self {
        self.hint = hint;
        self
    }

    /// Sets the vendor's code.
    #[must_use]
    pub fn with_vendor_code(mut self, code: impl Into<String>) -> Self {
        self.vendor_code = Some(code.into());
        self
    }

    /// Sets the field at fault.
    #[must_use]
    pub fn with_field(mut self, field: &'static str) -> Self {
        self.field = Some(field);
        self
    }

    /// What a status says when the vendor says nothing else; `None` for 2xx and 304.
    #[must_use]
    pub fn from_status(status: StatusCode) -> Option<Self> {
        let (kind, message) = match status.as_u16() {
            200..=299 | 304 => return None,
            300..=399 => (
                Kind::Protocol(ProtocolReason::UnexpectedRedirect),
                "the vendor answered with a redirect, which is never followed",
            ),
            400 | 405 | 406 | 411 | 413 | 414 | 415 | 416 | 422 | 431 => (
                Kind::InvalidRequest,
                "the vendor refused the request as malformed",
            ),
            401 => (
                Kind::Unauthenticated,
                "the vendor does not accept the credentials",
            ),
            402 => (Kind::Declined, "the vendor declined"),
            403 => (Kind::PermissionDenied, "the credentials may not do this"),
            404 | 410 => (Kind::NotFound, "the vendor does not know what was named"),
            408 | 425 => (
                Kind::Unavailable,
                "the vendor gave up waiting for the request",
            ),
            409 | 412 | 423 => (Kind::Conflict, "the state of the resource forbids this"),
            429 => (Kind::throttled(), "the vendor's rate limit was reached"),
            500..=599 => (Kind::Unavailable, "the vendor answered with a server error"),
            _ => (Kind::Other, "the vendor refused the request"),
        };
        Some(Self::new(kind, message))
    }
}

/// What the vendor says of trying again, beside the kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hint {
    /// The vendor's explicit word.
    pub retry: RetryDirective,
    /// The vendor's wait, where the classifier knows one that is not in `Retry-After`.
    pub delay: Option<Duration>,
    /// The request was refused before any work was done, so that even an unkeyed write may be sent again.
    pub refused_before_work: bool,
    /// The work may have been done in spite of this response. Server errors (5xx, 408) are unsettled unless
    /// `refused_before_work` says otherwise; everything else is settled unless this is set.
    pub unsettled: bool,
    /// Authorizing anew may help (an expired token, a skewed clock); asked once per call. A 401 sets it by itself.
    pub reauthorize: bool,
}

impl Hint {
    /// The vendor says: try again.
    pub const RETRY: Self = Self {
        retry: RetryDirective::Yes,
        ..Self::SILENT
    };
    /// The vendor says: do not try again.
    pub const NEVER: Self = Self {
        retry: RetryDirective::No,
        ..Self::SILENT
    };
    /// Nothing was done; trying again is harmless.
    pub const REFUSED_BEFORE_WORK: Self = Self {
        refused_before_work: true,
        ..Self::SILENT
    };
    /// Authorizing anew may help.
    pub const REAUTHORIZE: Self = Self {
        reauthorize: true,
        ..Self::SILENT
    };
    /// The vendor says nothing.
    pub const SILENT: Self = Self {
        retry: RetryDirective::Silent,
        delay: None,
        refused_before_work: false,
        unsettled: false,
        reauthorize: false,
    };
}

/// The vendor's explicit word on trying again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RetryDirective {
    /// Says nothing: the table decides.
    #[default]
    Silent,
    /// Try again, inside our caps; never turns an unknown unkeyed write into a second one.
    Yes,
    /// Do not.
    No,
}
