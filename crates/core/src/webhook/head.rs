//! The head of a delivery: what can be judged before a byte of the body is read.

use std::fmt;

use http::{HeaderMap, Method, header};

use super::error::WebhookError;

/// The longest header that is read; our default (no vendor source). Signatures of all vendors fit several times over.
const MAX_HEADER: usize = 8 * 1024;

/// The method, the URL and the headers of a delivery, none of which can be trusted yet.
///
/// ```
/// use anyvendor_core::webhook::{WebhookError, WebhookHead};
/// use http::{HeaderMap, Method};
///
/// let (method, headers) = (Method::GET, HeaderMap::new());
/// let head = WebhookHead::new(&method, "/webhooks/acme", &headers);
/// assert!(matches!(head.check_method(&Method::POST), Err(WebhookError::Method)));
/// assert!(matches!(head.header("acme-signature"), Err(WebhookError::MissingHeader(_))));
/// ```
#[derive(Clone, Copy)]
pub struct WebhookHead<'a> {
    method: &'a Method,
    url: &'a str,
    headers: &'a HeaderMap,
}

impl<'a> WebhookHead<'a> {
    /// Creates a head. `url` is the request's target as received, `/webhooks/acme?a=b`, or its complete public URL.
    #[must_use]
    pub const fn new(method: &'a Method, url: &'a str, headers: &'a HeaderMap) -> Self {
        Self {
            method,
            url,
            headers,
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

    /// Checks the HTTP method.
    ///
    /// # Errors
    /// `Method` when it is another one.
    pub fn check_method(&self, expected: &Method) -> Result<(), WebhookError> {
        if self.method == expected {
            Ok(())
        } else {
            Err(WebhookError::Method)
        }
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
}

// The URL may contain our own ids, and headers contain credentials.
impl fmt::Debug for WebhookHead<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookHead")
            .field("method", &self.method)
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
        WebhookHead::new(&Method::POST, "/", &headers)
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
    fn the_content_type_is_read_without_its_parameters() {
        let check = |value: Option<&str>| {
            let mut headers = HeaderMap::new();
            if let Some(value) = value {
                headers.insert("content-type", value.parse().unwrap());
            }
            WebhookHead::new(&Method::POST, "/", &headers).check_content_type("application/json")
        };
        for good in [
            "application/json",
            "Application/JSON; charset=utf-8",
            " application/json ;",
        ] {
            assert!(check(Some(good)).is_ok(), "{good}");
        }
        for bad in [None, Some(""), Some("text/json"), Some("application")] {
            assert!(
                matches!(check(bad), Err(WebhookError::ContentType)),
                "{bad:?}"
            );
        }
    }
}
