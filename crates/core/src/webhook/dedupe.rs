//! The store of events: which were handled, and which are being handled.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;

use super::dedupe_key::DedupeKey;
use crate::error::Error;

/// Records which events were handled, and what a signature was used for.
///
/// # For callers
/// The facade's receiver takes one. Its default keeps the events in the memory of one process.
///
/// # For adapter authors
/// Open: an application with several processes implements it over a store that they share.
///
/// A claim is a lease: its holder alone handles the event until it settles or releases it, or until the lease expires.
/// Leases run by the clock of the store, since the clocks of processes differ, and may jump: in memory it is the
/// monotonic clock, in a database the clock of the database. The ticket distinguishes the current holder from one whose
/// lease has expired; a late call with an old ticket has no effect.
///
/// ```
/// use std::time::Duration;
///
/// use anyvendor_core::{
///     Error,
///     webhook::{Claim, DedupeStore, EventKey},
/// };
///
/// /// Whether this caller handled the event.
/// async fn handle_once(store: &dyn DedupeStore, key: &EventKey) -> Result<bool, Error> {
///     match store.claim(key, Duration::from_secs(45)).await? {
///         Claim::Granted(ticket) => {
///             // Handle the event here.
///             store.settle(key, ticket).await?;
///             Ok(true)
///         }
///         Claim::Held | Claim::Settled => Ok(false),
///     }
/// }
/// ```
#[async_trait]
pub trait DedupeStore: fmt::Debug + Send + Sync {
    /// Claims an event for the length of a lease, unless it is held or was handled before. Must be atomic.
    ///
    /// # Errors
    /// If the store fails; the response then asks the vendor to send the delivery again.
    async fn claim(&self, key: &EventKey, lease: Duration) -> Result<Claim, Error>;

    /// Records that the event was handled, for good.
    ///
    /// # Errors
    /// If the store fails; the event will then be handled again.
    async fn settle(&self, key: &EventKey, ticket: u64) -> Result<(), Error>;

    /// Gives up a claim without having handled the event, so that it can be claimed again.
    ///
    /// # Errors
    /// If the store fails; the event then stays held until the lease expires.
    async fn release(&self, key: &EventKey, ticket: u64) -> Result<(), Error>;

    /// Records the content that a signature came with, unless one is recorded already, and returns whether the recorded
    /// one is this. Must be atomic. Signatures are separate from events: one may have the key of an event.
    ///
    /// # Errors
    /// If the store fails; the response then asks the vendor to send the delivery again.
    async fn bind(&self, signature: &EventKey, content: &DedupeKey) -> Result<bool, Error>;
}

fn _dyn_safe(_: &dyn DedupeStore) {}

/// The key of an event, or of a signature, at one endpoint.
///
/// ```
/// use anyvendor_core::webhook::{DedupeKey, EventKey};
///
/// assert_eq!(EventKey::new("stripe", &DedupeKey::new("evt_1")).as_str(), "stripe evt_1");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EventKey(Arc<str>);

impl EventKey {
    /// The key of an event at this endpoint.
    #[must_use]
    pub fn new(endpoint: &str, key: &DedupeKey) -> Self {
        // Neither part can contain a space.
        Self([endpoint, " ", key.as_str()].concat().into())
    }

    /// The key as text: the endpoint, a space, the event's dedupe key. At most 193 ASCII characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The result of a claim. Exhaustive on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// The caller may handle the event, under this ticket.
    Granted(u64),
    /// Another caller holds the event.
    Held,
    /// The event was handled before.
    Settled,
}
