//! The record of which vendor got which key, in the memory of the process or in a store of the application.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    fmt,
    hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState},
    num::NonZeroUsize,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyvendor_core::{
    Delivery, Error,
    routing::{Holder, RouteStore},
};
use async_trait::async_trait;

/// As many keys as a busy shop uses in a day. Our default.
const CAPACITY: NonZeroUsize = NonZeroUsize::MIN.saturating_add(99_999);

/// Records keys in memory, up to a number of keys per domain; the oldest are forgotten first.
///
/// A key that was forgotten, used before this process started or in another process counts as new: its work may then be done
/// at a second vendor too. See "What is remembered" in `docs/routing.md`. Choose a capacity that covers all keys that may be
/// used again.
///
/// ```
/// use anyvendor::{MemoryRoutes, RouteStore};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> anyvendor::Result<()> {
/// let routes = MemoryRoutes::default();
/// // Stripe is about to be called with this key, and the result is lost.
/// assert_eq!(routes.enter("payment", "order-1", "stripe").await?.vendor, "stripe");
/// routes.keep("payment", "order-1").await?;
/// // PayPal must not be called with the same key: Stripe holds it.
/// let holder = routes.enter("payment", "order-1", "paypal").await?;
/// assert_eq!((holder.vendor.as_ref(), holder.may_have_acted), ("stripe", true));
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct MemoryRoutes {
    capacity: NonZeroUsize,
    hasher: RandomState,
    /// The keys of each domain.
    domains: Arc<Mutex<BTreeMap<&'static str, Keys>>>,
}

/// The hash of a key, so that no key has to be stored. If two keys have the same hash, they share one vendor.
type KeyHash = u64;

#[derive(Default)]
struct Keys {
    /// Entries are small because a lookup among many keys mostly waits for memory.
    entries: HashMap<KeyHash, Entry, BuildHasherDefault<Identity>>,
    oldest: VecDeque<KeyHash>,
    /// The vendors that entries refer to by index.
    vendors: Vec<&'static str>,
}

#[derive(Clone, Copy)]
struct Entry {
    /// The index into the list of vendors.
    vendor: u8,
    kept: bool,
    /// The calls that have entered, and neither kept nor left. A call that was dropped counts for good.
    in_flight: u16,
}

impl Keys {
    fn enter(&mut self, hash: KeyHash, vendor: &'static str, capacity: NonZeroUsize) -> Holder {
        if let Some(entry) = self.entries.get_mut(&hash) {
            let may_have_acted = entry.kept || entry.in_flight > 0;
            entry.in_flight = entry.in_flight.saturating_add(1);
            let holder = self.vendors.get(usize::from(entry.vendor));
            return Holder::new(holder.copied().unwrap_or(vendor), may_have_acted);
        }
        if self.entries.len() >= capacity.get()
            && let Some(oldest) = self.oldest.pop_front()
        {
            self.entries.remove(&oldest);
        }
        self.oldest.push_back(hash);
        let entry = Entry {
            vendor: self.index_of(vendor),
            kept: false,
            in_flight: 1,
        };
        self.entries.insert(hash, entry);
        Holder::new(vendor, false)
    }

    fn keep(&mut self, hash: KeyHash) {
        if let Some(entry) = self.entries.get_mut(&hash) {
            entry.kept = true;
        }
    }

    fn leave(&mut self, hash: KeyHash) -> bool {
        let Some(entry) = self.entries.get_mut(&hash) else {
            return true;
        };
        if entry.kept {
            return false;
        }
        // At the maximum the counter is no longer exact, so the key stays.
        if entry.in_flight < u16::MAX {
            entry.in_flight -= 1;
        }
        if entry.in_flight > 0 {
            return false;
        }
        self.entries.remove(&hash);
        // Usually the newest key leaves, so the search is short.
        if let Some(at) = self.oldest.iter().rposition(|known| *known == hash) {
            self.oldest.remove(at);
        }
        true
    }

    fn index_of(&mut self, vendor: &'static str) -> u8 {
        let known = self.vendors.iter().position(|known| *known == vendor);
        let index = known.unwrap_or_else(|| {
            self.vendors.push(vendor);
            self.vendors.len() - 1
        });
        u8::try_from(index).unwrap_or(u8::MAX)
    }
}

/// The hasher for keys that are hashes already.
#[derive(Default)]
struct Identity(u64);

impl Hasher for Identity {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

impl MemoryRoutes {
    /// A store of up to this many keys per domain.
    #[must_use]
    pub fn new(capacity: NonZeroUsize) -> Self {
        Self {
            capacity,
            hasher: RandomState::new(),
            domains: Arc::default(),
        }
    }

