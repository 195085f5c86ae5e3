//! The connections behind the providers: their health, and a switch for operators.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use anyvendor_core::resilience::{Health, Pipeline};
use anyvendor_http::Connect;

/// One connection to a vendor, of a table of the configuration. Cheap to clone; the clones are the same connection.
#[derive(Clone)]
pub struct Connection {
    table: String,
    vendor: String,
    address: Option<String>,
    pipeline: Pipeline,
}

impl Connection {
    /// The table of the configuration, such as `payment`.
    #[must_use]
    pub fn table(&self) -> &str {
        &self.table
    }

    /// The name of the vendor.
    #[must_use]
    pub fn vendor(&self) -> &str {
        &self.vendor
    }

    /// The scheme, host and port of the vendor's API, if the adapter tells it.
    #[must_use]
    pub fn address(&self) -> Option<&str> {
        self.address.as_deref()
    }

    /// The state of the connection: circuit breaker, retry budget, quota, pauses.
    #[must_use]
    pub fn health(&self) -> Health {
        self.pipeline.health()
    }

    /// Opens the circuit by hand until [`reset`](Self::reset): every call is rejected as not sent, and a routed table gives
    /// new work to the next vendor.
    pub fn isolate(&self) {
        tracing::warn!(table = self.table, vendor = self.vendor, "isolated by hand");
        self.pipeline.isolate();
    }

    /// Closes the circuit by hand and forgets past failures.
    pub fn reset(&self) {
        tracing::info!(table = self.table, vendor = self.vendor, "reset by hand");
        self.pipeline.reset();
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("table", &self.table)
            .field("vendor", &self.vendor)
            .field("address", &self.address)
            .field("breaker", &self.health().breaker)
            .finish()
    }
}

/// The connections that were made so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Connections(Arc<Mutex<Vec<Connection>>>);

impl Connections {
    /// Adds the connection of an adapter, if it sends requests.
    pub(crate) fn add(&self, table: String, vendor: String, adapter: &impl Connect) {
        let Some(pipeline) = adapter.pipeline() else {
            return;
        };
        let connection = Connection {
            table,
            vendor,
            address: adapter
                .address()
                .map(|url| url.origin().ascii_serialization()),
            pipeline: pipeline.clone(),
        };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(connection);
    }

    /// Takes all of them, in the order in which they were made.
    pub(crate) fn take(&self) -> Vec<Connection> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
