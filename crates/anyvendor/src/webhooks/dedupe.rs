//! The store of events in the memory of one process.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyvendor_core::{
    Error,
    resilience::{Clock, Instant},
    webhook::{Claim, DedupeKey, DedupeStore, EventKey},
};
use anyvendor_http::SystemClock;
use async_trait::async_trait;

/// Records events in the memory of this process: for one process, and until it ends. The oldest events are forgotten first.
///
/// ```
/// use std::time::Duration;
///
/// use anyvendor::webhooks::{Claim, DedupeKey, DedupeStore, EventKey, MemoryDedupe};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> anyvendor::Result<()> {
/// let store = MemoryDedupe::default();
/// let key = EventKey::new("stripe", &DedupeKey::new("evt_1"));
/// let lease = Duration::from_secs(45);
///
/// let Claim::Granted(ticket) = store.claim(&key, lease).await? else {
///     panic!("no other caller holds this event");
/// };
/// assert_eq!(store.claim(&key, lease).await?, Claim::Held);
/// store.settle(&key, ticket).await?;
/// assert_eq!(store.claim(&key, lease).await?, Claim::Settled);
/// # Ok(()) }
/// ```
pub struct MemoryDedupe {
    capacity: usize,
    clock: Arc<dyn Clock>,
    events: Mutex<Events>,
    signatures: Mutex<Latest<DedupeKey>>,
}

#[derive(Default)]
struct Events {
    held: HashMap<EventKey, Lease>,
    settled: Latest<()>,
    tickets: u64,
}

/// A claim that is neither settled nor released. Leases run by the monotonic clock: the wall clock may jump.
#[derive(Clone, Copy)]
struct Lease {
    ticket: u64,
    started: Instant,
    length: Duration,
}

/// The latest entries; the oldest are forgotten first.
struct Latest<V> {
    entries: HashMap<EventKey, V>,
    order: VecDeque<EventKey>,
}

impl<V> Default for Latest<V> {
    fn default() -> Self {
        Self {
            entries: HashMap::new(),
            order: VecDeque::new(),
        }
    }
}

impl<V> Latest<V> {
    /// Adds an entry whose key is new.
    fn add(&mut self, key: EventKey, value: V, capacity: usize) {
        if self.entries.insert(key.clone(), value).is_none() {
            self.order.push_back(key);
        }
        if self.order.len() > capacity
            && let Some(oldest) = self.order.pop_front()
        {
            self.entries.remove(&oldest);
        }
    }
}

impl MemoryDedupe {
    /// A store that remembers this many handled events, of about 150 bytes each, and as many signatures.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            capacity,
            clock: Arc::new(SystemClock),
            events: Mutex::default(),
            signatures: Mutex::default(),
        }
    }

    /// Sets the clock that leases run by.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    fn events(&self) -> MutexGuard<'_, Events> {
        // No code below panics while it holds the lock.
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of events in the store.
    #[must_use]
    pub fn len(&self) -> usize {
        let events = self.events();
        events.held.len() + events.settled.entries.len()
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
    async fn claim(&self, key: &EventKey, lease: Duration) -> Result<Claim, Error> {
        let now = self.clock.monotonic();
        let mut events = self.events();
        if events.settled.entries.contains_key(key) {
            return Ok(Claim::Settled);
        }
        if events.held.get(key).is_some_and(|held| held.runs(now)) {
            return Ok(Claim::Held);
        }
        events.tickets += 1;
        let ticket = events.tickets;
        let lease = Lease {
            ticket,
            started: now,
            length: lease,
        };
        events.held.insert(key.clone(), lease);
        Ok(Claim::Granted(ticket))
    }

    async fn settle(&self, key: &EventKey, ticket: u64) -> Result<(), Error> {
        let mut events = self.events();
        if events.give_up(key, ticket) {
            events.settled.add(key.clone(), (), self.capacity);
        }
        Ok(())
    }

    async fn release(&self, key: &EventKey, ticket: u64) -> Result<(), Error> {
        self.events().give_up(key, ticket);
        Ok(())
    }

    async fn bind(&self, signature: &EventKey, content: &DedupeKey) -> Result<bool, Error> {
        let mut signatures = self
            .signatures
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(first) = signatures.entries.get(signature) {
            return Ok(first == content);
        }
        signatures.add(signature.clone(), content.clone(), self.capacity);
        Ok(true)
    }
}

