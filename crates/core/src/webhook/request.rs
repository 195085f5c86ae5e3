//! A delivery as it arrived, none of which can be trusted yet.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, Method};

use super::{error::WebhookError, head::WebhookHead};

/// The default limit on the length of a body: 1 MiB, our default (no vendor source). The largest batch of events that
/// a vendor documents is 768 KB.
pub const DEFAULT_MAX_BODY: usize = 1024 * 1024;

/// A delivery as it arrived. The bytes are those of the wire: nothing may decode, trim or rewrite them before.
#[derive(Clone, Copy)]
pub struct WebhookRequest<'a> {
    head: WebhookHead<'a>,
    body: &'a Bytes,
}

impl<'a> WebhookRequest<'a> {
    /// Creates a delivery. `url` is the request's target as received, `/webhooks/acme?a=b`, or its complete public
    /// URL.
    #[must_use]
    pub const fn new(
        method: &'a Method,
        url: &'a str,
        headers: &'a HeaderMap,
        body: &'a Bytes,
    ) -> Self {
        Self {
            head: WebhookHead::new(method, url, headers),
            body,
        }
    }

    /// The delivery without its body.
    #[must_use]
    pub const fn head(&self) -> WebhookHead<'a> {
        self.head
    }

    /// The HTTP method of the delivery.
    #[must_use]
    pub const fn method(&self) -> &'a Method {
        self.head.method()
    }

    /// The URL as it was given.
    #[must_use]
    pub const fn url(&self) -> &'a str {
        self.head.url()
    }

    /// The raw body of the delivery.
    #[must_use]
    pub const fn body(&self) -> &'a Bytes {
        self.body
    }

    /// Returns a header that must be present exactly once.
    ///
    /// # Errors
    /// Those of [`WebhookHead::header`].
    pub fn header(&self, name: &'static str) -> Result<&'a str, WebhookError> {
        self.head.header(name)
    }

    /// Returns a header that may be present once.
    ///
    /// # Errors
    /// Those of [`WebhookHead::optional_header`].
    pub fn optional_header(&self, name: &'static str) -> Result<Option<&'a str>, WebhookError> {
        self.head.optional_header(name)
    }

    /// Returns the content type without its parameters.
    ///
    /// # Errors
    /// Those of [`WebhookHead::content_type`].
    pub fn content_type(&self) -> Result<&'a str, WebhookError> {
        self.head.content_type()
    }

    /// Checks that the content type is this one, ignoring its parameters and case.
    ///
    /// # Errors
    /// Those of [`WebhookHead::check_content_type`].
    pub fn check_content_type(&self, expected: &str) -> Result<(), WebhookError> {
        self.head.check_content_type(expected)
    }

    /// Checks the length of the body.
    ///
    /// # Errors
    /// `BodyTooLarge` when it is longer than `limit` bytes.
    pub fn check_body_length(&self, limit: usize) -> Result<(), WebhookError> {
        if self.body.len() <= limit {
            Ok(())
        } else {
            Err(WebhookError::BodyTooLarge { limit })
        }
    }
}

// The URL may contain our own ids, and the body personal data.
impl fmt::Debug for WebhookRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookRequest")
            .field("method", self.method())
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_delivery_prints_nothing_of_what_it_holds() {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static("canary"));
        let (method, body) = (Method::POST, Bytes::from_static(b"canary"));
        let request = WebhookRequest::new(&method, "/?canary", &headers, &body);
        assert!(!format!("{request:?} {:?}", request.head()).contains("canary"));
        assert!(request.check_body_length(6).is_ok());
        assert!(matches!(
            request.check_body_length(5),
            Err(WebhookError::BodyTooLarge { limit: 5 })
        ));
    }
}
