//! What the suite asks of an adapter: verifiers, and somebody who signs as the vendor does.

use std::{fmt, sync::Arc};

use anyvendor_core::webhook::{WebhookRequest, WebhookVerifier, Window};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header::CONTENT_TYPE};
use jiff::Timestamp;

/// A vendor's webhooks under test.
#[derive(Debug, Clone)]
pub struct WebhookHarness {
    /// Knows the secret or key that the signer signs with.
    pub verifier: Arc<dyn WebhookVerifier>,
    /// Knows another one first, and then that one.
    pub rotating: Arc<dyn WebhookVerifier>,
    /// Knows others alone.
    pub stranger: Arc<dyn WebhookVerifier>,
    /// Signs as the vendor does.
    pub signer: Arc<dyn WebhookSigner>,
    /// The window that the verifier keeps, where the vendor signs a time.
    pub window: Option<Window>,
    /// How many altered deliveries are tried.
    pub alterations: u32,
}

/// Signs as the vendor does, sharing no code with the adapter.
pub trait WebhookSigner: fmt::Debug + Send + Sync {
    /// Several deliveries signed at this time, all of different events, at least one event each.
    fn deliveries(&self, at: Timestamp) -> Vec<SignedDelivery>;

    /// The headers that the signature stands in, all of which the vendor always sends.
    fn headers(&self) -> &'static [&'static str];

    /// Whether the URL is signed too.
    fn signs_url(&self) -> bool {
        false
    }

    /// Whether an altered delivery says to the signature what the genuine one says: by default, if its body is the same.
    fn says_the_same(&self, genuine: &SignedDelivery, altered: &SignedDelivery) -> bool {
        genuine.body == altered.body
    }
}

/// A delivery as it goes over the wire.
#[derive(Debug, Clone)]
pub struct SignedDelivery {
    /// The method.
    pub method: Method,
    /// The URL, in a form that the verifier takes.
    pub url: String,
    /// All headers, the content type too.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl SignedDelivery {
    /// A POST of this body.
    #[must_use]
    pub fn post(
        url: impl Into<String>,
        content_type: &'static str,
        body: impl Into<Bytes>,
    ) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        Self {
            method: Method::POST,
            url: url.into(),
            headers,
            body: body.into(),
        }
    }

    /// Sets a header.
    ///
    /// # Panics
    /// When the value cannot stand in a header: this is for tests.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl AsRef<str>) -> Self {
        #[expect(clippy::expect_used, reason = "for tests, as said")]
        let value = HeaderValue::from_str(value.as_ref()).expect("a header's value");
        self.headers.insert(HeaderName::from_static(name), value);
        self
    }

    /// As a verifier takes it.
    #[must_use]
    pub fn request(&self) -> WebhookRequest<'_> {
        WebhookRequest::new(&self.method, &self.url, &self.headers, &self.body)
    }
}
