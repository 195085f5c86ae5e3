//! A request that has arrived: its head, its body, and what a fault asks of the emulator.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::header::{self, HeaderMap};
use http::{Method, Request};

use crate::body::{self, ReadError, RequestBody};

/// What an injected fault asks of an emulator itself. It travels in the request's extensions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Injected {
    /// The work takes this long.
    pub(crate) delay: Option<Duration>,
    /// The work fails with this status, and an idempotency key stores that.
    pub(crate) failure: Option<u16>,
}

impl Injected {
    /// Takes as long as the fault asks.
    pub(crate) async fn wait(&self) {
        if let Some(delay) = self.delay {
            tokio::time::sleep(delay).await;
        }
    }
}

/// The head of a request.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    /// As sent, still encoded.
    pub(crate) path: String,
    /// Without `?`; empty if there is none.
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) injected: Injected,
}

impl Call {
    /// Reads a request to its end, up to `cap` bytes of its body.
    pub(crate) async fn receive(
        request: Request<RequestBody>,
        cap: usize,
    ) -> (Self, Result<Bytes, ReadError>) {
        let (parts, body) = request.into_parts();
        let call = Self {
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            method: parts.method,
            headers: parts.headers,
            injected: parts.extensions.get().cloned().unwrap_or_default(),
        };
        (call, body::collect(body, cap).await)
    }

    /// The steps of the path after the leading `/`.
    pub(crate) fn steps(&self) -> Vec<&str> {
        self.path.trim_start_matches('/').split('/').collect()
    }

    /// A header's value; bytes that are not UTF-8 are replaced.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let value = self.headers.get(name)?;
        Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
    }

    /// Whether the body is of this media type, whatever its parameters.
    pub(crate) fn has_type(&self, media_type: &str) -> bool {
        let value = self.headers.get(header::CONTENT_TYPE);
        value.is_some_and(|value| value.as_bytes().starts_with(media_type.as_bytes()))
    }

    /// The credentials of an authorization scheme, whose name may be written in any case.
    pub(crate) fn credentials(&self, scheme: &str) -> Option<String> {
        let value = self.header("authorization")?;
        let (given, credentials) = value.split_once(' ')?;
        let fits = given.eq_ignore_ascii_case(scheme);
        fits.then(|| credentials.trim().to_owned())
    }

    /// User and password of HTTP Basic authentication; without a `:` the password is empty.
    pub(crate) fn basic(&self) -> Option<(String, String)> {
        let pair = BASE64_STANDARD.decode(self.credentials("basic")?).ok()?;
        let pair = String::from_utf8_lossy(&pair);
        let (user, password) = pair.split_once(':').unwrap_or((&pair, ""));
        Some((user.to_owned(), password.to_owned()))
    }
}
