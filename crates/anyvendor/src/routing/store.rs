//! Which vendor a key has been with, so that it is never taken to another one that might do the same work again.

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

/// As many keys as a busy shop uses in a day.
const CAPACITY: NonZeroUsize = NonZeroUsize::MIN.saturating_add(99_999);

/// Remembers which vendor a key has been with.
///
/// Open: [`MemoryRoutes`] forgets when the process ends, so an application whose keys outlive it brings a durable one. An
/// entry is made before the vendor is asked; a process that dies in between leaves it there, and the key stays with that
/// vendor, which may have done the work.
#[async_trait]
pub trait RouteStore: fmt::Debug + Send + Sync {
    /// Says that `vendor` is about to be asked under `key`, unless another vendor holds the key: whoever holds it now.
    ///
    /// # Errors
    /// Whatever the store fails with; nothing is sent then.
    async fn enter(
        &self,
        domain: &'static str,
        key: &str,
        vendor: &'static str,
    ) -> Result<Cow<'static, str>, Error>;

    /// Says that the holder did the work, or may have: the key stays there for good.
    ///
    /// # Errors
    /// Whatever the store fails with.
    async fn keep(&self, domain: &'static str, key: &str) -> Result<(), Error>;

    /// Says that the holder certainly did nothing this time. Whether the key is free now: it is not where it was ever
    /// [kept](Self::keep), or while another call under it is under way.
    ///
    /// # Errors
    /// Whatever the store fails with.
    async fn leave(&self, domain: &'static str, key: &str) -> Result<bool, Error>;
}

/// Remembers in memory, up to a number of keys per domain; the oldest are forgotten first.
///
/// A key that was forgotten, or used before this process began, is taken for new: that is harmless while the first vendor
/// can be reached, and may repeat work at another vendor when it cannot. Take as many keys as may come back.
#[derive(Clone)]
pub struct MemoryRoutes {
    capacity: NonZeroUsize,
    hasher: RandomState,
    /// A handful of domains.
    domains: Arc<Mutex<BTreeMap<&'static str, Keys>>>,
}

/// A key's name here: a hash, so that no key has to be kept. Should two keys ever meet, they share one vendor.
type Name = u64;

#[derive(Default)]
struct Keys {
    /// Small entries: with many keys, looking them up is mostly waiting for memory.
    entries: HashMap<Name, Entry, BuildHasherDefault<Given>>,
    oldest: VecDeque<Name>,
    /// Those that entries point to.
    vendors: Vec<&'static str>,
}

#[derive(Clone, Copy)]
struct Entry {
    /// The place among the vendors.
    vendor: u8,
    kept: bool,
    /// Calls that have entered, and neither kept nor left. Whoever was dropped on the way counts for good.
    under_way: u16,
}

impl Keys {
    fn enter(&mut self, name: Name, vendor: &'static str, capacity: NonZeroUsize) -> &'static str {
        if let Some(entry) = self.entries.get_mut(&name) {
            entry.under_way = entry.under_way.saturating_add(1);
            let holder = self.vendors.get(usize::from(entry.vendor));
            return holder.copied().unwrap_or(vendor);
        }
        if self.entries.len() >= capacity.get()
            && let Some(oldest) = self.oldest.pop_front()
        {
            self.entries.remove(&oldest);
        }
        self.oldest.push_back(name);
        let entry = Entry {
            vendor: self.place_of(vendor),
            kept: false,
            under_way: 1,
        };
        self.entries.insert(name, entry);
        vendor
    }

    fn keep(&mut self, name: Name) {
        if let Some(entry) = self.entries.get_mut(&name) {
            entry.kept = true;
        }
    }

    fn leave(&mut self, name: Name) -> bool {
        let Some(entry) = self.entries.get_mut(&name) else {
            return true;
        };
        if entry.kept {
            return false;
        }
        // So many at once are not counted any more: the key stays.
        if entry.under_way < u16::MAX {
            entry.under_way -= 1;
        }
        if entry.under_way > 0 {
            return false;
        }
        self.entries.remove(&name);
        // The youngest leaves most often, so the search is short.
        if let Some(at) = self.oldest.iter().rposition(|known| *known == name) {
            self.oldest.remove(at);
        }
        true
    }

    fn place_of(&mut self, vendor: &'static str) -> u8 {
        let known = self.vendors.iter().position(|known| *known == vendor);
        let place = known.unwrap_or_else(|| {
            self.vendors.push(vendor);
            self.vendors.len() - 1
        });
        u8::try_from(place).unwrap_or(u8::MAX)
    }
}

/// A name is a good hash already.
#[derive(Default)]
struct Given(u64);

impl Hasher for Given {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, name: u64) {
        self.0 = name;
    }
}

impl MemoryRoutes {
    /// Up to so many keys per domain.
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
    /// 100,000 keys: about 4 MB.
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
        let name = self.hasher.hash_one(key);
        let holder = self.with(domain, |keys| keys.enter(name, vendor, self.capacity));
        Ok(Cow::Borrowed(holder))
    }

    async fn keep(&self, domain: &'static str, key: &str) -> Result<(), Error> {
        let name = self.hasher.hash_one(key);
        self.with(domain, |keys| keys.keep(name));
        Ok(())
    }

    async fn leave(&self, domain: &'static str, key: &str) -> Result<bool, Error> {
        let name = self.hasher.hash_one(key);
        Ok(self.with(domain, |keys| keys.leave(name)))
    }
}

/// What a router remembers with. Its own memory is asked at once, without an allocation: it is on the path of each call.
#[derive(Debug)]
pub(crate) enum Routes {
    Memory(RouterMemory),
    Store(Arc<dyn RouteStore>),
}

/// The memory of one router.
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

/// A key on its way through a router.
#[derive(Clone, Copy)]
pub(crate) enum Held<'a> {
    Memory(&'a RouterMemory, Name),
    Store(&'a dyn RouteStore, &'static str, &'a str),
}

impl Routes {
    /// The router's own memory.
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
    /// As [`RouteStore::enter`].
    pub(crate) async fn enter(&self, vendor: &'static str) -> Result<Cow<'static, str>, Error> {
        match self {
            Self::Memory(memory, name) => {
                let holder = memory.keys().enter(*name, vendor, CAPACITY);
                Ok(Cow::Borrowed(holder))
            }
            Self::Store(store, domain, key) => store.enter(domain, key, vendor).await,
        }
    }

    /// As [`RouteStore::keep`].
    pub(crate) async fn keep(&self) -> Result<(), Error> {
        match self {
            Self::Memory(memory, name) => {
                memory.keys().keep(*name);
                Ok(())
            }
            Self::Store(store, domain, key) => store.keep(domain, key).await,
        }
    }

    /// As [`RouteStore::leave`].
    pub(crate) async fn leave(&self) -> Result<bool, Error> {
        match self {
            Self::Memory(memory, name) => Ok(memory.keys().leave(*name)),
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
        // Another domain's keys are others.
        assert_eq!(routes.enter("email", "k", "b").await.unwrap(), "b");
    }

    #[tokio::test]
    async fn a_key_is_free_once_nobody_holds_it() {
        let routes = MemoryRoutes::default();
        routes.enter(D, "k", "a").await.unwrap();
        routes.enter(D, "k", "b").await.unwrap();
        assert!(!routes.leave(D, "k").await.unwrap(), "another is under way");
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
