//! The proof that a delivery is the vendor's, which alone opens it.

use std::{any::Any, fmt, sync::Arc};

use bytes::Bytes;
use jiff::Timestamp;

use super::{request::WebhookRequest, window::Window};

/// A delivery that is the vendor's: only from this are events read.
#[derive(Clone, Copy)]
pub struct Verified<'a> {
    vendor: &'static str,
    request: WebhookRequest<'a>,
    received_at: Timestamp,
    signed_at: Option<Timestamp>,
}

impl<'a> Verified<'a> {
    /// Vouches for a delivery. For [`WebhookVerifier::verify`](super::WebhookVerifier::verify) alone, once the signature
    /// has been checked.
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

    /// Keeps when it was signed, for vendors that say so inside what they sign.
    #[must_use]
    pub const fn with_signed_at(mut self, signed_at: Timestamp) -> Self {
        self.signed_at = Some(signed_at);
        self
    }

    /// Whose it is.
    #[must_use]
    pub const fn vendor(&self) -> &'static str {
        self.vendor
    }

    /// The delivery itself.
    #[must_use]
    pub const fn request(&self) -> WebhookRequest<'a> {
        self.request
    }

    /// The raw body.
    #[must_use]
    pub const fn body(&self) -> &'a Bytes {
        self.request.body()
    }

    /// When we got it.
    #[must_use]
    pub const fn received_at(&self) -> Timestamp {
        self.received_at
    }

    /// When the vendor signed it, where it says so.
    #[must_use]
    pub const fn signed_at(&self) -> Option<Timestamp> {
        self.signed_at
    }

    /// Whether it was signed longer ago than the usual 300 s, where the vendor's retries made us take it all the same.
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

/// What a verifier fetched so that it can verify: a certificate, or the vendor's own verdict. Most need nothing.
#[derive(Clone, Default)]
pub struct Prefetched(Option<Arc<dyn Any + Send + Sync>>);

impl Prefetched {
    /// Nothing was needed.
    #[must_use]
    pub const fn none() -> Self {
        Self(None)
    }

    /// This was fetched.
    #[must_use]
    pub fn of<T: Any + Send + Sync>(value: T) -> Self {
        Self(Some(Arc::new(value)))
    }

    /// What was fetched, if it is of this type.
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
