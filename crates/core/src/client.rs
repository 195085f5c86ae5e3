//! The call pipeline for an API that has no adapter: an address, a way to authenticate, and calls in JSON and forms.
//!
//! ```no_run
//! use anyvendor_core::{
//!     client::{Auth, Client},
//!     resilience::OperationClass,
//!     values::Secret,
//! };
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
//! let client = Client::builder("acme", "https://api.acme.example/v1")
//!     .auth(Auth::bearer(Secret::new("key")))
//!     .build()?;
//! // What a repeated call does to the world is said at every call: here a lost response is not asked for again.
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

mod auth;
mod call;
mod header;
mod oauth;
mod path;

use std::{fmt, sync::Arc};

use http::{HeaderMap, Method};
use url::Url;

pub use self::{
    auth::Auth,
    call::ClientCall,
    oauth::{ClientCredentials, SecretPlace},
};
use crate::{
    connection::{Parts, api_address},
    error::Error,
    resilience::{
        Classifier, Clock, Failure, Health, Observer, Operation, OperationClass, Pipeline, Policy,
        ResponseView, VendorProfile,
    },
    transport::{Transport, TransportConfig},
};

/// A connection to any HTTP API. Cheap to clone; keep one per credential.
#[derive(Clone)]
pub struct Client {
    pipeline: Pipeline,
    base: Url,
}

impl Client {
    /// Begins a connection. `vendor` is the name in errors, spans and metrics; paths of calls are appended to
    /// `base_url`.
    #[must_use]
    pub fn builder(vendor: &'static str, base_url: impl Into<String>) -> ClientBuilder {
        ClientBuilder {
            vendor,
            base_url: base_url.into(),
            auth: Auth::none(),
            policy: Policy::default(),
            profile: VendorProfile::default(),
            classifier: Arc::new(ByStatus),
            allow_private_addresses: false,
            parts: Parts::default(),
        }
    }

    /// A read.
    pub fn get(&self, name: &'static str, path: &'static str) -> ClientCall<'_> {
        self.call(Operation::new(
            name,
            &Method::GET,
            path,
            OperationClass::Safe,
        ))
    }

    /// A POST; what a repeat of it does is for the caller to say.
    pub fn post(
        &self,
        name: &'static str,
        path: &'static str,
        class: OperationClass,
    ) -> ClientCall<'_> {
        self.call(Operation::new(name, &Method::POST, path, class))
    }

    /// A PUT; what a repeat of it does is for the caller to say.
    pub fn put(
        &self,
        name: &'static str,
        path: &'static str,
        class: OperationClass,
    ) -> ClientCall<'_> {
        self.call(Operation::new(name, &Method::PUT, path, class))
    }

    /// A PATCH; what a repeat of it does is for the caller to say.
    pub fn patch(
        &self,
        name: &'static str,
        path: &'static str,
        class: OperationClass,
    ) -> ClientCall<'_> {
        self.call(Operation::new(name, &Method::PATCH, path, class))
    }

    /// A DELETE; what a repeat of it does is for the caller to say.
    pub fn delete(
        &self,
        name: &'static str,
        path: &'static str,
        class: OperationClass,
    ) -> ClientCall<'_> {
        self.call(Operation::new(name, &Method::DELETE, path, class))
    }

    /// Any operation: other methods, and transfers without the usual time limit.
    pub fn call(&self, operation: Operation) -> ClientCall<'_> {
        ClientCall::new(self, operation)
    }

    /// How the connection is doing.
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

/// Puts a [`Client`] together.
#[derive(Debug)]
pub struct ClientBuilder {
    vendor: &'static str,
    base_url: String,
    auth: Auth,
    policy: Policy,
    profile: VendorProfile,
    classifier: Arc<dyn Classifier>,
    allow_private_addresses: bool,
    parts: Parts,
}

impl ClientBuilder {
    /// Sets how requests are authenticated. Default not at all.
    #[must_use]
    pub fn auth(mut self, auth: Auth) -> Self {
        self.auth = auth;
        self
    }

    /// Sets time limits, retries and so on.
    #[must_use]
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// Sets what the vendor's documents say of repeating.
    #[must_use]
    pub fn profile(mut self, profile: VendorProfile) -> Self {
        self.profile = profile;
        self
    }

    /// Sets who reads the vendor's errors. Default by the status alone.
    #[must_use]
    pub fn classifier(mut self, classifier: Arc<dyn Classifier>) -> Self {
        self.classifier = classifier;
        self
    }

    /// Opens loopback and private addresses, and plain http: for a double on this machine.
    #[must_use]
    pub fn allow_private_addresses(mut self) -> Self {
        self.allow_private_addresses = true;
        self
    }

    /// Sets what the requests go through, in place of the HTTP client.
    #[must_use]
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.parts = self.parts.with_transport(transport);
        self
    }

    /// Sets where time comes from.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.parts = self.parts.with_clock(clock);
        self
    }

    /// Sets who is told of attempts and calls.
    #[must_use]
    pub fn observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.parts = self.parts.with_observer(observer);
        self
    }

    /// Builds the connection. Sends nothing.
    ///
    /// # Errors
    /// `Config` for an address that is none or a secret that cannot stand in a header.
    pub fn build(self) -> Result<Client, Error> {
        let private = self.allow_private_addresses;
        let base = api_address("base_url", &self.base_url, private)?;
        let settings = TransportConfig::of(self.policy.connect_timeout, private);
        let transport = self.parts.transport(settings)?;
        let (through, clock) = (Arc::clone(&transport), self.parts.clock());
        let auth = self.auth.authorizer(self.vendor, through, clock, private)?;
        let pipeline = self
            .parts
            .pipeline(self.vendor, self.policy, transport, auth, self.classifier)
            .profile(self.profile);
        Ok(Client {
            pipeline: pipeline.build()?,
            base,
        })
    }
}

/// Reads a response by its status.
#[derive(Debug)]
pub(crate) struct ByStatus;

impl Classifier for ByStatus {
    fn classify(&self, response: ResponseView<'_>) -> Option<Failure> {
        Failure::from_status(response.status)
    }

    fn request_id(&self, headers: &HeaderMap) -> Option<String> {
        let id = headers
            .get("x-request-id")
            .or_else(|| headers.get("request-id"))?;
        id.to_str().ok().map(str::to_owned)
    }
}
