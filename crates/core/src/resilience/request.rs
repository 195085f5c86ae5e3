//! One request as an adapter states it, and the response that it gets.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, StatusCode,
    header::{ACCEPT, CONTENT_TYPE},
};
use serde::{Serialize, de::DeserializeOwned};
use url::Url;

use crate::{
    error::{Delivery, Error, Kind, ProtocolReason},
    transport::{ByteStream, OutgoingContent},
    values::IdempotencyKey,
};

/// A request without method, class and credentials, which the operation and the authorizer add. `Debug` shows only the
/// length of the body.
///
/// # Examples
/// ```
/// use anyvendor_core::{address::address_below, resilience::Request, values::IdempotencyKey};
/// use http::HeaderName;
///
/// let base = "https://api.acme.example/v1".parse().unwrap();
/// let request = Request::new(address_below(&base, &["refunds"], "refund")?)
///     .with_form("amount=500")
///     .with_idempotency_key(HeaderName::from_static("idempotency-key"), IdempotencyKey::random())?;
/// assert_eq!(format!("{request:?}"), "Request { body: Bytes(10 bytes), .. }");
/// # Ok::<(), anyvendor_core::Error>(())
/// ```
pub struct Request {
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: RequestBody,
    pub(crate) key: Option<IdempotencyKey>,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}

impl Request {
    /// Creates a request without a body. Ids are added to `url` by [`address_below`](crate::address::address_below),
    /// never by `format!`.
    #[must_use]
    pub fn new(url: Url) -> Self {
        Self {
            url,
            headers: HeaderMap::new(),
            body: RequestBody::Empty,
            key: None,
        }
    }

    /// Adds a header, replacing one of the same name.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Sets the body and its content type.
    #[must_use]
    pub fn with_body(mut self, content_type: HeaderValue, body: impl Into<RequestBody>) -> Self {
        self.headers.insert(CONTENT_TYPE, content_type);
        self.body = body.into();
        self
    }

    /// Sets the body without a content type.
    #[must_use]
    pub fn with_raw_body(mut self, body: impl Into<RequestBody>) -> Self {
        self.body = body.into();
        self
    }

    /// Sets a form body that is already encoded.
    #[must_use]
    pub fn with_form(self, form: impl Into<Bytes>) -> Self {
        self.with_body(
            HeaderValue::from_static("application/x-www-form-urlencoded"),
            RequestBody::Bytes(form.into()),
        )
    }

    /// Sets a JSON body and asks for a JSON response.
    ///
    /// # Errors
    /// `InvalidRequest` when the value cannot be written as JSON.
    pub fn with_json(self, value: &impl Serialize) -> Result<Self, Error> {
        let body = serde_json::to_vec(value)
            .map_err(|_| Error::invalid("body", "cannot be written as JSON"))?;
        let json = HeaderValue::from_static("application/json");
        Ok(self
            .with_header(ACCEPT, json.clone())
            .with_body(json, RequestBody::Bytes(body.into())))
    }

    /// Sends `key` in the header that the vendor reads it from; it is the same in every attempt.
    ///
    /// # Errors
    /// `InvalidRequest` when the key is not a valid header value.
    pub fn with_idempotency_key(
        mut self,
        header: HeaderName,
        key: IdempotencyKey,
    ) -> Result<Self, Error> {
        let value = HeaderValue::from_str(key.as_str())
            .map_err(|_| Error::invalid("idempotency_key", "must be visible ASCII"))?;
        self.headers.insert(header, value);
        self.key = Some(key);
        Ok(self)
    }

    /// Attaches a key to the call that is not sent as a header (the vendor reads it from the body).
    #[must_use]
    pub fn with_call_key(mut self, key: IdempotencyKey) -> Self {
        self.key = Some(key);
        self
    }
}

/// The body of a request.
pub enum RequestBody {
    /// The request has no body.
    Empty,
    /// Bytes in memory, which can be sent as often as needed.
    Bytes(Bytes),
    /// A stream that can be created again for each attempt, and its exact length.
    Replayable(Arc<dyn Fn() -> ByteStream + Send + Sync>, u64),
    /// A stream that can be sent once, and its exact length; see [`one_shot`](Self::one_shot). The mutex is never
    /// locked: it allows a request to be shared between threads although its stream cannot. It is `None` once the
    /// stream was sent.
    OneShot(Mutex<Option<ByteStream>>, u64),
}

impl RequestBody {
    /// Creates a body from a stream of exactly `length` bytes that can be sent once.
    #[must_use]
    pub fn one_shot(stream: ByteStream, length: u64) -> Self {
        Self::OneShot(Mutex::new(Some(stream)), length)
    }

