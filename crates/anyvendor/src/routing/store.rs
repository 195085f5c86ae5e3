//! Which vendor a key has been with, so that it is never taken to another one that might do the same work again.

use std::{
    borrow::Cow,
    collections::{HashMap, VecDeque},
    fmt,
    num::NonZeroUsize,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyvendor_core::Error;
use async_trait::async_trait;

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
    domains: Arc<Mutex<HashMap<&'static str, Keys>>>,
}

#[derive(Default)]
struct Keys {
    entries: HashMap<Arc<str>, Entry>,
    oldest: VecDeque<Arc<str>>,
}

struct Entry {
    vendor: &'static str,
    /// Calls that have entered, and neither kept nor left. Whoever was dropped on the way counts for good.
    under_way: u32,
    kept: bool,
}

impl MemoryRoutes {
    /// Up to so many keys per domain.
    #[must_use]
    pub fn new(capacity: NonZeroUsize) -> Self {
        Self {
            capacity,
            domains: Arc::default(),
        }
    }

    fn domains(&self) -> MutexGuard<'_, HashMap<&'static str, Keys>> {
        self.domains.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryRoutes {
    /// 100,000 keys: about 20 MB.
    fn default() -> Self {
        Self::new(NonZeroUsize::MIN.saturating_add(99_999))
    }
}

// Keys may say something about a customer.
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
        let mut domains = self.domains();
        let keys = domains.entry(domain).or_default();
        if let Some(entry) = keys.entries.get_mut(key) {
            entry.under_way = entry.under_way.saturating_add(1);
            return Ok(Cow::Borrowed(entry.vendor));
        }
        if keys.entries.len() >= self.capacity.get()
            && let Some(oldest) = keys.oldest.pop_front()
        {
            keys.entries.remove(&oldest);
        }
        let key: Arc<str> = key.into();
        keys.oldest.push_back(Arc::clone(&key));
        let entry = Entry {
            vendor,
            under_way: 1,
            kept: false,
        };
        keys.entries.insert(key, entry);
        Ok(Cow::Borrowed(vendor))
    }

    async fn keep(&self, domain: &'static str, key: &str) -> Result<(), Error> {
        let mut domains = self.domains();
        if let Some(entry) = domains
            .get_mut(domain)
            .and_then(|keys| keys.entries.get_mut(key))
        {
            entry.under_way = entry.under_way.saturating_sub(1);
            entry.kept = true;
        }
        Ok(())
    }

    async fn leave(&self, domain: &'static str, key: &str) -> Result<bool, Error> {
        let mut domains = self.domains();
        let Some(keys) = domains.get_mut(domain) else {
            return Ok(true);
        };
        let Some(entry) = keys.entries.get_mut(key) else {
            return Ok(true);
        };
        entry.under_way = entry.under_way.saturating_sub(1);
        if entry.kept || entry.under_way > 0 {
            return Ok(false);
        }
        keys.entries.remove(key);
        // The youngest leaves most often, so the search is short.
        if let Some(at) = keys.oldest.iter().rposition(|known| &**known == key) {
            keys.oldest.remove(at);
        }
        Ok(true)
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
        let domains = routes.domains();
        let keys = domains.get(D).unwrap();
        assert!(keys.entries.len() <= 2 && keys.oldest.len() <= 2);
        assert!(!format!("{routes:?}").contains("999"));
    }
}
