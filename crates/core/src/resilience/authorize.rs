//! How an attempt is authorized: afresh each time, with one chance to recover from a refusal.

use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use jiff::Timestamp;
use url::Url;

use crate::error::Error;

/// The head of one attempt, ready to be signed. Whoever signs may change the URL's query and the headers. `Debug` shows
/// neither.
pub struct UnsignedRequest<'a> {
    /// The HTTP method.
    pub method: &'a Method,
    /// The whole address.
    pub url: &'a mut Url,
    /// The headers; those that carry credentials must be marked sensitive.
    pub headers: &'a mut HeaderMap,
    /// The body where it is known as a whole; `None` for a stream.
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

/// A refusal that authorizing anew may mend.
#[derive(Debug, Clone, Copy)]
pub struct AuthRejection<'a> {
    /// The HTTP status.
    pub status: StatusCode,
    /// The vendor's clock when it answered, from the `Date` header.
    pub date: Option<Timestamp>,
    /// The vendor's code.
    pub vendor_code: Option<&'a str>,
    /// Our wall clock when the response came.
    pub now: Timestamp,
    /// The generation that [`Authorizer::authorize`] gave for the attempt that was refused. Others may have replaced
    /// that credential since.
    pub generation: u64,
}

/// Puts credentials on every attempt. Open: an outside adapter writes its own.
#[async_trait]
pub trait Authorizer: fmt::Debug + Send + Sync {
    /// Signs one attempt, and gives the generation of the credential it used (as a
    /// [`TokenCell`](super::TokenCell) counts them; 0 where there is one for ever). Called anew for each attempt, so that
    /// dates, tokens and signatures are fresh.
    ///
    /// # Errors
    /// `Kind::Config` or `Kind::Unauthenticated` when no credentials can be had: nothing was sent.
    async fn authorize(&self, request: UnsignedRequest<'_>) -> Result<u64, Error>;

    /// Called once per call after the vendor rejected the credentials; `true` means that another attempt may succeed.
    /// The default is `false`: a fixed secret does not get better by asking again.
    ///
    /// # Errors
    /// When renewing the credentials failed.
    async fn recover(&self, rejection: AuthRejection<'_>) -> Result<bool, Error> {
        let _ = rejection;
        Ok(false)
    }
}

/// Adds nothing: for requests that need no credentials, or bear them already.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoCredentials;

#[async_trait]
impl Authorizer for NoCredentials {
    async fn authorize(&self, _: UnsignedRequest<'_>) -> Result<u64, Error> {
        Ok(0)
    }
}
