//! A transport that keeps every request and lets a test respond in place of the network.

use std::{
    fmt,
    pin::Pin,
    sync::{Arc, Mutex},
};

use anyvendor_core::transport::{Incoming, Outgoing, Transport, TransportError};
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{TryStreamExt, stream};
use http::{HeaderMap, Method, StatusCode};
use url::Url;

/// One request as it left the pipeline.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The HTTP method.
    pub method: Method,
    /// The whole URL.
    pub url: Url,
    /// All headers of the request.
    pub headers: HeaderMap,
    /// The body; empty if there is none.
    pub body: Bytes,
}

impl Sent {
    /// The value of a header.
    ///
    /// # Panics
    ///
    /// If the value is not text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The body as text.
    ///
    /// # Panics
    ///
    /// If it is not UTF-8.
    #[must_use]
    pub fn text(&self) -> &str {
        str::from_utf8(&self.body).unwrap()
    }
}

type Response = Result<Option<Incoming>, TransportError>;
type Rule = dyn Fn(&Sent) -> Pin<Box<dyn Future<Output = Response> + Send>> + Send + Sync;

/// Keeps every request, then asks a rule for the response, or sends it on to another transport.
///
/// ```
/// use anyvendor_testkit::RecordingTransport;
///
/// let transport = RecordingTransport::responding(|sent| match sent.url.path() {
///     "/things" => (200, "{}".to_owned()),
///     _ => (404, String::new()),
/// });
/// assert!(transport.sent().is_empty());
/// ```
pub struct RecordingTransport {
    rule: Box<Rule>,
    network: Option<Arc<dyn Transport>>,
    sent: Mutex<Vec<Sent>>,
}

impl RecordingTransport {
    /// Responds by a rule: status and body.
    #[must_use]
    pub fn responding(rule: impl Fn(&Sent) -> (u16, String) + Send + Sync + 'static) -> Arc<Self> {
        Self::new(None, move |sent| {
            let (status, body) = rule(sent);
            async move {
                // A real network does not respond within the first poll either.
                tokio::task::yield_now().await;
                Ok(Some(response(status, &[], body)))
            }
        })
    }

    /// Sends everything on to this transport, unless the rule responds in its place. The rule may wait before it decides.
    pub fn before<F>(
        network: Arc<dyn Transport>,
        rule: impl Fn(&Sent) -> F + Send + Sync + 'static,
    ) -> Arc<Self>
    where
        F: Future<Output = Option<Incoming>> + Send + 'static,
    {
        Self::new(Some(network), move |sent| {
            let decision = rule(sent);
            async move { Ok(decision.await) }
        })
    }

    /// Responds by a rule that may wait and fail.
    pub fn with_failures<F>(rule: impl Fn(&Sent) -> F + Send + Sync + 'static) -> Arc<Self>
    where
        F: Future<Output = Result<Incoming, TransportError>> + Send + 'static,
    {
        Self::new(None, move |sent| {
            let decision = rule(sent);
            async move { decision.await.map(Some) }
        })
    }

    fn new<F>(
        network: Option<Arc<dyn Transport>>,
        rule: impl Fn(&Sent) -> F + Send + Sync + 'static,
    ) -> Arc<Self>
    where
        F: Future<Output = Response> + Send + 'static,
    {
        Arc::new(Self {
            rule: Box::new(move |sent| Box::pin(rule(sent))),
            network,
            sent: Mutex::default(),
        })
    }

    /// The requests so far, in order.
    #[must_use]
    pub fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }

    /// How many requests went to this path.
    #[must_use]
    pub fn count_to(&self, path: &str) -> usize {
        let sent = self.sent();
        sent.iter().filter(|sent| sent.url.path() == path).count()
    }
}

impl fmt::Debug for RecordingTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordingTransport").finish_non_exhaustive()
    }
}

#[async_trait]
impl Transport for RecordingTransport {
    async fn send(&self, request: Outgoing) -> Result<Incoming, TransportError> {
        let Outgoing {
            method,
            url,
            headers,
            body,
            ..
        } = request;
        // Reading the body counts as sending, whoever responds.
        let pieces: Vec<Bytes> = body.into_stream().try_collect().await.unwrap();
        let body = pieces.concat().into();
        let sent = Sent {
            method,
            url,
            headers,
            body,
        };
        self.sent.lock().unwrap().push(sent.clone());
        if let Some(response) = (self.rule)(&sent).await? {
            return Ok(response);
        }
        let network = self.network.as_ref().unwrap();
        let Sent {
            method,
            url,
            headers,
            body,
        } = sent;
        network
            .send(Outgoing::new(method, url, headers, body.into()))
            .await
    }
}

/// A response with these headers and this body, as a transport returns it.
///
/// # Panics
///
/// If the status or a header is invalid.
#[must_use]
pub fn response(status: u16, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Incoming {
    let headers = headers
        .iter()
        .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
        .collect();
    let body = stream::iter([Ok(body.into())]);
    let status = StatusCode::from_u16(status).unwrap();
    Incoming::new(status, headers, Box::pin(body))
}
