//! How requests are authenticated.

use std::{fmt, sync::Arc, time::Duration};

use anyvendor_core::{
    Error,
    resilience::{AuthRejection, Authorizer, Clock, FullJitter, TokenCell, UnsignedRequest},
    transport::Transport,
    values::Secret,
};
use async_trait::async_trait;
use http::{HeaderMap, HeaderName, HeaderValue, header::AUTHORIZATION};

use crate::{
    header::{basic, bearer, sensitive},
    oauth::{ClientCredentials, TokenEndpoint},
};

/// How long before its end a token is replaced. Our default (no vendor source): longer than any call takes.
const MARGIN: Duration = Duration::from_secs(60);

/// How requests are authenticated. Printed without its secrets.
///
/// ```
/// use anyvendor_core::values::Secret;
/// use anyvendor_http::Auth;
/// use http::{HeaderName, HeaderValue};
///
/// let auth = Auth::bearer(Secret::new("key"))
///     .with_header(HeaderName::from_static("acme-version"), HeaderValue::from_static("2026-01"));
/// assert_eq!(format!("{auth:?}"), "bearer");
/// ```
#[derive(Clone)]
pub struct Auth {
    method: AuthMethod,
    /// Sent with every attempt whose request does not set them itself.
    headers: HeaderMap,
}

#[derive(Clone)]
enum AuthMethod {
    None,
    Bearer(Secret),
    Basic(String, Secret),
    Header(HeaderName, Secret),
    Query(String, Secret),
    ClientCredentials(ClientCredentials),
    Custom(Arc<dyn Authorizer>),
}

impl Auth {
    fn by(method: AuthMethod) -> Self {
        Self {
            method,
            headers: HeaderMap::new(),
        }
    }

    /// Requests without authentication.
    #[must_use]
    pub fn none() -> Self {
        Self::by(AuthMethod::None)
    }

    /// `Authorization: Bearer <token>`.
    #[must_use]
    pub fn bearer(token: Secret) -> Self {
        Self::by(AuthMethod::Bearer(token))
    }

    /// `Authorization: Basic <user:password>`, in UTF-8 (RFC 7617).
    #[must_use]
    pub fn basic(user: impl Into<String>, password: Secret) -> Self {
        Self::by(AuthMethod::Basic(user.into(), password))
    }

    /// A key in a vendor-specific header.
    #[must_use]
    pub fn header(name: HeaderName, key: Secret) -> Self {
        Self::by(AuthMethod::Header(name, key))
    }

    /// A key in the query. This crate never prints URLs, but proxies and servers on the way may log them: prefer a header
    /// where the vendor accepts one.
    #[must_use]
    pub fn query(name: impl Into<String>, key: Secret) -> Self {
        Self::by(AuthMethod::Query(name.into(), key))
    }

    /// OAuth 2.0 client credentials (RFC 6749, 4.4): the token is fetched once for all calls, replaced early, and once
    /// more after a 401.
    #[must_use]
    pub fn client_credentials(credentials: ClientCredentials) -> Self {
        Self::by(AuthMethod::ClientCredentials(credentials))
    }

    /// Credentials that the adapter puts on each attempt itself, such as a request signature.
    #[must_use]
    pub fn custom(authorizer: Arc<dyn Authorizer>) -> Self {
        Self::by(AuthMethod::Custom(authorizer))
    }

    /// Sends a header with every attempt, such as the API's version, unless the request sets it itself. A secret value must
    /// be marked sensitive.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// The authorizer that puts these credentials on every attempt of a pipeline. Tokens are fetched through `transport`.
    ///
    /// # Errors
    /// `Config` for a secret that is not a valid header value, or a token endpoint that is not a valid URL.
    pub fn authorizer(
        self,
        vendor: &'static str,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
        allow_private_addresses: bool,
    ) -> Result<Arc<dyn Authorizer>, Error> {
        let credentials = match self.method {
            AuthMethod::None => Credentials::None,
            AuthMethod::Bearer(token) => Credentials::Header(AUTHORIZATION, bearer(&token)?),
            AuthMethod::Basic(user, password) => {
                Credentials::Header(AUTHORIZATION, basic(&user, &password)?)
            }
            AuthMethod::Header(name, key) => Credentials::Header(name, sensitive(key.expose())?),
            AuthMethod::Query(name, key) => Credentials::Query(name, key),
            AuthMethod::ClientCredentials(credentials) => {
                let endpoint = TokenEndpoint::new(
                    credentials,
                    vendor,
                    transport,
                    Arc::clone(&clock),
                    allow_private_addresses,
                )?;
                let jitter = Arc::new(FullJitter);
                Credentials::Token(TokenCell::new(endpoint, clock, jitter, MARGIN))
            }
            AuthMethod::Custom(authorizer) if self.headers.is_empty() => return Ok(authorizer),
            AuthMethod::Custom(authorizer) => Credentials::Custom(authorizer),
        };
        Ok(Arc::new(HttpAuthorizer {
            credentials,
            headers: self.headers,
        }))
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.method {
            AuthMethod::None => "none",
            AuthMethod::Bearer(_) => "bearer",
            AuthMethod::Basic(..) => "basic",
            AuthMethod::Header(..) => "header",
            AuthMethod::Query(..) => "query",
            AuthMethod::ClientCredentials(_) => "client credentials",
            AuthMethod::Custom(_) => "custom",
        })
    }
}

/// Puts the credentials and the fixed headers on every attempt.
struct HttpAuthorizer {
    credentials: Credentials,
    headers: HeaderMap,
}

enum Credentials {
    None,
    Header(HeaderName, HeaderValue),
    Query(String, Secret),
    Token(TokenCell<TokenEndpoint>),
    Custom(Arc<dyn Authorizer>),
}

#[async_trait]
impl Authorizer for HttpAuthorizer {
    async fn authorize(&self, request: UnsignedRequest<'_>) -> Result<u64, Error> {
        for (name, value) in &self.headers {
            request.headers.entry(name).or_insert_with(|| value.clone());
        }
        match &self.credentials {
            Credentials::None => Ok(0),
            Credentials::Header(name, value) => {
                request.headers.insert(name.clone(), value.clone());
                Ok(0)
            }
            Credentials::Query(name, key) => {
                request
                    .url
                    .query_pairs_mut()
                    .append_pair(name, key.expose());
                Ok(0)
            }
            Credentials::Token(cell) => {
                let (token, generation) = cell.get().await?;
                request.headers.insert(AUTHORIZATION, bearer(&token)?);
                Ok(generation)
            }
            Credentials::Custom(authorizer) => authorizer.authorize(request).await,
        }
    }

    async fn recover(&self, rejection: AuthRejection<'_>) -> Result<bool, Error> {
        match &self.credentials {
            Credentials::None | Credentials::Header(..) | Credentials::Query(..) => Ok(false),
            Credentials::Token(cell) => cell.replace(rejection.generation).await.map(|_| true),
            Credentials::Custom(authorizer) => authorizer.recover(rejection).await,
        }
    }
}

impl fmt::Debug for HttpAuthorizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HttpAuthorizer(REDACTED)")
    }
}