impl Events {
    /// Ends the claim with this ticket; whether it was the current one.
    fn give_up(&mut self, key: &EventKey, ticket: u64) -> bool {
        let is_current = self.held.get(key).is_some_and(|held| held.ticket == ticket);
        if is_current {
            self.held.remove(key);
        }
        is_current
    }
}

impl Lease {
    fn runs(self, now: Instant) -> bool {
        now.saturating_duration_since(self.started) < self.length
    }
}
#[cfg(test)]
mod tests {
    use anyvendor_http::ManualClock;
    use jiff::Timestamp;

    use super::*;

    const LEASE: Duration = Duration::from_secs(30);

    fn key(id: &str) -> EventKey {
        EventKey::new("acme", &DedupeKey::new(id))
    }

    fn store() -> (MemoryDedupe, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::at(Timestamp::UNIX_EPOCH));
        let store = MemoryDedupe::default().with_clock(Arc::clone(&clock) as Arc<dyn Clock>);
        (store, clock)
    }

    #[tokio::test]
    async fn an_event_has_one_holder_and_is_handled_once() {
        let (store, clock) = store();
        let claim = async |key: &EventKey| store.claim(key, LEASE).await.unwrap();
        let wait = |seconds| clock.advance(Duration::from_secs(seconds));
        let one = key("evt_1");
        assert_eq!(claim(&one).await, Claim::Granted(1));
        wait(29);
        assert_eq!(claim(&one).await, Claim::Held);
        store.release(&one, 1).await.unwrap();
        assert_eq!(claim(&one).await, Claim::Granted(2), "released");
        wait(30);
        assert_eq!(claim(&one).await, Claim::Granted(3), "the lease ran out");
        // A holder whose lease has expired has no effect any more.
        store.settle(&one, 2).await.unwrap();
        store.release(&one, 2).await.unwrap();
        assert_eq!(claim(&one).await, Claim::Held);
        store.settle(&one, 3).await.unwrap();
        wait(99_999);
        assert_eq!(claim(&one).await, Claim::Settled);
        store.release(&one, 3).await.unwrap();
        assert_eq!(claim(&one).await, Claim::Settled, "for good");
        let elsewhere = EventKey::new("acme-eu", &DedupeKey::new("evt_1"));
        assert_eq!(claim(&elsewhere).await, Claim::Granted(4));
    }

    #[tokio::test]
    async fn sf14_a_lease_does_not_follow_the_wall_clock() {
        let (store, clock) = store();
        let one = key("evt_1");
        assert_eq!(store.claim(&one, LEASE).await.unwrap(), Claim::Granted(1));
        for wall in ["2026-01-01T00:00:00Z", "1960-01-01T00:00:00Z"] {
            clock.set_wall(wall.parse().unwrap());
            assert_eq!(
                store.claim(&one, LEASE).await.unwrap(),
                Claim::Held,
                "{wall}"
            );
        }
        clock.advance(LEASE);
        assert_eq!(store.claim(&one, LEASE).await.unwrap(), Claim::Granted(2));
    }

    #[tokio::test]
    async fn the_oldest_is_forgotten_first() {
        let store = MemoryDedupe::with_capacity(2);
        for id in ["a", "b", "c"] {
            let Claim::Granted(ticket) = store.claim(&key(id), LEASE).await.unwrap() else {
                panic!("{id} is new");
            };
            store.settle(&key(id), ticket).await.unwrap();
            assert!(store.bind(&key(id), &DedupeKey::new("x")).await.unwrap());
        }
        assert_eq!(store.len(), 2);
        for known in ["b", "c"] {
            assert_eq!(
                store.claim(&key(known), LEASE).await.unwrap(),
                Claim::Settled
            );
            assert!(!store.bind(&key(known), &DedupeKey::new("y")).await.unwrap());
        }
        assert!(matches!(
            store.claim(&key("a"), LEASE).await.unwrap(),
            Claim::Granted(_)
        ));
        assert!(store.bind(&key("a"), &DedupeKey::new("y")).await.unwrap());
    }

    #[tokio::test]
    async fn sf14_a_signature_has_one_content() {
        let (store, _) = store();
        let bind = async |id: &str, content: &str| {
            let content = DedupeKey::new(content);
            store.bind(&key(id), &content).await.unwrap()
        };
        assert!(bind("1", "a").await && bind("1", "a").await && bind("2", "b").await);
        assert!(!bind("1", "b").await);
        assert!(bind("1", "a").await, "the first stays");
        // Signatures are no events.
        assert_eq!(
            store.claim(&key("1"), LEASE).await.unwrap(),
            Claim::Granted(1)
        );
    }
}
