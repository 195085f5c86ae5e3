//! OAuth 2.0 client credentials: fetches tokens from the token endpoint, through a separate pipeline.

use std::{fmt, sync::Arc, time::Duration};

use anyvendor_core::{
    Error,
    address::api_address,
    resilience::{
        ByStatus, CallOptions, Clock, NoCredentials, Operation, OperationClass, Pipeline, Request,
        Token, TokenSource,
    },
    transport::Transport,
    values::Secret,
};
use async_trait::async_trait;
use http::{
    HeaderValue, Method,
    header::{ACCEPT, AUTHORIZATION},
};
use serde::Deserialize;
use url::{Url, form_urlencoded};

use crate::header::basic;

/// Idempotent: if a second token is issued, the first is simply never used.
const FETCH: Operation = Operation::new(
    "oauth.token",
    &Method::POST,
    "/token",
    OperationClass::Idempotent,
);

/// The client that fetches tokens, and the endpoint.
///
/// ```
/// use anyvendor_core::values::Secret;
/// use anyvendor_http::{Auth, ClientCredentials, SecretPlace};
///
/// let credentials = ClientCredentials::new("https://login.acme.example/token", "id", Secret::new("secret"))
///     .with_scope("parcels:read")
///     .with_place(SecretPlace::Form);
/// let auth = Auth::client_credentials(credentials);
/// assert_eq!(format!("{auth:?}"), "client credentials");
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct ClientCredentials {
    /// The token endpoint.
    pub token_url: String,
    /// The id of the client.
    pub client_id: String,
    /// The secret of the client.
    pub client_secret: Secret,
    /// The requested scope, in the vendor's format.
    pub scope: Option<String>,
    /// The API that the token is for, if the vendor requires it (RFC 8707 calls it `resource`, many vendors `audience`): the
    /// name of the parameter and its value.
    pub audience: Option<(String, String)>,
    /// Where the id and the secret are sent.
    pub place: SecretPlace,
}

anyvendor_core::debug_only!(ClientCredentials { place });

impl ClientCredentials {
    /// Credentials that are sent in the way that the standard prefers, the `Authorization` header.
    #[must_use]
    pub fn new(
        token_url: impl Into<String>,
        client_id: impl Into<String>,
        client_secret: Secret,
    ) -> Self {
        Self {
            token_url: token_url.into(),
            client_id: client_id.into(),
            client_secret,
            scope: None,
            audience: None,
            place: SecretPlace::default(),
        }
    }

    /// Sets the requested scope.
    #[must_use]
    pub fn with_scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = Some(scope.into());
        self
    }

    /// Sets the API that the token is for, under the vendor's name of the parameter.
    #[must_use]
    pub fn with_audience(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.audience = Some((name.into(), value.into()));
        self
    }

    /// Sets where the id and the secret are sent.
    #[must_use]
    pub fn with_place(mut self, place: SecretPlace) -> Self {
        self.place = place;
        self
    }
}

/// Where the id and the secret are sent (RFC 6749, 2.3.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SecretPlace {
    /// In the header `Authorization: Basic`.
    #[default]
    Header,
    /// In the form, for servers that accept nothing else.
    Form,
}

/// Fetches tokens from the endpoint.
pub(crate) struct TokenEndpoint {
    pipeline: Pipeline,
    url: Url,
    form: Secret,
    header: Option<HeaderValue>,
}

impl TokenEndpoint {
    pub(crate) fn new(
        credentials: ClientCredentials,
        vendor: &'static str,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
        allow_private_addresses: bool,
    ) -> Result<Self, Error> {
        let url = api_address("token_url", &credentials.token_url, allow_private_addresses)?;
        let (id, secret) = (&credentials.client_id, &credentials.client_secret);
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials");
        if let Some(scope) = &credentials.scope {
            form.append_pair("scope", scope);
        }
        if let Some((name, value)) = &credentials.audience {
            form.append_pair(name, value);
        }
        let header = match credentials.place {
            SecretPlace::Header => {
                // Both are form-encoded before they are joined, so that a colon in them cannot split the pair.
                let encode = |text: &str| {
                    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>()
                };
                Some(basic(&encode(id), &Secret::new(encode(secret.expose())))?)
            }
            SecretPlace::Form => {
                form.append_pair("client_id", id);
                form.append_pair("client_secret", secret.expose());
                None
            }
        };
        let pipeline = Pipeline::builder(
            vendor,
            transport,
            Arc::new(NoCredentials),
            Arc::new(ByStatus),
            clock,
        );
        Ok(Self {
            pipeline: pipeline.build()?,
            url,
            form: Secret::new(form.finish()),
            header,
        })
    }
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    #[serde(default)]
    expires_in: Option<u64>,
}

#[async_trait]
impl TokenSource for TokenEndpoint {
    type Value = Secret;

    async fn fetch(&self) -> Result<Token<Secret>, Error> {
        let mut request = Request::new(self.url.clone())
            .with_form(self.form.expose().to_owned())
            .with_header(ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(header) = &self.header {
            request = request.with_header(AUTHORIZATION, header.clone());
        }
        let response = self
            .pipeline
            .call(&FETCH, request, &CallOptions::default())
            .await?;
        let granted: Granted = response.json()?;
        Ok(Token {
            value: Secret::new(granted.access_token),
            expires_in: granted.expires_in.map(Duration::from_secs),
        })
    }
}

impl fmt::Debug for TokenEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenEndpoint")
            .field("host", &self.url.host_str())
            .finish_non_exhaustive()
    }
}
