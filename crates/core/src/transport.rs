//! The one interface to the network.

mod body;

use std::fmt;

use async_trait::async_trait;
use http::{HeaderMap, Method, StatusCode};
use url::Url;

pub(crate) use self::body::OutgoingContent;
pub use self::body::{BodyClaim, ByteStream, OutgoingBody};
use crate::error::{TimeoutPhase, TransportPhase};

/// Sends one request and returns the head of its response; the body follows as a stream.
///
/// An application rarely needs it. An implementation never retries, never follows a redirect and never sends a
/// referrer.
///
/// # For adapter authors
/// Tests and other HTTP clients can be put behind the call pipeline; `anyvendor-http` has the transport for production.
///
/// ```
/// use anyvendor_core::transport::{Incoming, Outgoing, OutgoingBody, Transport, TransportError};
/// use http::{HeaderMap, StatusCode};
///
/// /// Responds to every request with 204.
/// #[derive(Debug)]
/// struct NoContent;
///
/// #[async_trait::async_trait]
/// impl Transport for NoContent {
///     async fn send(&self, _: Outgoing) -> Result<Incoming, TransportError> {
///         let body = OutgoingBody::empty().into_stream();
///         Ok(Incoming::new(StatusCode::NO_CONTENT, HeaderMap::new(), body))
///     }
/// }
/// ```
#[async_trait]
pub trait Transport: fmt::Debug + Send + Sync {
    /// Sends one request and waits for the head of its response.
    ///
    /// # Errors
    /// Says in which phase it failed. Whether anything was sent is never asked of the transport: only who reads
    /// [`Outgoing::body`] can send it, and core withdraws it when the time is up.
    async fn send(&self, request: Outgoing) -> Result<Incoming, TransportError>;
}

fn _dyn_safe(_: &dyn Transport) {}

/// A signed request that is ready to send. `Debug` shows neither URL nor headers.
#[non_exhaustive]
pub struct Outgoing {
    /// The HTTP method.
    pub method: Method,
    /// The complete URL of the request.
    pub url: Url,
    /// All headers except `content-length`.
    pub headers: HeaderMap,
    /// The body of the request.
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
    /// Creates a request from its parts.
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

/// The head of a response, and its body as a stream.
#[non_exhaustive]
pub struct Incoming {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers of the response.
    pub headers: HeaderMap,
    /// The decoded body of the response.
    pub body: ByteStream,
}

impl Incoming {
    /// Creates a response from its parts.
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

/// A failure of the network, described without addresses and content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TransportError {
    /// The phase that failed, or the limit that ran out.
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
    /// The peer reported that it left the request unprocessed (HTTP/2 `REFUSED_STREAM`, `GOAWAY`).
    Unprocessed,
    /// The peer's certificate was rejected: a setting is wrong, or somebody intercepts the connection.
    Certificate,
    /// The target address is blocked.
    BlockedAddress,
    /// The request could not be built.
    Malformed,
    /// The response's content encoding cannot be decoded.
    BadEncoding,
}
