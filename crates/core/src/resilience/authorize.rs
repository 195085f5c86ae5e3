//! How an attempt is authorized: again for each attempt, with one chance to recover from a rejection.

use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use jiff::Timestamp;
use url::Url;

use crate::error::Error;

/// The head of one attempt, ready to be signed. The authorizer may change the URL's query and the headers. `Debug`
/// shows neither.
pub struct UnsignedRequest<'a> {
    /// The HTTP method.
    pub method: &'a Method,
    /// The complete URL of the request.
    pub url: &'a mut Url,
    /// The headers; those that carry credentials must be marked sensitive.
    pub headers: &'a mut HeaderMap,
    /// The body if it is in memory; `None` for a stream.
    pub body: Option<&'a Bytes>,
    /// The wall clock of this attempt.
    pub now: Timestamp,
}

impl fmt::Debug for UnsignedRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnsignedRequest")
            .field("method", &self.method)
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}

/// A rejection of the credentials, after which authorizing again may help.
#[derive(Debug, Clone, Copy)]
pub struct AuthRejection<'a> {
    /// The HTTP status.
    pub status: StatusCode,
    /// The vendor's clock when it responded, from the `Date` header.
    pub date: Option<Timestamp>,
    /// The vendor's code for the rejection.
    pub vendor_code: Option<&'a str>,
    /// Our wall clock when the response arrived.
    pub now: Timestamp,
    /// The generation that [`Authorizer::authorize`] returned for the rejected attempt. Another call may have replaced
    /// that credential since.
    pub generation: u64,
}

/// Adds credentials to every attempt. Crates outside this workspace can implement it.
///
/// # For adapter authors
/// A fixed key needs `authorize` alone; a token that expires is kept in a [`TokenCell`](super::TokenCell) and renewed
/// in `recover`.
///
/// ```
/// use anyvendor_core::{Error, resilience::{Authorizer, UnsignedRequest}, values::Secret};
/// use http::{HeaderValue, header::AUTHORIZATION};
///
/// #[derive(Debug)]
/// struct BearerKey(Secret);
///
/// #[async_trait::async_trait]
/// impl Authorizer for BearerKey {
///     async fn authorize(&self, request: UnsignedRequest<'_>) -> Result<u64, Error> {
///         let mut value = HeaderValue::from_str(&format!("Bearer {}", self.0.expose()))
///             .map_err(|_| Error::config("key", "must be visible ASCII"))?;
///         value.set_sensitive(true);
///         request.headers.insert(AUTHORIZATION, value);
///         Ok(0)
///     }
/// }
/// ```
#[async_trait]
pub trait Authorizer: fmt::Debug + Send + Sync {
    /// Signs one attempt, and returns the generation of the credential that it used (as counted by a
    /// [`TokenCell`](super::TokenCell); 0 if there is only one). Called again for each attempt, so that dates, tokens
    /// and signatures are current.
    ///
    /// # Errors
    /// `Kind::Config` or `Kind::Unauthenticated` when no credentials are available: nothing was sent.
    async fn authorize(&self, request: UnsignedRequest<'_>) -> Result<u64, Error>;

    /// Called once per call after the vendor rejected the credentials; `true` means that another attempt may succeed.
    /// The default is `false`: a fixed secret does not change.
    ///
    /// # Errors
    /// The failure to renew the credentials.
    async fn recover(&self, rejection: AuthRejection<'_>) -> Result<bool, Error> {
        let _ = rejection;
        Ok(false)
    }
}

fn _dyn_safe(_: &dyn Authorizer) {}

/// Adds nothing: for requests that need no credentials, or already have them.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoCredentials;

#[async_trait]
impl Authorizer for NoCredentials {
    async fn authorize(&self, _: UnsignedRequest<'_>) -> Result<u64, Error> {
        Ok(0)
    }
}
