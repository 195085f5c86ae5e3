//! Signs every attempt, by the store's clock where ours is wrong.

mod credentials;
pub(crate) mod sigv4;

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use anyvendor_core::{
    Error,
    resilience::{AuthRejection, Authorizer, Clock, FullJitter, TokenCell, UnsignedRequest},
};
use anyvendor_http::TransportConfig;
use async_trait::async_trait;
use http::{HeaderName, HeaderValue, header};
use jiff::{SignedDuration, Timestamp};

use self::credentials::{Environment, Source};
use self::sigv4::{Credentials, Scope, Signable, UNSIGNED, authorization, sha256_hex};
use crate::config::CredentialsConfig;

const DATE: HeaderName = HeaderName::from_static("x-amz-date");
const CONTENT_SHA256: HeaderName = HeaderName::from_static("x-amz-content-sha256");
const SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");

/// Temporary credentials are replaced this long before their end, as botocore's mandatory refresh does (10 minutes) and
/// the Rust SDK's buffer (10 s) is too short for: between the two; our default (no vendor source).
const MARGIN: Duration = Duration::from_secs(300);

/// Headers that are not signed: the connection adds or changes them.
const UNSIGNED_HEADERS: [HeaderName; 4] = [
    header::USER_AGENT,
    header::ACCEPT_ENCODING,
    header::CONTENT_LENGTH,
    header::AUTHORIZATION,
];

#[derive(Debug)]
pub(crate) struct S3Auth {
    region: String,
    credentials: TokenCell<Source>,
    clock: Arc<dyn Clock>,
    /// The store's clock minus ours, in seconds.
    offset: AtomicI64,
}

impl S3Auth {
    pub(crate) fn new(
        region: &str,
        config: &CredentialsConfig,
        transport: TransportConfig,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Error> {
        let environment = Environment::of_process();
        let source = Source::new(config, region, transport, Arc::clone(&clock), environment)?;
        Ok(Self::with_source(source, region, clock))
    }

    /// Signs with the credentials of a source.
    fn with_source(source: Source, region: &str, clock: Arc<dyn Clock>) -> Self {
        let credentials = TokenCell::new(source, Arc::clone(&clock), Arc::new(FullJitter), MARGIN);
        Self {
            region: region.to_owned(),
            credentials,
            clock,
            offset: AtomicI64::new(0),
        }
    }

    pub(crate) async fn credentials(&self) -> Result<Credentials, Error> {
        Ok(self.credentials.get().await?.0)
    }

    /// The scope of a signature made now, by the store's clock.
    pub(crate) fn scope(&self, now: Timestamp) -> Scope<'_> {
        let offset = SignedDuration::from_secs(self.offset.load(Ordering::Relaxed));
        Scope::s3(&self.region, now.checked_add(offset).unwrap_or(now))
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.wall()
    }
}

#[async_trait]
impl Authorizer for S3Auth {
    async fn authorize(&self, request: UnsignedRequest<'_>) -> Result<u64, Error> {
        let (credentials, generation) = self.credentials.get().await?;
        let scope = self.scope(request.now);
        // Over TLS the payload is protected already, and hashing costs as much as everything else.
        let payload = match request.body {
            Some(body) if request.url.scheme() == "http" => sha256_hex(body),
            _ => UNSIGNED.to_owned(),
        };
        let text = |text: &str| {
            HeaderValue::from_str(text)
                .map_err(|_| Error::config("credentials", "are not valid header values"))
        };
        request.headers.insert(DATE, text(&scope.date)?);
        request.headers.insert(CONTENT_SHA256, text(&payload)?);
        if let Some(token) = &credentials.session_token {
            let mut token = text(token.expose())?;
            token.set_sensitive(true);
            request.headers.insert(SECURITY_TOKEN, token);
        }
        let headers = request
            .headers
            .iter()
            .filter(|(name, _)| !UNSIGNED_HEADERS.contains(name))
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), value)
            })
            .collect();
        let signable = Signable {
            method: request.method.as_str(),
            url: request.url,
            headers,
            payload: &payload,
        };
        let mut value = text(&authorization(&signable, &scope, &credentials))?;
        value.set_sensitive(true);
        request.headers.insert(header::AUTHORIZATION, value);
        Ok(generation)
    }

    async fn recover(&self, rejection: AuthRejection<'_>) -> Result<bool, Error> {
        match rejection.vendor_code {
            Some("RequestTimeTooSkewed") => Ok(match rejection.date {
                Some(theirs) => {
                    let offset = theirs.duration_since(rejection.now).as_secs();
                    self.offset.store(offset, Ordering::Relaxed);
                    true
                }
                None => false,
            }),
            Some("ExpiredToken" | "TokenRefreshRequired" | "InvalidToken") => {
                let (_, generation) = self.credentials.replace(rejection.generation).await?;
                Ok(generation != rejection.generation)
            }
            _ => Ok(false),
        }
    }
}

#[cfg(test)]
mod tests;
