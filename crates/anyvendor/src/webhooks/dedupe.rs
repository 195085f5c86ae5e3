//! The store of events: which were handled, and which are being handled.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyvendor_core::{Error, webhook::DedupeKey};
use async_trait::async_trait;
use jiff::Timestamp;

/// Records which events were handled.
///
/// Open: an application with several processes implements it over a store that they share.
///
/// A claim is a lease: its holder alone handles the event until it settles or releases it, or until the lease expires. The
/// ticket distinguishes the current holder from one whose lease has expired; a late call with an old ticket has no effect.
///
/// ```
/// use std::time::Duration;
///
/// use anyvendor::{
///     Timestamp,
///     webhooks::{Claim, DedupeKey, DedupeStore, EventKey, MemoryDedupe},
/// };
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> anyvendor::Result<()> {
/// let store = MemoryDedupe::default();
/// let key = EventKey::new("stripe", &DedupeKey::new("evt_1"));
/// let (lease, now) = (Duration::from_secs(45), Timestamp::UNIX_EPOCH);
///
/// let Claim::Granted(ticket) = store.claim(&key, lease, now).await? else {
///     panic!("no other caller holds this event");
/// };
/// assert_eq!(store.claim(&key, lease, now).await?, Claim::Held);
/// store.settle(&key, ticket).await?;
/// assert_eq!(store.claim(&key, lease, now).await?, Claim::Settled);
/// # Ok(()) }
/// ```
#[async_trait]
pub trait DedupeStore: fmt::Debug + Send + Sync {
    /// Claims an event, unless it is held or was handled before. Must be atomic.
    ///
    /// # Errors
    /// If the store fails; the response then asks the vendor to send the delivery again.
    async fn claim(&self, key: &EventKey, lease: Duration, now: Timestamp) -> Result<Claim, Error>;

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
}

/// The key of an event at one endpoint.
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

/// Records events in the memory of this process: for one process, and until it ends. The oldest events are forgotten first.
pub struct MemoryDedupe {
    capacity: usize,
    events: Mutex<Events>,
}

#[derive(Default)]
struct Events {
    known: HashMap<EventKey, State>,
    settled: VecDeque<EventKey>,
    tickets: u64,
}

enum State {
    Held { ticket: u64, until: Timestamp },
    Settled,
}

impl MemoryDedupe {
    /// A store that remembers this many handled events, of about 150 bytes each.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            capacity,
            events: Mutex::default(),
        }
    }

    fn events(&self) -> MutexGuard<'_, Events> {
        // No code below panics while it holds the lock.
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of events in the store.
    #[must_use]
    pub fn len(&self) -> usize {
        self.events().known.len()
    }

    /// Whether the store is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Default for MemoryDedupe {
    /// A store of the last 200,000 events: over an hour of 50 events per second. Our default.
    fn default() -> Self {
        Self::with_capacity(200_000)
    }
}

impl fmt::Debug for MemoryDedupe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryDedupe")
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl DedupeStore for MemoryDedupe {
    async fn claim(&self, key: &EventKey, lease: Duration, now: Timestamp) -> Result<Claim, Error> {
        let mut events = self.events();
        match events.known.get(key) {
            Some(State::Settled) => return Ok(Claim::Settled),
            Some(State::Held { until, .. }) if *until > now => return Ok(Claim::Held),
            _ => {}
        }
        events.tickets += 1;
        let ticket = events.tickets;
        let until = now.saturating_add(lease).unwrap_or(Timestamp::MAX);
        events
            .known
            .insert(key.clone(), State::Held { ticket, until });
        Ok(Claim::Granted(ticket))
    }

    async fn settle(&self, key: &EventKey, ticket: u64) -> Result<(), Error> {
        let mut events = self.events();
        match events.known.get_mut(key) {
            Some(state) if state.is_held_by(ticket) => *state = State::Settled,
            _ => return Ok(()),
        }
        events.settled.push_back(key.clone());
        if events.settled.len() > self.capacity
            && let Some(oldest) = events.settled.pop_front()
        {
            events.known.remove(&oldest);
        }
        Ok(())
    }

    async fn release(&self, key: &EventKey, ticket: u64) -> Result<(), Error> {
        let mut events = self.events();
        if events
            .known
            .get(key)
            .is_some_and(|state| state.is_held_by(ticket))
        {
            events.known.remove(key);
        }
        Ok(())
    }
}

impl State {
    fn is_held_by(&self, holder: u64) -> bool {
        matches!(self, Self::Held { ticket, .. } if *ticket == holder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEASE: Duration = Duration::from_secs(30);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn key(id: &str) -> EventKey {
        EventKey::new("acme", &DedupeKey::new(id))
    }

    #[tokio::test]
    async fn an_event_has_one_holder_and_is_handled_once() {
        let store = MemoryDedupe::default();
        let claim = async |second| store.claim(&key("evt_1"), LEASE, at(second)).await.unwrap();
        assert_eq!(claim(0).await, Claim::Granted(1));
        assert_eq!(claim(29).await, Claim::Held);
        store.release(&key("evt_1"), 1).await.unwrap();
        assert_eq!(claim(29).await, Claim::Granted(2), "released");
        assert_eq!(claim(59).await, Claim::Granted(3), "the lease ran out");
        // A holder whose lease has expired has no effect any more.
        store.settle(&key("evt_1"), 2).await.unwrap();
        store.release(&key("evt_1"), 2).await.unwrap();
        assert_eq!(claim(60).await, Claim::Held);
        store.settle(&key("evt_1"), 3).await.unwrap();
        assert_eq!(claim(99_999).await, Claim::Settled);
        store.release(&key("evt_1"), 3).await.unwrap();
        assert_eq!(claim(99_999).await, Claim::Settled, "for good");
        let elsewhere = EventKey::new("acme-eu", &DedupeKey::new("evt_1"));
        assert_eq!(
            store.claim(&elsewhere, LEASE, at(0)).await.unwrap(),
            Claim::Granted(4)
        );
    }

    #[tokio::test]
    async fn the_oldest_is_forgotten_first() {
        let store = MemoryDedupe::with_capacity(2);
        for id in ["a", "b", "c"] {
            let Claim::Granted(ticket) = store.claim(&key(id), LEASE, at(0)).await.unwrap() else {
                panic!("{id} is new");
            };
            store.settle(&key(id), ticket).await.unwrap();
        }
        assert_eq!(store.len(), 2);
        assert_eq!(
            store.claim(&key("c"), LEASE, at(0)).await.unwrap(),
            Claim::Settled
        );
        assert_eq!(
            store.claim(&key("b"), LEASE, at(0)).await.unwrap(),
            Claim::Settled
        );
        assert!(matches!(
            store.claim(&key("a"), LEASE, at(0)).await.unwrap(),
            Claim::Granted(_)
        ));
    }
}
