//! The one seam to the network.

mod body;

use std::{fmt, pin::Pin};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::Stream;
use http::{HeaderMap, Method, StatusCode};
use url::Url;

pub(crate) use self::body::OutgoingContent;
pub use self::body::{OutgoingBody, SentFlag};
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
