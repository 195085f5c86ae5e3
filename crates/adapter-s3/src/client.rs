//! The connection to one bucket: builds requests and sends them through the call.

use std::sync::Arc;

use anyvendor_core::{
    Error,
    http::HttpTransport,
    resilience::{
        Answer, CallOptions, Clock, Health, Observer, Operation, Pipeline, Request, SystemClock,
    },
    transport::{Transport, TransportConfig},
};
use url::Url;

use crate::{
    VENDOR,
    auth::S3Auth,
    config::S3Config,
    encode::{encode_key, query},
    error::S3Classifier,
};

/// A connection to one bucket. Cheap to clone.
#[derive(Debug, Clone)]
pub struct S3 {
    pub(crate) pipeline: Pipeline,
    pub(crate) auth: Arc<S3Auth>,
    pub(crate) config: Arc<S3Config>,
    base: Url,
}

/// Puts an [`S3`] together with parts of the caller's own.
#[derive(Debug)]
pub struct S3Builder {
    config: S3Config,
    transport: Option<Arc<dyn Transport>>,
    clock: Arc<dyn Clock>,
    observer: Option<Arc<dyn Observer>>,
}

impl S3Builder {
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

    /// Builds the connection. Sends nothing.
    ///
    /// # Errors
    /// `Config`, naming the setting that cannot work.
    pub fn build(self) -> Result<S3, Error> {
        let config = self.config;
        config.check()?;
        let mut settings = TransportConfig::default();
        settings.connect_timeout = config.resilience.connect_timeout;
        settings.allow_private_addresses = config.allow_private_addresses;
        let transport = match self.transport {
            Some(transport) => transport,
            None => Arc::new(HttpTransport::new(settings)?),
        };
        let auth = S3Auth::new(
            &config.region,
            &config.credentials,
            settings,
            Arc::clone(&self.clock),
        )?;
        let auth = Arc::new(auth);
        let mut pipeline =
            Pipeline::builder(VENDOR, transport, auth.clone(), Arc::new(S3Classifier))
                .policy(config.resilience.clone())
                .clock(self.clock);
        if let Some(observer) = self.observer {
            pipeline = pipeline.observer(observer);
        }
        let base = config.bucket_url()?;
        Ok(S3 {
            pipeline: pipeline.build()?,
            auth,
            config: Arc::new(config),
            base,
        })
    }
}

impl S3 {
    /// Connects with these settings. Sends nothing.
    ///
    /// # Errors
    /// `Config`, naming the setting that cannot work.
    pub fn new(config: S3Config) -> Result<Self, Error> {
        Self::builder(config).build()
    }

    /// Begins a connection with parts of the caller's own.
    #[must_use]
    pub fn builder(config: S3Config) -> S3Builder {
        S3Builder {
            config,
            transport: None,
            clock: Arc::new(SystemClock),
            observer: None,
        }
    }

    /// How the connection is doing.
    #[must_use]
    pub fn health(&self) -> Health {
        self.pipeline.health()
    }

    /// The address of a key, or of the bucket itself.
    pub(crate) fn url(&self, key: Option<&str>, pairs: &[(&str, &str)]) -> Url {
        let mut url = self.base.clone();
        if let Some(key) = key {
            let path = [self.base.path(), &encode_key(key)].concat();
            url.set_path(&path);
        }
        if !pairs.is_empty() {
            url.set_query(Some(&query(pairs)));
        }
        url
    }

    pub(crate) async fn call(
        &self,
        operation: &Operation,
        request: Request,
        options: &CallOptions,
    ) -> Result<Answer, Error> {
        self.pipeline.call(operation, request, options).await
    }
}
