//! The connection: builds requests, sends them through the call, decodes the answers.

use std::{fmt, sync::Arc};

use anyvendor_core::{
    Error,
    address::address_below,
    error::ProtocolReason,
    resilience::{CallOptions, Health, Operation, Pipeline, Request, RequestBody, Response},
    values::{IdempotencyKey, VendorId},
};
use anyvendor_http::{Connect, ConnectionBuilder, ConnectionParts, CredentialMode, Mode};
use http::{HeaderMap, HeaderName, HeaderValue, header::ACCEPT};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use crate::{
    VENDOR, auth,
    config::{Environment, PayPalConfig},
    error::{MalformedResponse, PayPalClassifier},
};

const REQUEST_ID: HeaderName = HeaderName::from_static("paypal-request-id");
const PREFER: HeaderName = HeaderName::from_static("prefer");
/// Without it a response lacks the ids and amounts of captures.
const WHOLE: HeaderValue = HeaderValue::from_static("return=representation");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// The longest request id that PayPal takes.
const MAX_REQUEST_ID: usize = 108;

/// A connection to PayPal. Cheap to clone; keep one per app, so that all calls share one token.
#[derive(Clone)]
pub struct PayPal {
    pub(crate) pipeline: Pipeline,
    base: Url,
    environment: Environment,
    pub(crate) brand_name: Option<String>,
}

impl fmt::Debug for PayPal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PayPal")
            .field("host", &self.base.host_str())
            .field("pipeline", &self.pipeline)
            .finish_non_exhaustive()
    }
}

/// Puts a [`PayPal`] together with parts of the caller's own.
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
        config.environment.get_or_insert(Environment::of(mode));
        Ok(())
    }

    fn credential_mode(&self) -> Option<CredentialMode> {
        let is_live = self.environment.is_live();
        Some(CredentialMode::new("environment", is_live))
    }
}

impl PayPal {
    /// Connects with these settings. Sends nothing.
    ///
    /// # Errors
    /// `Config`, naming the setting that cannot work.
    pub fn new(config: PayPalConfig) -> Result<Self, Error> {
        Self::builder(config).build()
    }

    /// Begins a connection with parts of the caller's own.
    #[must_use]
    pub fn builder(config: PayPalConfig) -> PayPalBuilder {
        PayPalBuilder::new(config)
    }

    /// Which of PayPal's two worlds this is.
    #[must_use]
    pub fn environment(&self) -> Environment {
        self.environment
    }

    /// How the connection is doing.
    #[must_use]
    pub fn health(&self) -> Health {
        self.pipeline.health()
    }

    /// Reads an object or a list.
    pub(crate) async fn get(
        &self,
        operation: &Operation,
        segments: &[&str],
        query: &[(&str, &str)],
        options: &CallOptions,
    ) -> Result<Response, Error> {
        let mut url = address_below(&self.base, segments, "id")?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        self.pipeline
            .call(operation, Request::new(url), options)
            .await
    }

    /// Writes under a key, which is shortened where PayPal takes no such length.
    pub(crate) async fn post(
        &self,
        operation: &Operation,
        segments: &[&str],
        body: Option<&Value>,
        (key, step): (&IdempotencyKey, &str),
        headers: HeaderMap,
        options: &CallOptions,
    ) -> Result<Response, Error> {
        let url = address_below(&self.base, segments, "id")?;
        let request = match body {
            Some(body) => Request::new(url).with_json(body)?,
            // The type is wanted where there is nothing to describe, too.
            None => Request::new(url).with_body(JSON, RequestBody::Empty),
        };
        let mut request = request
            .with_header(PREFER, WHOLE)
            .with_idempotency_key(REQUEST_ID, request_id(key, step))?;
        for (name, value) in &headers {
            request = request.with_header(name.clone(), value.clone());
        }
        self.pipeline.call(operation, request, options).await
    }

    /// Asks a question that is too long for an address: a POST that changes nothing, and needs no key.
    pub(crate) async fn ask(
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

    /// Removes an object.
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

/// The request id of one step of the caller's request: each step has its own, the same in every attempt.
fn request_id(key: &IdempotencyKey, step: &str) -> IdempotencyKey {
    let id = key.derive(step);
    match id.as_str().len() {
        0..=MAX_REQUEST_ID => id,
        // A step that is not printable is hashed together with the key: 64 characters.
        _ => key.derive(&[step, " "].concat()),
    }
}

/// Reads a response's body and says it in our words.
pub(crate) fn read<W: DeserializeOwned, T>(
    response: &Response,
    to_model: impl FnOnce(W) -> Result<T, MalformedResponse>,
) -> Result<T, Error> {
    to_model(response.json()?).map_err(|malformed| malformed.of(&response.head))
}

/// The vendor's id as ours, with what it is the id of before it where that must be known.
pub(crate) fn vendor_id(kind: Option<&str>, id: &str) -> Result<VendorId, MalformedResponse> {
    let text = match kind {
        Some(kind) => [kind, "/", id].concat(),
        None => id.to_owned(),
    };
    VendorId::new(VENDOR, text).map_err(|_| {
        MalformedResponse(
            ProtocolReason::BadBody,
            "the response names an id that cannot be",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_ids_fit_and_differ_by_step() {
        for length in [1, 100, 107, 200, 255] {
            let key = IdempotencyKey::new("k".repeat(length)).unwrap();
            let (create, capture) = (request_id(&key, "create"), request_id(&key, "capture"));
            assert!(create.as_str().len() <= MAX_REQUEST_ID, "{length}");
            assert_ne!(create, capture);
            assert_eq!(create, request_id(&key, "create"));
        }
    }
}
