//! A delivery as it arrived, none of which can be trusted yet.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, Method, header};

use super::error::WebhookError;

/// The default limit on the length of a body: 1 MiB, our default (no vendor source). The largest batch of events that
/// a vendor documents is 768 KB.
pub const DEFAULT_MAX_BODY: usize = 1024 * 1024;

/// The longest header that is read; our default (no vendor source). Signatures of all vendors fit several times over.
const MAX_HEADER: usize = 8 * 1024;

/// A delivery as it arrived. The bytes are those of the wire: nothing may decode, trim or rewrite them before.
#[derive(Clone, Copy)]
pub struct WebhookRequest<'a> {
    method: &'a Method,
    url: &'a str,
    headers: &'a HeaderMap,
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
            method,
            url,
            headers,
            body,
        }
    }

    /// The HTTP method of the delivery.
    #[must_use]
    pub const fn method(&self) -> &'a Method {
        self.method
    }

    /// The URL as it was given.
    #[must_use]
    pub const fn url(&self) -> &'a str {
        self.url
    }

    /// The raw body of the delivery.
    #[must_use]
    pub const fn body(&self) -> &'a Bytes {
        self.body
    }

    /// Returns a header that must be present exactly once.
    ///
    /// # Errors
    /// `MissingHeader`; `Malformed` when it is present twice, is over 8 KiB or not visible ASCII.
    pub fn header(&self, name: &'static str) -> Result<&'a str, WebhookError> {
        self.optional_header(name)?
            .ok_or(WebhookError::MissingHeader(name))
    }

    /// Returns a header that may be present once.
    ///
    /// # Errors
    /// `Malformed`, as for [`header`](Self::header).
    pub fn optional_header(&self, name: &'static str) -> Result<Option<&'a str>, WebhookError> {
        let mut values = self.headers.get_all(name).iter();
        let Some(value) = values.next() else {
            return Ok(None);
        };
        if values.next().is_some() {
            return Err(WebhookError::Malformed("a header is there twice"));
        }
        if value.len() > MAX_HEADER {
            return Err(WebhookError::Malformed("a header is too long"));
        }
        let text = value.to_str();
        text.map(Some)
            .map_err(|_| WebhookError::Malformed("a header holds more than visible ASCII"))
    }

    /// Returns the content type without its parameters.
    ///
    /// # Errors
    /// `ContentType` when it is missing or not readable.
    pub fn content_type(&self) -> Result<&'a str, WebhookError> {
        let text = match self.optional_header(header::CONTENT_TYPE.as_str()) {
            Ok(Some(text)) => text,
            _ => return Err(WebhookError::ContentType),
        };
        let end = text.find(';').unwrap_or(text.len());
        Ok(text.get(..end).unwrap_or_default().trim())
    }

    /// Checks that the content type is this one, ignoring its parameters and case.
    ///
    /// # Errors
    /// `ContentType` when it is another one.
    pub fn check_content_type(&self, expected: &str) -> Result<(), WebhookError> {
        if self.content_type()?.eq_ignore_ascii_case(expected) {
            Ok(())
        } else {
            Err(WebhookError::ContentType)
        }
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
            .field("method", &self.method)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const NAME: &str = "acme-signature";

    fn header(values: &[&[u8]]) -> Result<String, WebhookError> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(NAME, HeaderValue::from_bytes(value).unwrap());
        }
        let (method, body) = (Method::POST, Bytes::new());
        WebhookRequest::new(&method, "/", &headers, &body)
            .header(NAME)
            .map(str::to_owned)
    }

    #[test]
    fn a_header_is_there_once_and_readable() {
        assert_eq!(header(&[b"v1"]).unwrap(), "v1");
        assert!(matches!(
            header(&[]),
            Err(WebhookError::MissingHeader(NAME))
        ));
        let long = vec![b'a'; MAX_HEADER + 1];
        for bad in [&[b"v1".as_slice(), b"v1"][..], &[b"\xff"], &[&long]] {
            assert!(matches!(header(bad), Err(WebhookError::Malformed(_))));
        }
    }

    #[test]
    fn a_delivery_prints_nothing_of_what_it_holds() {
        let mut headers = HeaderMap::new();
        headers.insert(
            "content-type",
            HeaderValue::from_static("Application/JSON; charset=utf-8"),
        );
        let (method, body) = (Method::POST, Bytes::from_static(b"canary"));
        let request = WebhookRequest::new(&method, "/?canary", &headers, &body);
        assert!(!format!("{request:?}").contains("canary"));
        request.check_content_type("application/json").unwrap();
        assert!(request.check_content_type("text/plain").is_err());
        assert!(request.check_body_length(6).is_ok());
        assert!(matches!(
            request.check_body_length(5),
            Err(WebhookError::BodyTooLarge { limit: 5 })
        ));
    }
}
