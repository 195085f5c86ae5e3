//! The connection to Acme: builds requests, sends them through the call pipeline and decodes the responses.

use std::sync::Arc;

use anyvendor_core::{
    Error,
    address::address_below,
    resilience::{CallOptions, Operation, OperationClass, Pipeline, Request},
    values::{IdempotencyKey, VendorId},
};
use anyvendor_http::{Connect, ConnectionBuilder, ConnectionParts};
use http::{HeaderName, Method};
use url::Url;

use super::{
    auth,
    config::{AcmeConfig, VENDOR},
    error::{self, AcmeClassifier},
    wire,
};

/// Acme remembers a key for a day ("Idempotent requests"), so a lost response can be asked for again: nobody gets the email
/// twice.
const SEND: Operation = Operation::new(
    "email.send",
    &Method::POST,
    "/messages",
    OperationClass::Keyed,
);
const KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Acme, as an email vendor. Cheap to clone; clones share breaker, budget and connections.
#[derive(Debug, Clone)]
pub struct Acme {
    pipeline: Pipeline,
    base: Url,
}

/// The outcome of `POST /messages`.
pub(crate) enum Sent {
    /// Acme accepted the message for all recipients.
    Accepted(VendorId),
    /// Acme rejected the recipient at this position, and sent nothing. The error is for all others.
    Rejected(usize, Error),
}

impl Connect for Acme {
    type Config = AcmeConfig;

    fn connect(config: AcmeConfig, parts: ConnectionParts) -> Result<Self, Error> {
        let base = config.base()?;
        let auth = auth::of(&config)?;
        let local = config.allow_private_addresses;
        let classifier = Arc::new(AcmeClassifier);
        let pipeline = parts.pipeline(VENDOR, config.resilience, local, auth, classifier)?;
        Ok(Self {
            pipeline: pipeline.build()?,
            base,
        })
    }
}

impl Acme {
    /// Connects with these settings. Reads the key and sends nothing.
    ///
    /// # Errors
    /// `Config`, naming the setting that is wrong.
    pub fn new(config: AcmeConfig) -> Result<Self, Error> {
        Self::builder(config).build()
    }

    /// Begins a connection with custom parts, such as a transport or a clock.
    pub fn builder(config: AcmeConfig) -> ConnectionBuilder<Self> {
        ConnectionBuilder::new(config)
    }

    /// Sends a message. The same key gives the same message.
    pub(crate) async fn create_message(
        &self,
        message: &wire::NewMessage<'_>,
        key: IdempotencyKey,
        options: &CallOptions,
    ) -> Result<Sent, Error> {
        let url = address_below(&self.base, &["messages"], "id")?;
        let request = Request::new(url)
            .with_json(message)?
            .with_idempotency_key(KEY, key)?;
        let response = self.pipeline.call(&SEND, request, options).await?;
        if let Some(position) = error::rejected_recipient(&response.body) {
            let others = error::rejected_with_another(&response.head);
            return Ok(Sent::Rejected(position, others));
        }
        let created: wire::Created = response.json()?;
        let id = VendorId::new(VENDOR, created.id);
        id.map(Sent::Accepted)
            .map_err(|_| error::invalid_id(&response.head))
    }
}
