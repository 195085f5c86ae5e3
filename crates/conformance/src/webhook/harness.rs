//! What the suite needs from an adapter: verifiers, and a signer that signs as the vendor does.

use std::{fmt, sync::Arc};

use anyvendor_core::webhook::{WebhookRequest, WebhookVerifier, Window};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header::CONTENT_TYPE};
use jiff::Timestamp;

/// A vendor's webhooks under test.
#[derive(Debug, Clone)]
pub struct WebhookHarness {
    /// A verifier with the secret or key that the signer uses.
    pub verifier: Arc<dyn WebhookVerifier>,
    /// A verifier with another secret first, and the signer's second, as during a rotation.
    pub rotating: Arc<dyn WebhookVerifier>,
    /// A verifier that has only other secrets.
    pub stranger: Arc<dyn WebhookVerifier>,
    /// Signs as the vendor does.
    pub signer: Arc<dyn WebhookSigner>,
    /// The time window of the verifier, if the vendor signs a time.
    pub window: Option<Window>,
    /// The number of altered deliveries that are tried.
    pub alterations: u32,
}

/// Signs as the vendor does, sharing no code with the adapter.
pub trait WebhookSigner: fmt::Debug + Send + Sync {
    /// Several deliveries signed at this time, all of different events, at least one event each.
    fn deliveries(&self, at: Timestamp) -> Vec<SignedDelivery>;

    /// The headers that contain the signature; the vendor always sends all of them.
    fn headers(&self) -> &'static [&'static str];

    /// Whether the URL is signed too.
    fn signs_url(&self) -> bool {
        false
    }

    /// Deliveries that the signature of a genuine one also covers, as anyone who has it can write them: other bytes of the
    /// same content, and other contents. Empty by default, for vendors that sign every byte.
    fn respelt(&self, genuine: &SignedDelivery) -> Vec<SignedDelivery> {
        let _ = genuine;
        Vec::new()
    }

    /// Whether the signature of the genuine delivery also covers the altered one: by default, if the body is the same.
    fn says_the_same(&self, genuine: &SignedDelivery, altered: &SignedDelivery) -> bool {
        genuine.body == altered.body
    }
}

/// A delivery as it goes over the wire.
#[derive(Debug, Clone)]
pub struct SignedDelivery {
    /// The HTTP method.
    pub method: Method,
    /// The URL, in a form that the verifier accepts.
    pub url: String,
    /// All headers, including the content type.
    pub headers: HeaderMap,
    /// The body, byte by byte as signed.
    pub body: Bytes,
}

impl SignedDelivery {
    /// A POST request with this body.
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
    /// If the value is not a valid header value: this is for tests.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl AsRef<str>) -> Self {
        #[expect(clippy::expect_used, reason = "for tests, as said")]
        let value = HeaderValue::from_str(value.as_ref()).expect("a header's value");
        self.headers.insert(HeaderName::from_static(name), value);
        self
    }

    /// Sets the HTTP method.
    #[must_use]
    pub fn with_method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// The delivery as a verifier receives it.
    #[must_use]
    pub fn request(&self) -> WebhookRequest<'_> {
        WebhookRequest::new(&self.method, &self.url, &self.headers, &self.body)
    }
}
