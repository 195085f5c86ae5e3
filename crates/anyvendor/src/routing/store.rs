//! The record of which vendor got which key, so that no other vendor repeats the work of a key.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap, VecDeque},
    fmt,
    hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState},
    num::NonZeroUsize,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyvendor_core::Error;
use async_trait::async_trait;

/// As many keys as a busy shop uses in a day. Our default.
const CAPACITY: NonZeroUsize = NonZeroUsize::MIN.saturating_add(99_999);

/// Records which vendor got which key.
///
/// Open: [`MemoryRoutes`] forgets when the process ends, so an application whose keys outlive the process implements a durable
/// store. An entry is made before the vendor is called; if the process dies in between, the entry remains, and the key stays
/// with that vendor, which may have done the work.
///
/// ```
/// use anyvendor::{MemoryRoutes, RouteStore};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> anyvendor::Result<()> {
/// let routes = MemoryRoutes::default();
/// // Stripe is about to be called with this key, and the result is lost.
/// assert_eq!(routes.enter("payment", "order-1", "stripe").await?, "stripe");
/// routes.keep("payment", "order-1").await?;
/// // PayPal must not be called with the same key: Stripe holds it.
/// assert_eq!(routes.enter("payment", "order-1", "paypal").await?, "stripe");
/// # Ok(()) }
/// ```
#[async_trait]
pub trait RouteStore: fmt::Debug + Send + Sync {
    /// Records that `vendor` is about to be called with `key`, unless another vendor holds the key. Returns the holder.
    ///
    /// # Errors
    /// If the store fails; nothing is sent then.
    async fn enter(
        &self,
        domain: &'static str,
        key: &str,
        vendor: &'static str,
    ) -> Result<Cow<'static, str>, Error>;

    /// Records that the holder did the work, or may have done it: it keeps the key for good.
    ///
    /// # Errors
    /// If the store fails.
    async fn keep(&self, domain: &'static str, key: &str) -> Result<(), Error>;

    /// Records that the holder certainly did nothing this time. Returns whether the key is free now: it is not if it was ever
    /// [kept](Self::keep), or while another call with it is in flight.
    ///
    /// # Errors
    /// If the store fails.
    async fn leave(&self, domain: &'static str, key: &str) -> Result<bool, Error>;
}

/// Records keys in memory, up to a number of keys per domain; the oldest are forgotten first.
///
/// A key that was forgotten, or used before this process started, counts as new: that is harmless while the first vendor is
/// available, and may repeat work at another vendor when it is not. Choose a capacity that covers all keys that may be used
/// again.
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
    fn enter(
        &mut self,
        hash: KeyHash,
        vendor: &'static str,
        capacity: NonZeroUsize,
    ) -> &'static str {
        if let Some(entry) = self.entries.get_mut(&hash) {
            entry.in_flight = entry.in_flight.saturating_add(1);
            let holder = self.vendors.get(usize::from(entry.vendor));
            return holder.copied().unwrap_or(vendor);
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
        vendor
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
    ) -> Result<Cow<'static, str>, Error> {
        let hash = self.hasher.hash_one(key);
        let holder = self.with(domain, |keys| keys.enter(hash, vendor, self.capacity));
        Ok(Cow::Borrowed(holder))
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
    Store(Arc<dyn RouteStore>),
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
    Store(&'a dyn RouteStore, &'static str, &'a str),
}

impl Routes {
    /// A record in the memory of this router.
    pub(crate) fn memory() -> Self {
        Self::Memory(RouterMemory::default())
    }

    pub(crate) fn hold<'a>(&'a self, domain: &'static str, key: &'a str) -> Held<'a> {
        match self {
            Self::Memory(memory) => Held::Memory(memory, memory.hasher.hash_one(key)),
            Self::Store(store) => Held::Store(&**store, domain, key),
        }
    }
}

impl Held<'_> {
    /// Records that a vendor is about to be called, as [`RouteStore::enter`].
    pub(crate) async fn enter(&self, vendor: &'static str) -> Result<Cow<'static, str>, Error> {
        match self {
            Self::Memory(memory, hash) => {
                let holder = memory.keys().enter(*hash, vendor, CAPACITY);
                Ok(Cow::Borrowed(holder))
            }
            Self::Store(store, domain, key) => store.enter(domain, key, vendor).await,
        }
    }

    /// Records that the holder may have done the work, as [`RouteStore::keep`].
    pub(crate) async fn keep(&self) -> Result<(), Error> {
        match self {
            Self::Memory(memory, hash) => {
                memory.keys().keep(*hash);
                Ok(())
            }
            Self::Store(store, domain, key) => store.keep(domain, key).await,
        }
    }

    /// Records that the holder did nothing, as [`RouteStore::leave`].
    pub(crate) async fn leave(&self) -> Result<bool, Error> {
        match self {
            Self::Memory(memory, hash) => Ok(memory.keys().leave(*hash)),
            Self::Store(store, domain, key) => store.leave(domain, key).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const D: &str = "payment";

    #[tokio::test]
    async fn a_key_that_was_kept_stays() {
        let routes = MemoryRoutes::default();
        assert_eq!(routes.enter(D, "k", "a").await.unwrap(), "a");
        routes.keep(D, "k").await.unwrap();
        assert_eq!(routes.enter(D, "k", "b").await.unwrap(), "a");
        assert!(!routes.leave(D, "k").await.unwrap());
        assert_eq!(routes.enter(D, "k", "b").await.unwrap(), "a");
        // Domains do not share keys.
        assert_eq!(routes.enter("email", "k", "b").await.unwrap(), "b");
    }

    #[tokio::test]
    async fn a_key_is_free_after_its_last_holder_left() {
        let routes = MemoryRoutes::default();
        routes.enter(D, "k", "a").await.unwrap();
        routes.enter(D, "k", "b").await.unwrap();
        assert!(
            !routes.leave(D, "k").await.unwrap(),
            "another call is in flight"
        );
        assert!(routes.leave(D, "k").await.unwrap());
        assert_eq!(routes.enter(D, "k", "b").await.unwrap(), "b");
        // A call that was dropped may have been sent, so its key never becomes free.
        routes.enter(D, "k", "b").await.unwrap();
        assert!(!routes.leave(D, "k").await.unwrap());
    }

    #[tokio::test]
    async fn the_oldest_is_forgotten_and_memory_is_bounded() {
        let routes = MemoryRoutes::new(NonZeroUsize::new(2).unwrap());
        for key in ["1", "2", "3"] {
            routes.enter(D, key, "a").await.unwrap();
            routes.keep(D, key).await.unwrap();
        }
        assert_eq!(routes.enter(D, "3", "b").await.unwrap(), "a");
        assert_eq!(routes.enter(D, "1", "b").await.unwrap(), "b");
        for n in 0..1000 {
            let key = n.to_string();
            routes.enter(D, &key, "a").await.unwrap();
            routes.leave(D, &key).await.unwrap();
        }
        let (entries, oldest) = routes.with(D, |keys| (keys.entries.len(), keys.oldest.len()));
        assert!(entries <= 2 && oldest <= 2);
    }
}
