//! Which events were taken already, and which are in somebody's hands.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyvendor_core::{Error, webhook::DedupeKey};
use async_trait::async_trait;
use jiff::Timestamp;

/// Remembers events. Open: whoever runs several processes brings a store that they share.
///
/// A claim is a lease: whoever holds it handles the event alone until it settles or releases it, or until the lease has run
/// out. The ticket tells a holder from one that lost its lease: its late word changes nothing.
#[async_trait]
pub trait DedupeStore: fmt::Debug + Send + Sync {
    /// Takes an event into somebody's hands, unless it is already, or was handled before. Atomic.
    ///
    /// # Errors
    /// Whatever keeps the store from telling; the vendor is then asked to send the delivery again.
    async fn claim(&self, key: &EventKey, lease: Duration, now: Timestamp) -> Result<Claim, Error>;

    /// The event was handled, for good.
    ///
    /// # Errors
    /// Whatever keeps the store from remembering; the event will then be handled again.
    async fn settle(&self, key: &EventKey, ticket: u64) -> Result<(), Error>;

    /// The event was not handled; the next who claims it gets it.
    ///
    /// # Errors
    /// Whatever keeps the store from forgetting; the event then waits until the lease has run out.
    async fn release(&self, key: &EventKey, ticket: u64) -> Result<(), Error>;
}

/// An event of one endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EventKey(Arc<str>);

impl EventKey {
    /// The key of an event at this endpoint.
    #[must_use]
    pub fn new(endpoint: &str, key: &DedupeKey) -> Self {
        // Neither part can hold a space.
        Self([endpoint, " ", key.as_str()].concat().into())
    }

    /// The text: the endpoint, a space, the key. At most 193 ASCII characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What came of a claim. Exhaustive on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// It is the caller's to handle, under this ticket.
    Granted(u64),
    /// Somebody else has it.
    Held,
    /// It was handled before.
    Settled,
}

/// Remembers the last events in this process's memory: for one process, and until it ends. Forgets the oldest.
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
    /// Remembers this many handled events; about 150 bytes each.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            capacity,
            events: Mutex::default(),
        }
    }

    fn events(&self) -> MutexGuard<'_, Events> {
        // Nothing below can panic halfway.
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many events are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.events().known.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Default for MemoryDedupe {
    /// The last 200,000: over an hour of 50 events per second. Own choice.
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
    async fn an_event_is_in_one_pair_of_hands_and_handled_once() {
        let store = MemoryDedupe::default();
        let claim = async |second| store.claim(&key("evt_1"), LEASE, at(second)).await.unwrap();
        assert_eq!(claim(0).await, Claim::Granted(1));
        assert_eq!(claim(29).await, Claim::Held);
        store.release(&key("evt_1"), 1).await.unwrap();
        assert_eq!(claim(29).await, Claim::Granted(2), "released");
        assert_eq!(claim(59).await, Claim::Granted(3), "the lease ran out");
        // The one that lost its lease has no say any more.
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
