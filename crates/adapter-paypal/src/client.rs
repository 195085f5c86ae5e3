//! The connection to PayPal: builds requests and sends them through the call pipeline.

use std::{fmt, sync::Arc};

use anyvendor_core::{
    Error,
    address::address_below,
    resilience::{
        CallOptions, CallScope, Health, Operation, Pipeline, Request, RequestBody, Response,
    },
    values::IdempotencyKey,
};
use anyvendor_http::{Connect, ConnectionBuilder, ConnectionParts, CredentialMode, Mode};
use http::{HeaderMap, HeaderName, HeaderValue, header::ACCEPT};
use serde_json::Value;
use url::Url;

use crate::{
    auth,
    config::{Environment, PayPalConfig, VENDOR},
    error::PayPalClassifier,
};

const REQUEST_ID: HeaderName = HeaderName::from_static("paypal-request-id");
const PREFER: HeaderName = HeaderName::from_static("prefer");
/// Without this header a response lacks the ids and amounts of captures.
const WHOLE: HeaderValue = HeaderValue::from_static("return=representation");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// The longest request id that PayPal accepts.
const MAX_REQUEST_ID: usize = 108;

/// A connection to PayPal. Cheap to clone; keep one per app, so that all calls share one token.
#[derive(Clone)]
pub struct PayPal {
    pub(crate) pipeline: Pipeline,
    base: Url,
    environment: Environment,
    pub(crate) brand_name: Option<String>,
}

/// A builder of [`PayPal`] that takes custom parts, such as a transport or a clock.
pub type PayPalBuilder = ConnectionBuilder<PayPal>;

impl Connect for PayPal {
    type Config = PayPalConfig;

    fn connect(config: PayPalConfig, parts: ConnectionParts) -> Result<Self, Error> {
        config.check()?;
        let base = config.base()?;
        let auth = auth::of(&config)?;
        let environment = config.environment();
        let pipeline = parts.pipeline(
            VENDOR,
            config.resilience,
            config.allow_private_addresses,
            auth,
            Arc::new(PayPalClassifier),
        )?;
        Ok(Self {
            pipeline: pipeline.build()?,
            base,
            environment,
            brand_name: config.brand_name,
        })
    }

    fn apply_mode(config: &mut PayPalConfig, mode: Mode) -> Result<(), Error> {
        config.apply_mode(mode)
    }

    fn credential_mode(&self) -> Option<CredentialMode> {
        let is_live = self.environment.is_live();
        Some(CredentialMode::new("environment", is_live))
    }

    fn pipeline(&self) -> Option<&Pipeline> {
        Some(&self.pipeline)
    }

    fn address(&self) -> Option<&Url> {
        Some(&self.base)
    }
}

impl PayPal {
    /// Connects with these settings. Sends nothing.
    ///
    /// # Errors
    /// `Config` that names the invalid setting.
    pub fn new(config: PayPalConfig) -> Result<Self, Error> {
        Self::builder(config).build()
    }

    /// Begins a connection with custom parts, such as a transport or a clock.
    #[must_use]
    pub fn builder(config: PayPalConfig) -> PayPalBuilder {
        PayPalBuilder::new(config)
    }

    /// The environment that the connection talks to.
    #[must_use]
    pub fn environment(&self) -> Environment {
        self.environment
    }

    /// The state of the connection: circuit breaker, retry budget, quota.
    #[must_use]
    pub fn health(&self) -> Health {
        self.pipeline.health()
    }

    /// Fetches an object or a list, as a part of a call.
    pub(crate) async fn get(
        &self,
        scope: &CallScope,
        operation: &Operation,
        segments: &[&str],
        query: &[(&str, &str)],
    ) -> Result<Response, Error> {
        let mut url = address_below(&self.base, segments, "id")?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        scope.call(operation, Request::new(url)).await
    }

    /// Sends the write of a call.
    pub(crate) async fn post(&self, scope: &CallScope, post: Post<'_>) -> Result<Response, Error> {
        let url = address_below(&self.base, post.segments, "id")?;
        let request = match post.body {
            Some(body) => Request::new(url).with_json(body)?,
            // PayPal requires the content type even without a body.
            None => Request::new(url).with_body(JSON, RequestBody::Empty),
        };
        let mut request = request
            .with_header(PREFER, WHOLE)
            .with_idempotency_key(REQUEST_ID, post.request_id())?;
        for (name, value) in &post.headers {
            request = request.with_header(name.clone(), value.clone());
        }
        scope.call(post.operation, request).await
    }

    /// Sends a query that is too long for a URL: a POST that changes nothing and needs no key.
    pub(crate) async fn query(
        &self,
        operation: &Operation,
        segments: &[&str],
        json: Vec<u8>,
    ) -> Result<Response, Error> {
        let url = address_below(&self.base, segments, "id")?;
        let request = Request::new(url)
            .with_header(ACCEPT, JSON)
            .with_body(JSON, RequestBody::Bytes(json.into()));
        let options = CallOptions::default();
        self.pipeline.call(operation, request, &options).await
    }

    /// Deletes an object.
    pub(crate) async fn delete(
        &self,
        operation: &Operation,
        segments: &[&str],
        options: &CallOptions,
    ) -> Result<Response, Error> {
        let url = address_below(&self.base, segments, "id")?;
        self.pipeline
            .call(operation, Request::new(url), options)
            .await
    }
}

impl fmt::Debug for PayPal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PayPal")
            .field("host", &self.base.host_str())
            .field("pipeline", &self.pipeline)
            .finish_non_exhaustive()
    }
}

/// One write: what is sent, to which path, and under which key.
pub(crate) struct Post<'a> {
    pub(crate) operation: &'a Operation,
    pub(crate) segments: &'a [&'a str],
    pub(crate) body: Option<&'a Value>,
    pub(crate) key: &'a IdempotencyKey,
    /// The step of the caller's operation that this write is, which has its own request id. Creating a payment has none.
    pub(crate) step: Option<&'a str>,
    pub(crate) headers: HeaderMap,
}

impl Post<'_> {
    /// The request id, which is the same in every attempt.
    fn request_id(&self) -> IdempotencyKey {
        match self.step {
            Some(step) => self.key.for_step(step, MAX_REQUEST_ID),
            None => self.key.within(MAX_REQUEST_ID),
        }
    }
}
