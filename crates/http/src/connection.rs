//! How every adapter's connection is built: from its settings, and from parts that a caller may replace.

use std::{fmt, sync::Arc};

use anyvendor_core::{
    Error,
    resilience::{Classifier, Clock, Observer, Pipeline, PipelineBuilder, Policy},
    transport::Transport,
};

use url::Url;

use crate::{
    auth::Auth,
    clock::SystemClock,
    mode::{CredentialMode, Mode},
    transport::{HttpTransport, TransportConfig},
};

/// A vendor's connection, or the verifier of its webhooks, made from its settings and [`ConnectionParts`].
///
/// Open: an outside adapter that implements it gets a [`ConnectionBuilder`] for its callers.
pub trait Connect: Sized {
    /// The settings of the connection.
    type Config: fmt::Debug;

    /// The name of the setting that contains the base URL of the API.
    const ADDRESS: &'static str = "base_url";

    /// Checks the settings, reads the secrets and builds the connection. Sends nothing.
    ///
    /// # Errors
    /// `Config`, naming the setting that is wrong.
    fn connect(config: Self::Config, parts: ConnectionParts) -> Result<Self, Error>;

    /// Adapts the settings to the application's mode: fills in what they leave open and rejects what the mode forbids.
    ///
    /// # Errors
    /// `Config`, naming the setting that the mode forbids.
    fn apply_mode(config: &mut Self::Config, mode: Mode) -> Result<(), Error> {
        let _ = (config, mode);
        Ok(())
    }

    /// The call pipeline of the connection, by which an application sees its health and can isolate it; `None` for what
    /// sends no requests.
    fn pipeline(&self) -> Option<&Pipeline> {
        None
    }

    /// The address of the API: its scheme, host and port are told to operators.
    fn address(&self) -> Option<&Url> {
        None
    }

    /// The mode that the credentials belong to; `None` where the vendor's credentials do not show it.
    fn credential_mode(&self) -> Option<CredentialMode> {
        None
    }
}

/// The setters that all vendors' settings have: the base URL of the API and the call policy. Use it in the `impl` of a struct
/// with the fields `base_url`, `allow_private_addresses` and `resilience`.
#[macro_export]
macro_rules! connection_setters {
    () => {
        /// Sets the base URL of the API.
        #[must_use]
        pub fn with_base_url(mut self, base_url: impl Into<String>) -> Self {
            self.base_url = Some(base_url.into());
            self
        }

        /// Sets the base URL of an emulator on this machine, without TLS.
        #[must_use]
        pub fn with_local_base_url(mut self, base_url: impl Into<String>) -> Self {
            self.base_url = Some(base_url.into());
            self.allow_private_addresses = true;
            self
        }

        /// Sets time limits, retries and the other parts of the call policy.
        #[must_use]
        pub fn with_resilience(mut self, resilience: ::anyvendor_core::resilience::Policy) -> Self {
            self.resilience = resilience;
            self
        }
    };
}

/// Builds a connection with custom parts.
///
/// ```
/// use std::sync::Arc;
///
/// use anyvendor_http::{Client, ClientConfig, ConnectionBuilder, ManualClock};
///
/// let config = ClientConfig::new("acme", "https://api.acme.example");
/// let clock = ManualClock::at("2026-01-01T00:00:00Z".parse().unwrap());
/// // `Client::builder(config)`, and the `builder` of every adapter, return one.
/// let builder = ConnectionBuilder::<Client>::new(config).clock(Arc::new(clock));
/// assert!(builder.build().is_ok());
/// ```
pub struct ConnectionBuilder<C: Connect> {
    config: C::Config,
    parts: ConnectionParts,
}

impl<C: Connect> ConnectionBuilder<C> {
    /// Starts from these settings.
    #[must_use]
    pub fn new(config: C::Config) -> Self {
        Self {
            config,
            parts: ConnectionParts::default(),
        }
    }

    /// Sets the transport that requests go through, in place of the HTTP client.
    #[must_use]
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.parts = self.parts.with_transport(transport);
        self
    }

    /// Sets the clock that waits and time limits follow.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.parts = self.parts.with_clock(clock);
        self
    }

    /// Sets the observer of attempts and calls.
    #[must_use]
    pub fn observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.parts = self.parts.with_observer(observer);
        self
    }

    /// Checks the settings, reads the secrets and builds the connection. Sends nothing.
    ///
    /// # Errors
    /// `Config`, naming the setting that is invalid.
    pub fn build(self) -> Result<C, Error> {
        C::connect(self.config, self.parts)
    }
}

impl<C: Connect> fmt::Debug for ConnectionBuilder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionBuilder")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

/// What a connection is built from in addition to its settings.
#[derive(Debug, Clone)]
pub struct ConnectionParts {
    transport: Option<Arc<dyn Transport>>,
    clock: Arc<dyn Clock>,
    observer: Option<Arc<dyn Observer>>,
}

impl Default for ConnectionParts {
    fn default() -> Self {
        Self {
            transport: None,
            clock: Arc::new(SystemClock),
            observer: None,
        }
    }
}

impl ConnectionParts {
    /// Sets the transport that requests go through, in place of the HTTP client.
    #[must_use]
    pub fn with_transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Sets the clock that waits and time limits follow.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Sets the observer of attempts and calls.
    #[must_use]
    pub fn with_observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// The clock of the connection.
    #[must_use]
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    /// The observer of attempts and calls, if there is one.
    #[must_use]
    pub fn observer(&self) -> Option<Arc<dyn Observer>> {
        self.observer.clone()
    }

    /// The transport that requests go through: the caller's, or an HTTP client with these settings.
    ///
    /// # Errors
    /// `Config` if TLS cannot be set up on this machine.
    pub fn transport(&self, settings: TransportConfig) -> Result<Arc<dyn Transport>, Error> {
        match &self.transport {
            Some(transport) => Ok(Arc::clone(transport)),
            None => Ok(Arc::new(HttpTransport::new(settings)?)),
        }
    }

    /// Begins the call pipeline of a connection: over the caller's transport or a new HTTP client, with `auth` on every
    /// attempt.
    ///
    /// # Errors
    /// `Config` if TLS cannot be set up on this machine, or the credentials cannot be sent.
    pub fn pipeline(
        self,
        vendor: &'static str,
        policy: Policy,
        allow_private_addresses: bool,
        auth: Auth,
        classifier: Arc<dyn Classifier>,
    ) -> Result<PipelineBuilder, Error> {
        let settings = TransportConfig::of(policy.connect_timeout, allow_private_addresses);
        let transport = self.transport(settings)?;
        let authorizer = auth.authorizer(
            vendor,
            Arc::clone(&transport),
            self.clock(),
            allow_private_addresses,
        )?;
        let pipeline =
            Pipeline::builder(vendor, transport, authorizer, classifier, self.clock).policy(policy);
        Ok(match self.observer {
            Some(observer) => pipeline.observer(observer),
            None => pipeline,
        })
    }
}
