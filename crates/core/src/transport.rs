//! The one seam to the network.

use std::{
    fmt,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{Stream, stream};
use http::{HeaderMap, Method, StatusCode};
use url::Url;

use crate::error::{Error, TimeoutPhase, TransportPhase};

/// A body as it comes or goes, piece by piece.
pub type ByteStream = Pin<Box<dyn Stream<Item = Result<Bytes, Error>> + Send>>;

/// Sends one request and gives back the head of its response; the body follows as a stream.
///
/// Open: tests and outsiders may put their own behind the call pipeline. An implementation never retries, never follows
/// a redirect and never sends a referer.
#[async_trait]
pub trait Transport: fmt::Debug + Send + Sync {
    /// Sends one request.
    ///
    /// # Errors
    /// Says in which phase it failed; whether anything was sent is read from [`Outgoing::body`].
    async fn send(&self, request: Outgoing) -> Result<Incoming, TransportError>;
}

fn _dyn_safe(_: &dyn Transport) {}

/// A request, signed and ready. `Debug` shows neither address nor headers.
#[non_exhaustive]
pub struct Outgoing {
    /// The HTTP method.
    pub method: Method,
    /// The whole address.
    pub url: Url,
    /// All headers but `content-length`.
    pub headers: HeaderMap,
    /// The body.
    pub body: OutgoingBody,
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing")
            .field("method", &self.method)
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}

impl Outgoing {
    /// A request of these parts.
    #[must_use]
    pub fn new(method: Method, url: Url, headers: HeaderMap, body: OutgoingBody) -> Self {
        Self {
            method,
            url,
            headers,
            body,
        }
    }
}

/// A body that remembers whether anybody began to read it.
pub struct OutgoingBody {
    /// The bytes, or a stream with its exact length.
    pub(crate) content: OutgoingContent,
    pub(crate) polled: SentFlag,
}

impl OutgoingBody {
    /// How many bytes it has.
    #[must_use]
    pub fn len(&self) -> u64 {
        match &self.content {
            OutgoingContent::Empty => 0,
            OutgoingContent::Bytes(bytes) => bytes.len() as u64,
            OutgoingContent::Stream(_, length) => *length,
        }
    }

    /// Whether it has no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Its bytes, where they are in memory: for a transport that records. Looking does not count as sending.
    #[must_use]
    pub fn bytes(&self) -> Option<&Bytes> {
        match &self.content {
            OutgoingContent::Bytes(bytes) => Some(bytes),
            OutgoingContent::Empty | OutgoingContent::Stream(..) => None,
        }
    }

    /// The pieces to send. Asking for the first is noted: from then on the request counts as sent.
    #[must_use]
    pub fn into_stream(self) -> ByteStream {
        let Self { content, polled } = self;
        let mut pieces: ByteStream = match content {
            OutgoingContent::Empty => Box::pin(stream::empty()),
            OutgoingContent::Bytes(bytes) => Box::pin(stream::iter([Ok(bytes)])),
            OutgoingContent::Stream(pieces, _) => pieces,
        };
        Box::pin(stream::poll_fn(move |context| {
            polled.set();
            pieces.as_mut().poll_next(context)
        }))
    }
}

impl From<Bytes> for OutgoingBody {
    fn from(bytes: Bytes) -> Self {
        Self {
            content: OutgoingContent::Bytes(bytes),
            polled: SentFlag::default(),
        }
    }
}

/// What a body holds.
pub(crate) enum OutgoingContent {
    Empty,
    Bytes(Bytes),
    Stream(ByteStream, u64),
}

/// Set the first time a body is asked for bytes: while it is unset, no byte of the body has left us.
#[derive(Debug, Clone, Default)]
pub struct SentFlag(Arc<AtomicBool>);

impl SentFlag {
    /// Notes that the body was asked for.
    pub fn set(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether the body was ever asked for.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

impl fmt::Debug for OutgoingBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutgoingBody")
            .field("polled", &self.polled.is_set())
            .finish_non_exhaustive()
    }
}

/// The head of a response, and its body to come.
#[non_exhaustive]
pub struct Incoming {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, decoded.
    pub body: ByteStream,
}

impl Incoming {
    /// A response of these parts.
    #[must_use]
    pub fn new(status: StatusCode, headers: HeaderMap, body: ByteStream) -> Self {
        Self {
            status,
            headers,
            body,
        }
    }
}

impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// How the network failed, in words that hold no address and no content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TransportError {
    /// In which part, or which limit ran out.
    pub cause: TransportCause,
    /// One line for a person.
    pub message: String,
}

/// The cause of a transport error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportCause {
    /// The network failed.
    Network(TransportPhase),
    /// A time limit of the transport itself ran out (the connect timeout).
    Timeout(TimeoutPhase),
    /// The peer said that it left the request unprocessed (HTTP/2 `REFUSED_STREAM`, `GOAWAY`).
    Unprocessed,
    /// The peer's certificate was refused: a setting is wrong, or somebody listens in.
    Certificate,
    /// The target is not an address that we talk to.
    BlockedAddress,
    /// The request could not be built.
    Malformed,
    /// The response's content encoding cannot be undone.
    BadEncoding,
}

/// Settings of a transport.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransportConfig {
    /// The longest that making a connection may take. Default 3.1 s, as in smithy-rs.
    pub connect_timeout: Duration,
    /// How long an idle connection is kept for reuse. Default 20 s, as in rust-s3, which quotes S3 (reqwest: 90 s).
    pub pool_idle_timeout: Duration,
    /// Whether loopback and private addresses may be reached, and plain http used: for the sandbox only. Default no.
    pub allow_private_addresses: bool,
}

impl TransportConfig {
    /// The usual settings, with what a connection's settings say.
    #[must_use]
    pub fn of(connect_timeout: Duration, allow_private_addresses: bool) -> Self {
        Self {
            connect_timeout,
            allow_private_addresses,
            ..Self::default()
        }
    }
}

impl Default for TransportConfig {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_millis(3100),
            pool_idle_timeout: Duration::from_secs(20),
            allow_private_addresses: false,
        }
    }
}
