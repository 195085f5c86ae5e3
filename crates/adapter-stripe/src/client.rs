//! The connection: builds requests, sends them through the call, decodes the answers.

use std::sync::Arc;

use anyvendor_core::{
    Error,
    error::ProtocolReason,
    http::HttpTransport,
    resilience::{
        Answer, CallOptions, Clock, Health, Observer, Operation, Pipeline, Request, SystemClock,
        VendorProfile,
    },
    transport::{Transport, TransportConfig},
    values::{IdempotencyKey, VendorId},
};
use http::{HeaderName, HeaderValue};
use serde::de::DeserializeOwned;
use url::Url;

use crate::{
    VENDOR,
    auth::{ACCOUNT, StripeAuth, account_header},
    config::{KeyMode, StripeConfig, StripeOptions},
    error::StripeClassifier,
    form::Form,
};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// A connection to Stripe. Cheap to clone; keep one per key.
#[derive(Debug, Clone)]
pub struct Stripe {
    pub(crate) pipeline: Pipeline,
    base: Url,
    mode: KeyMode,
    /// Part of keys that we derive, so that two accounts never share one.
    pub(crate) account: Option<String>,
}

/// Puts a [`Stripe`] together with parts of the caller's own.
#[derive(Debug)]
pub struct StripeBuilder {
    config: StripeConfig,
    transport: Option<Arc<dyn Transport>>,
    clock: Arc<dyn Clock>,
    observer: Option<Arc<dyn Observer>>,
}

impl StripeBuilder {
    /// Sets what the requests go through.
    #[must_use]
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Sets where time comes from.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Sets who is told of attempts and calls.
    #[must_use]
    pub fn observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// Reads the key and builds the connection. Sends nothing.
    ///
    /// # Errors
    /// `Config`, naming the setting that cannot work.
    pub fn build(self) -> Result<Stripe, Error> {
        let config = self.config;
        let (key, mode) = config.key()?;
        let mut transport_config = TransportConfig::default();
        transport_config.connect_timeout = config.resilience.connect_timeout;
        transport_config.allow_private_addresses = config.allow_private_addresses;
        let transport = match self.transport {
            Some(transport) => transport,
            None => Arc::new(HttpTransport::new(transport_config)?),
        };
        let auth = Arc::new(StripeAuth::new(&key, config.account.as_deref())?);
        let mut pipeline = Pipeline::builder(VENDOR, transport, auth, Arc::new(StripeClassifier))
            .policy(config.resilience.clone())
            // A 500 is stored under the key and replayed; see "Idempotent requests" in Stripe's reference.
            .profile(VendorProfile::default().keyed_500_only_if_told())
            .clock(self.clock);
        if let Some(observer) = self.observer {
            pipeline = pipeline.observer(observer);
        }
        Ok(Stripe {
            pipeline: pipeline.build()?,
            base: config.url()?,
            mode,
            account: config.account,
        })
    }
}

impl Stripe {
    /// Connects with these settings. Sends nothing.
    ///
    /// # Errors
    /// `Config`, naming the setting that cannot work.
    pub fn new(config: StripeConfig) -> Result<Self, Error> {
        Self::builder(config).build()
    }

    /// Begins a connection with parts of the caller's own.
    #[must_use]
    pub fn builder(config: StripeConfig) -> StripeBuilder {
        StripeBuilder {
            config,
            transport: None,
            clock: Arc::new(SystemClock),
            observer: None,
        }
    }

    /// Whether the key moves real money.
    #[must_use]
    pub fn key_mode(&self) -> KeyMode {
        self.mode
    }

    /// How the connection is doing.
    #[must_use]
    pub fn health(&self) -> Health {
        self.pipeline.health()
    }

    /// An address below the API's. Segments are encoded, so that an id cannot change the path.
    pub(crate) fn url(&self, segments: &[&str]) -> Result<Url, Error> {
        if segments
            .iter()
            .any(|segment| matches!(*segment, "" | "." | ".."))
        {
            return Err(Error::invalid("id", "is not an id of the vendor"));
        }
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| Error::config("base_url", "cannot have a path"))?
            .pop_if_empty()
            .extend(segments);
        Ok(url)
    }

    /// Reads an object or a list.
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        operation: &Operation,
        segments: &[&str],
        query: Form,
        options: &CallOptions,
    ) -> Result<T, Error> {
        let mut url = self.url(segments)?;
        let query = query.finish();
        url.set_query((!query.is_empty()).then_some(query.as_str()));
        self.pipeline
            .call(operation, Request::new(url), options)
            .await?
            .json()
    }

    /// Writes under a key.
    pub(crate) async fn post(
        &self,
        operation: &Operation,
        segments: &[&str],
        form: Form,
        key: &IdempotencyKey,
        extra: Option<&StripeOptions>,
        options: &CallOptions,
    ) -> Result<Answer, Error> {
        let mut request = Request::new(self.url(segments)?)
            .with_form(form.finish())
            .with_idempotency_key(IDEMPOTENCY_KEY, key.clone())?;
        if let Some(account) = extra.and_then(|extra| extra.account.as_deref()) {
            let account: HeaderValue = account_header(account)?;
            request = request.with_header(ACCOUNT, account);
        }
        self.pipeline.call(operation, request, options).await
    }

    /// Refuses an answer from the other mode: somebody mixed up keys or endpoints.
    pub(crate) fn check_mode(&self, live: bool) -> Result<(), Error> {
        if live == (self.mode == KeyMode::Live) {
            return Ok(());
        }
        let reason = anyvendor_core::Kind::Protocol(ProtocolReason::Mismatch);
        Err(Error::new(
            reason,
            "the answer is of the other mode than the key (test or live)",
        )
        .with_vendor(VENDOR)
        .with_delivery(anyvendor_core::Delivery::Answered))
    }
}

/// The vendor's id as ours.
pub(crate) fn vendor_id(id: &str) -> Result<VendorId, Error> {
    Ok(VendorId::new(VENDOR, id)?)
}
