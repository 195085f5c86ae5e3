//! The call pipeline for an API that has no adapter: a base URL, credentials, and calls with JSON or form bodies.
//!
//! ```no_run
//! use anyvendor_core::{resilience::OperationClass, values::Secret};
//! use anyvendor_http::{Auth, Client, ClientConfig};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize)]
//! struct NewParcel<'a> {
//!     to: &'a str,
//! }
//!
//! #[derive(Deserialize)]
//! struct Parcel {
//!     id: String,
//! }
//!
//! # async fn example() -> Result<(), anyvendor_core::Error> {
//! let config = ClientConfig::new("acme", "https://api.acme.example/v1")
//!     .with_auth(Auth::bearer(Secret::new("key")));
//! let client = Client::new(config)?;
//! // Each call says what repeating it would do. This one is not repeated after a lost response.
//! let made: Parcel = client
//!     .post("parcel.create", "/parcels", OperationClass::Unkeyed)
//!     .json(&NewParcel { to: "Berlin" })
//!     .read()
//!     .await?;
//! let parcel: Parcel = client
//!     .get("parcel.get", "/parcels/{id}")
//!     .path([&made.id])
//!     .read()
//!     .await?;
//! # Ok(()) }
//! ```

mod call;
mod path;

use std::{fmt, sync::Arc};

use anyvendor_core::{
    Error,
    address::api_address,
    resilience::{
        ByStatus, Classifier, Health, Operation, OperationClass, Pipeline, Policy, VendorProfile,
    },
};
use http::Method;
use url::Url;

pub use self::call::ClientCall;
use crate::{
    auth::Auth,
    connection::{Connect, ConnectionBuilder, ConnectionParts},
};

/// The settings of a [`Client`].
#[must_use]
pub struct ClientConfig {
    vendor: &'static str,
    base_url: String,
    auth: Auth,
    resilience: Policy,
    profile: VendorProfile,
    classifier: Arc<dyn Classifier>,
    allow_private_addresses: bool,
}

anyvendor_core::debug_only!(ClientConfig {
    vendor,
    auth,
    allow_private_addresses
});

impl ClientConfig {
    /// Settings of an API without authentication. `vendor` is the name in errors, spans and metrics; paths of calls are
    /// appended to `base_url`.
    pub fn new(vendor: &'static str, base_url: impl Into<String>) -> Self {
        Self {
            vendor,
            base_url: base_url.into(),
            auth: Auth::none(),
            resilience: Policy::default(),
            profile: VendorProfile::default(),
            classifier: Arc::new(ByStatus),
            allow_private_addresses: false,
        }
    }

    /// Sets how requests are authenticated. By default they are not.
    pub fn with_auth(mut self, auth: Auth) -> Self {
        self.auth = auth;
        self
    }

    /// Sets time limits, retries and the other parts of the call policy.
    pub fn with_resilience(mut self, policy: Policy) -> Self {
        self.resilience = policy;
        self
    }

    /// Sets what the vendor's documents promise about repeated calls.
    pub fn with_profile(mut self, profile: VendorProfile) -> Self {
        self.profile = profile;
        self
    }

    /// Sets the classifier of the vendor's errors. The default is [`ByStatus`].
    pub fn with_classifier(mut self, classifier: impl Classifier + 'static) -> Self {
        self.classifier = Arc::new(classifier);
        self
    }

    /// Allows loopback and private addresses and plain HTTP, for an emulator on this machine.
    pub fn with_private_addresses(mut self) -> Self {
        self.allow_private_addresses = true;
        self
    }
}

/// A connection to any HTTP API. Cheap to clone; keep one per credential.
#[derive(Clone)]
pub struct Client {
    pipeline: Pipeline,
    base: Url,
}

impl Client {
    /// Connects with these settings. Sends nothing.
    ///
    /// # Errors
    /// `Config` if the base URL is invalid or the secret is not a valid header value.
    pub fn new(config: ClientConfig) -> Result<Self, Error> {
        Self::builder(config).build()
    }

    /// Begins a connection with custom parts, such as a transport or a clock.
    #[must_use]
    pub fn builder(config: ClientConfig) -> ClientBuilder {
        ClientBuilder::new(config)
    }

    /// Begins a GET request, which may be repeated.
    pub fn get(&self, name: &'static str, path: &'static str) -> ClientCall<'_> {
        self.call(Operation::new(
            name,
            &Method::GET,
            path,
            OperationClass::Safe,
        ))
    }

    /// Begins a POST request; `class` states what repeating it would do.
    pub fn post(
        &self,
        name: &'static str,
        path: &'static str,
        class: OperationClass,
    ) -> ClientCall<'_> {
        self.call(Operation::new(name, &Method::POST, path, class))
    }

    /// Begins a PUT request; `class` states what repeating it would do.
    pub fn put(
        &self,
        name: &'static str,
        path: &'static str,
        class: OperationClass,
    ) -> ClientCall<'_> {
        self.call(Operation::new(name, &Method::PUT, path, class))
    }

    /// Begins a PATCH request; `class` states what repeating it would do.
    pub fn patch(
        &self,
        name: &'static str,
        path: &'static str,
        class: OperationClass,
    ) -> ClientCall<'_> {
        self.call(Operation::new(name, &Method::PATCH, path, class))
    }

    /// Begins a DELETE request; `class` states what repeating it would do.
    pub fn delete(
        &self,
        name: &'static str,
        path: &'static str,
        class: OperationClass,
    ) -> ClientCall<'_> {
        self.call(Operation::new(name, &Method::DELETE, path, class))
    }

    /// Begins any operation: for other methods, and for transfers without the usual time limit.
    pub fn call(&self, operation: Operation) -> ClientCall<'_> {
        ClientCall::new(&self.pipeline, &self.base, operation)
    }

    /// The state of the connection: circuit breaker, retry budget, quota.
    #[must_use]
    pub fn health(&self) -> Health {
        self.pipeline.health()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("vendor", &self.pipeline.vendor())
            .field("host", &self.base.host_str())
            .finish_non_exhaustive()
    }
}

/// Builds a [`Client`] with custom parts.
pub type ClientBuilder = ConnectionBuilder<Client>;

impl Connect for Client {
    type Config = ClientConfig;

    fn connect(config: ClientConfig, parts: ConnectionParts) -> Result<Self, Error> {
        let base = api_address("base_url", &config.base_url, config.allow_private_addresses)?;
        let pipeline = parts
            .pipeline(
                config.vendor,
                config.resilience,
                config.allow_private_addresses,
                config.auth,
                config.classifier,
            )?
            .profile(config.profile)
            .build()?;
        Ok(Self { pipeline, base })
    }

    fn pipeline(&self) -> Option<&Pipeline> {
        Some(&self.pipeline)
    }

    fn address(&self) -> Option<&Url> {
        Some(&self.base)
    }
}