    fn with<T>(&self, domain: &'static str, act: impl FnOnce(&mut Keys) -> T) -> T {
        let mut domains = self.domains.lock().unwrap_or_else(PoisonError::into_inner);
        act(domains.entry(domain).or_default())
    }
}

impl Default for MemoryRoutes {
    /// A store of 100,000 keys per domain, of about 4 MB. Our default.
    fn default() -> Self {
        Self::new(CAPACITY)
    }
}

impl fmt::Debug for MemoryRoutes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryRoutes")
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl RouteStore for MemoryRoutes {
    async fn enter(
        &self,
        domain: &'static str,
        key: &str,
        vendor: &'static str,
    ) -> Result<Holder, Error> {
        let hash = self.hasher.hash_one(key);
        Ok(self.with(domain, |keys| keys.enter(hash, vendor, self.capacity)))
    }

    async fn keep(&self, domain: &'static str, key: &str) -> Result<(), Error> {
        let hash = self.hasher.hash_one(key);
        self.with(domain, |keys| keys.keep(hash));
        Ok(())
    }

    async fn leave(&self, domain: &'static str, key: &str) -> Result<bool, Error> {
        let hash = self.hasher.hash_one(key);
        Ok(self.with(domain, |keys| keys.leave(hash)))
    }
}

/// The store of a router. Its own memory is called directly, without an allocation, because it is on the path of each call.
#[derive(Debug)]
pub(crate) enum Routes {
    Memory(RouterMemory),
    /// The memory beside a store knows what this process has asked, should the store fail.
    Store(Arc<dyn RouteStore>, RouterMemory),
}

/// The in-memory record of one router.
#[derive(Default)]
pub(crate) struct RouterMemory {
    hasher: RandomState,
    keys: Mutex<Keys>,
}

impl fmt::Debug for RouterMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RouterMemory")
    }
}

impl RouterMemory {
    fn keys(&self) -> MutexGuard<'_, Keys> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A key for the duration of one routed call.
#[derive(Clone, Copy)]
pub(crate) enum Held<'a> {
    Memory(&'a RouterMemory, KeyHash),
    Store(Stored<'a>),
}

/// A key in a store, and its hash in the memory beside it.
#[derive(Clone, Copy)]
pub(crate) struct Stored<'a> {
    store: &'a dyn RouteStore,
    domain: &'static str,
    key: &'a str,
    beside: &'a RouterMemory,
    hash: KeyHash,
}

impl Stored<'_> {
    async fn enter(&self, vendor: &'static str) -> Result<Holder, Error> {
        match self.store.enter(self.domain, self.key, vendor).await {
            Ok(holder) => {
                self.beside.keys().enter(self.hash, vendor, CAPACITY);
                Ok(holder)
            }
            // No vendor is called now, but one may have been called before.
            Err(error) if self.beside.keys().entries.contains_key(&self.hash) => {
                Err(error.with_delivery(Delivery::Unknown))
            }
            Err(error) => Err(error.with_delivery(Delivery::NotSent)),
        }
    }
}

impl Routes {
    /// A record in the memory of this router.
    pub(crate) fn memory() -> Self {
        Self::Memory(RouterMemory::default())
    }

    /// A record in a store of the application.
    pub(crate) fn store(store: Arc<dyn RouteStore>) -> Self {
        Self::Store(store, RouterMemory::default())
    }

    pub(crate) fn hold<'a>(&'a self, domain: &'static str, key: &'a str) -> Held<'a> {
        match self {
            Self::Memory(memory) => Held::Memory(memory, memory.hasher.hash_one(key)),
            Self::Store(store, beside) => Held::Store(Stored {
                store: &**store,
                domain,
                key,
                beside,
                hash: beside.hasher.hash_one(key),
            }),
        }
    }
}

impl Held<'_> {
    /// Records that a vendor is about to be called, as [`RouteStore::enter`].
    pub(crate) async fn enter(&self, vendor: &'static str) -> Result<Holder, Error> {
        match self {
            Self::Memory(memory, hash) => Ok(memory.keys().enter(*hash, vendor, CAPACITY)),
            Self::Store(stored) => stored.enter(vendor).await,
        }
    }

    /// Records that the holder may have done the work, as [`RouteStore::keep`].
    pub(crate) async fn keep(&self) -> Result<(), Error> {
        match self {
            Self::Memory(memory, hash) => {
                memory.keys().keep(*hash);
                Ok(())
            }
            Self::Store(Stored {
                store, domain, key, ..
            }) => store.keep(domain, key).await,
        }
    }

    /// Records that the holder did nothing, as [`RouteStore::leave`].
    pub(crate) async fn leave(&self) -> Result<bool, Error> {
        match self {
            Self::Memory(memory, hash) => Ok(memory.keys().leave(*hash)),
            Self::Store(Stored {
                store,
                domain,
                key,
                beside,
                hash,
            }) => {
                let free = store.leave(domain, key).await?;
                beside.keys().leave(*hash);
                Ok(free)
            }
        }
    }
}

#[cfg(test)]
mod tests;
