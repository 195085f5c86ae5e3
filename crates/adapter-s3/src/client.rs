//! The connection to one bucket: builds requests and sends them through the call pipeline.

use std::{fmt, sync::Arc};

use anyvendor_core::{
    Error,
    resilience::{Authorizer, CallOptions, Health, Operation, Pipeline, Request, Response},
};
use anyvendor_http::{Auth, Connect, ConnectionBuilder, ConnectionParts, Mode, TransportConfig};
use url::Url;

use crate::{
    auth::S3Auth,
    config::{S3Config, VENDOR},
    encode::{encode_key, query},
    error::S3Classifier,
};

/// A connection to one bucket. Cheap to clone.
#[derive(Clone)]
pub struct S3 {
    pub(crate) pipeline: Pipeline,
    pub(crate) auth: Arc<S3Auth>,
    pub(crate) config: Arc<S3Config>,
    base: Url,
}

/// Builds an [`S3`] from custom parts, such as a transport or a clock.
pub type S3Builder = ConnectionBuilder<S3>;

impl Connect for S3 {
    type Config = S3Config;

    const ADDRESS: &'static str = "endpoint";

    fn connect(config: S3Config, parts: ConnectionParts) -> Result<Self, Error> {
        config.check()?;
        let base = config.bucket_url()?;
        let settings = TransportConfig::of(
            config.resilience.connect_timeout,
            config.allow_private_addresses,
        );
        let auth = S3Auth::new(&config.region, &config.credentials, settings, parts.clock())?;
        let auth = Arc::new(auth);
        let pipeline = parts.pipeline(
            VENDOR,
            config.resilience.clone(),
            config.allow_private_addresses,
            Auth::custom(Arc::clone(&auth) as Arc<dyn Authorizer>),
            Arc::new(S3Classifier),
        )?;
        Ok(Self {
            pipeline: pipeline.build()?,
            auth,
            config: Arc::new(config),
            base,
        })
    }

    fn apply_mode(config: &mut S3Config, mode: Mode) -> Result<(), Error> {
        config.apply_mode(mode)
    }

    fn pipeline(&self) -> Option<&Pipeline> {
        Some(&self.pipeline)
    }

    fn address(&self) -> Option<&Url> {
        Some(&self.base)
    }
}

impl S3 {
    /// Connects with these settings. Sends nothing.
    ///
    /// # Errors
    /// `Config`, naming the setting that is invalid.
    pub fn new(config: S3Config) -> Result<Self, Error> {
        Self::builder(config).build()
    }

    /// Begins a connection with custom parts, such as a transport or a clock.
    #[must_use]
    pub fn builder(config: S3Config) -> S3Builder {
        S3Builder::new(config)
    }

    /// The state of the connection: circuit breaker, retry budget, quota.
    #[must_use]
    pub fn health(&self) -> Health {
        self.pipeline.health()
    }

    /// The URL of a key, or of the bucket itself.
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

    /// Sends the only request of a call.
    pub(crate) async fn call(
        &self,
        operation: &Operation,
        request: Request,
        options: &CallOptions,
    ) -> Result<Response, Error> {
        self.pipeline.call(operation, request, options).await
    }
}

impl fmt::Debug for S3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3")
            .field("host", &self.base.host_str())
            .field("pipeline", &self.pipeline)
            .finish_non_exhaustive()
    }
}
