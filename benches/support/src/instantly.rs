//! A transport without a socket.

use anyvendor_core::transport::{ByteStream, Incoming, Outgoing, Transport, TransportError};
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

/// Responds immediately with 200, these headers and this body.
#[derive(Debug)]
pub struct Instantly {
    headers: HeaderMap,
    body: &'static [u8],
}

impl Instantly {
    /// A transport that responds with these headers and this body.
    #[must_use]
    pub fn new(
        headers: impl IntoIterator<Item = (&'static str, &'static str)>,
        body: &'static [u8],
    ) -> Self {
        let headers = headers.into_iter().map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        });
        Self {
            headers: headers.collect(),
            body,
        }
    }
}

#[async_trait]
impl Transport for Instantly {
    async fn send(&self, _: Outgoing) -> Result<Incoming, TransportError> {
        let body: ByteStream = Box::pin(stream::iter([Ok(Bytes::from_static(self.body))]));
        Ok(Incoming::new(StatusCode::OK, self.headers.clone(), body))
    }
}
