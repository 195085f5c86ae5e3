//! How a client without an adapter authenticates.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use http::{HeaderName, HeaderValue, header::AUTHORIZATION};

use super::{
    header::{basic, bearer, sensitive},
    oauth::{ClientCredentials, TokenEndpoint},
};
use crate::{
    error::Error,
    resilience::{AuthRejection, Authorizer, Clock, FullJitter, TokenCell, UnsignedRequest},
    transport::Transport,
    values::Secret,
};

/// How long before its end a token is replaced. Own choice: longer than any call takes.
const MARGIN: Duration = Duration::from_secs(60);

/// How requests are authenticated. Printed without its secrets.
#[derive(Clone)]
pub struct Auth(Way);

#[derive(Clone)]
enum Way {
    None,
    Bearer(Secret),
    Basic(String, Secret),
    Header(HeaderName, Secret),
    Query(String, Secret),
    ClientCredentials(ClientCredentials),
}

impl Auth {
    /// Not at all.
    #[must_use]
    pub fn none() -> Self {
        Self(Way::None)
    }

    /// `Authorization: Bearer <token>`.
    #[must_use]
    pub fn bearer(token: Secret) -> Self {
        Self(Way::Bearer(token))
    }

    /// `Authorization: Basic <user:password>`, in UTF-8 (RFC 7617).
    #[must_use]
    pub fn basic(user: impl Into<String>, password: Secret) -> Self {
        Self(Way::Basic(user.into(), password))
    }

    /// A key in a header of the vendor's own.
    #[must_use]
    pub fn header(name: HeaderName, key: Secret) -> Self {
        Self(Way::Header(name, key))
    }

    /// A key in the query. Nothing here prints addresses, but proxies and servers on the way may keep them: prefer a
    /// header where the vendor has one.
    #[must_use]
    pub fn query(name: impl Into<String>, key: Secret) -> Self {
        Self(Way::Query(name.into(), key))
    }

    /// OAuth 2.0 client credentials (RFC 6749, 4.4): the token is fetched once for all calls, replaced early, and once
    /// more after a 401.
    #[must_use]
    pub fn client_credentials(credentials: ClientCredentials) -> Self {
        Self(Way::ClientCredentials(credentials))
    }

    /// What puts these credentials on every attempt of a pipeline: for adapters whose vendor has no way of its own.
    /// Tokens are fetched through `transport`.
    ///
    /// # Errors
    /// `Config` for a secret that cannot stand in a header, or a token endpoint that is no address.
    pub fn authorizer(
        self,
        vendor: &'static str,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
        allow_private_addresses: bool,
    ) -> Result<Arc<dyn Authorizer>, Error> {
        let auth = ClientAuth::new(self, vendor, transport, clock, allow_private_addresses)?;
        Ok(Arc::new(auth))
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Way::None => "none",
            Way::Bearer(_) => "bearer",
            Way::Basic(..) => "basic",
            Way::Header(..) => "header",
            Way::Query(..) => "query",
            Way::ClientCredentials(_) => "client credentials",
        })
    }
}

/// Puts the credentials on every attempt.
pub(super) enum ClientAuth {
    None,
    Header(HeaderName, HeaderValue),
    Query(String, Secret),
    Token(TokenCell<TokenEndpoint>),
}

impl ClientAuth {
    pub(super) fn new(
        auth: Auth,
        vendor: &'static str,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
        allow_private_addresses: bool,
    ) -> Result<Self, Error> {
        Ok(match auth.0 {
            Way::None => Self::None,
            Way::Bearer(token) => Self::Header(AUTHORIZATION, bearer(&token)?),
            Way::Basic(user, password) => Self::Header(AUTHORIZATION, basic(&user, &password)?),
            Way::Header(name, key) => Self::Header(name, sensitive(key.expose())?),
            Way::Query(name, key) => Self::Query(name, key),
            Way::ClientCredentials(credentials) => {
                let endpoint = TokenEndpoint::new(
                    credentials,
                    vendor,
                    transport,
                    Arc::clone(&clock),
                    allow_private_addresses,
                )?;
                Self::Token(TokenCell::new(
                    endpoint,
                    clock,
                    Arc::new(FullJitter),
                    MARGIN,
                ))
            }
        })
    }
}

#[async_trait]
impl Authorizer for ClientAuth {
    async fn authorize(&self, request: UnsignedRequest<'_>) -> Result<u64, Error> {
        match self {
            Self::None => Ok(0),
            Self::Header(name, value) => {
                request.headers.insert(name.clone(), value.clone());
                Ok(0)
            }
            Self::Query(name, key) => {
                request
                    .url
                    .query_pairs_mut()
                    .append_pair(name, key.expose());
                Ok(0)
            }
            Self::Token(cell) => {
                let (token, generation) = cell.get().await?;
                request.headers.insert(AUTHORIZATION, bearer(&token)?);
                Ok(generation)
            }
        }
    }

    async fn recover(&self, refusal: AuthRejection<'_>) -> Result<bool, Error> {
        match self {
            Self::None | Self::Header(..) | Self::Query(..) => Ok(false),
            Self::Token(cell) => cell.replace(refusal.generation).await.map(|_| true),
        }
    }
}

impl fmt::Debug for ClientAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientAuth")
    }
}
