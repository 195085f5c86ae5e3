//! The proof that a delivery comes from the vendor; events are read only with it.

use std::{any::Any, fmt, sync::Arc};

use bytes::Bytes;
use jiff::Timestamp;

use super::{dedupe_key::DedupeKey, request::WebhookRequest, window::Window};

/// A delivery that comes from the vendor: events are read only from this.
///
/// # Examples
/// ```
/// use anyvendor_core::webhook::{Verified, WebhookRequest};
/// use http::{HeaderMap, Method};
///
/// let (method, headers, body) = (Method::POST, HeaderMap::new(), bytes::Bytes::from("{}"));
/// let request = WebhookRequest::new(&method, "/webhooks/acme", &headers, &body);
/// let now = jiff::Timestamp::from_second(1_760_000_000).unwrap();
/// // Only a verifier does this, after it has checked the signature.
/// let verified = Verified::new_unchecked("acme", request, now).with_signed_at(now);
/// assert_eq!((verified.vendor(), verified.is_late()), ("acme", false));
/// ```
#[derive(Clone, Copy)]
pub struct Verified<'a> {
    vendor: &'static str,
    request: WebhookRequest<'a>,
    received_at: Timestamp,
    signed_at: Option<Timestamp>,
}

impl<'a> Verified<'a> {
    /// Declares that a delivery comes from the vendor. Only for
    /// [`WebhookVerifier::verify`](super::WebhookVerifier::verify), after it has checked the signature.
    #[must_use]
    pub const fn new_unchecked(
        vendor: &'static str,
        request: WebhookRequest<'a>,
        received_at: Timestamp,
    ) -> Self {
        Self {
            vendor,
            request,
            received_at,
            signed_at: None,
        }
    }

    /// Sets when it was signed, for vendors whose signature includes the time.
    #[must_use]
    pub const fn with_signed_at(mut self, signed_at: Timestamp) -> Self {
        self.signed_at = Some(signed_at);
        self
    }

    /// The vendor that sent it.
    #[must_use]
    pub const fn vendor(&self) -> &'static str {
        self.vendor
    }

    /// The delivery itself.
    #[must_use]
    pub const fn request(&self) -> WebhookRequest<'a> {
        self.request
    }

    /// The raw body of the delivery.
    #[must_use]
    pub const fn body(&self) -> &'a Bytes {
        self.request.body()
    }

    /// When we received it.
    #[must_use]
    pub const fn received_at(&self) -> Timestamp {
        self.received_at
    }

    /// When the vendor signed it, if the signature includes the time.
    #[must_use]
    pub const fn signed_at(&self) -> Option<Timestamp> {
        self.signed_at
    }

    /// Whether it was signed longer ago than the usual 300 s, and accepted nevertheless because of the vendor's
    /// retries.
    #[must_use]
    pub fn is_late(&self) -> bool {
        self.signed_at
            .is_some_and(|signed_at| Window::is_late(signed_at, self.received_at))
    }
}

impl fmt::Debug for Verified<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified")
            .field("vendor", &self.vendor)
            .field("request", &self.request)
            .finish_non_exhaustive()
    }
}

/// A signature that more than one content can have, and the content that it came with.
///
/// Of a vendor that signs a checksum, or fields without their borders, anyone who has one delivery can make others with the
/// same signature. The receiver accepts only the first content of each signature.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignedContent {
    /// The same for all deliveries that the signature covers, and different for all others.
    pub signature: DedupeKey,
    /// The same for all copies of this content, and different for any other content.
    pub content: DedupeKey,
}

impl SignedContent {
    /// Creates the pair.
    #[must_use]
    pub const fn new(signature: DedupeKey, content: DedupeKey) -> Self {
        Self { signature, content }
    }
}

/// What a verifier fetched before it verifies: a certificate, or the vendor's own verdict. Most verifiers need
/// nothing.
#[derive(Clone, Default)]
pub struct Prefetched(Option<Arc<dyn Any + Send + Sync>>);

impl Prefetched {
    /// Nothing was needed.
    #[must_use]
    pub const fn none() -> Self {
        Self(None)
    }

    /// Keeps the fetched value.
    #[must_use]
    pub fn of<T: Any + Send + Sync>(value: T) -> Self {
        Self(Some(Arc::new(value)))
    }

    /// Returns the fetched value, if it is of this type.
    #[must_use]
    pub fn get<T: Any + Send + Sync>(&self) -> Option<&T> {
        self.0
            .as_deref()
            .and_then(<dyn Any + Send + Sync>::downcast_ref)
    }
}

impl fmt::Debug for Prefetched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(_) => f.write_str("Prefetched(..)"),
            None => f.write_str("Prefetched(none)"),
        }
    }
}