    /// Whether the body can be sent again.
    pub(crate) fn is_replayable(&self) -> bool {
        !matches!(self, Self::OneShot(..))
    }

    /// Takes the content of this attempt; a one-shot stream is used up by it.
    pub(crate) fn take(&mut self) -> OutgoingContent {
        match self {
            Self::Empty => OutgoingContent::Empty,
            Self::Bytes(bytes) => OutgoingContent::Bytes(bytes.clone()),
            Self::Replayable(make, length) => OutgoingContent::stream(make(), *length),
            Self::OneShot(stream, length) => {
                let stream = stream.get_mut().unwrap_or_else(PoisonError::into_inner);
                match stream.take() {
                    Some(stream) => OutgoingContent::stream(stream, *length),
                    None => OutgoingContent::Empty,
                }
            }
        }
    }
}

impl From<Bytes> for RequestBody {
    fn from(bytes: Bytes) -> Self {
        Self::Bytes(bytes)
    }
}

impl fmt::Debug for RequestBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("Empty"),
            Self::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
            Self::Replayable(_, length) => write!(f, "Replayable({length} bytes)"),
            Self::OneShot(_, length) => write!(f, "OneShot({length} bytes)"),
        }
    }
}

/// The parts of a response without its body. `Debug` shows no headers.
#[derive(Clone)]
#[non_exhaustive]
pub struct ResponseHead {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers of the response.
    pub headers: HeaderMap,
    /// The vendor's id of the request.
    pub request_id: Option<String>,
    /// The vendor, for errors that are created later from this response.
    pub vendor: &'static str,
    /// The operation's name.
    pub operation: &'static str,
    /// The idempotency key that the call carried.
    pub idempotency_key: Option<IdempotencyKey>,
    pub(super) standing: Standing,
}

/// The place of a request in its call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is the request that does the work.
    Main,
    /// It looks something up for a write, or prepares one: an error about its response says what is known about the write.
    Aside(Delivery),
}

impl fmt::Debug for ResponseHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseHead")
            .field("status", &self.status)
            .field("request_id", &self.request_id)
            .field("vendor", &self.vendor)
            .field("operation", &self.operation)
            .finish_non_exhaustive()
    }
}

impl ResponseHead {
    /// Returns the text of a header, if it is present and readable.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Creates the error that this response reports, for rejections that only the domain module can recognize.
    #[must_use]
    pub fn refused(&self, kind: Kind, message: impl Into<String>) -> Error {
        self.error(kind, Delivery::Refused, message.into())
    }

    /// Creates an error about this response: the vendor accepted the call, but its response cannot be used.
    #[must_use]
    pub fn malformed(&self, reason: ProtocolReason, message: impl Into<String>) -> Error {
        self.error(Kind::Protocol(reason), Delivery::Accepted, message.into())
    }

    fn error(&self, kind: Kind, delivery: Delivery, message: String) -> Error {
        let delivery = match self.standing {
            Standing::Main => delivery,
            Standing::Aside(of_the_write) => of_the_write,
        };
        let mut error = Error::new(kind, delivery, message)
            .with_vendor(self.vendor)
            .with_operation(self.operation)
            .with_status(self.status);
        if let Some(id) = &self.request_id {
            error = error.with_request_id(id);
        }
        if let Some(key) = &self.idempotency_key {
            error = error.with_idempotency_key(key.clone());
        }
        error
    }
}

/// A successful response, read completely. `Debug` shows no body.
#[derive(Clone)]
#[non_exhaustive]
pub struct Response {
    /// The status and headers of the response.
    pub head: ResponseHead,
    /// The decoded body, at most as long as the limit.
    pub body: Bytes,
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("head", &self.head)
            .finish_non_exhaustive()
    }
}

impl Response {
    /// Decodes the body as JSON.
    ///
    /// # Errors
    /// `Protocol(BadBody)` with delivery `Accepted`: the call was accepted, but its response is malformed.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body).map_err(|error| {
            // serde's message may quote the body; the position is enough.
            self.head.malformed(
                ProtocolReason::BadBody,
                format!(
                    "the call was accepted, but its response is not the JSON expected ({:?} at line {} column {})",
                    error.classify(),
                    error.line(),
                    error.column()
                ),
            )
        })
    }
}

/// A successful response whose body arrives as a stream.
#[non_exhaustive]
pub struct StreamingResponse {
    /// The status and headers of the response.
    pub head: ResponseHead,
    /// The body; each wait for the next piece is limited by the policy's idle timeout.
    pub body: ByteStream,
}

impl fmt::Debug for StreamingResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamingResponse")
            .field("head", &self.head)
            .finish_non_exhaustive()
    }
}
