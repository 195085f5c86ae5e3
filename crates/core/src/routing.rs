//! The record of which vendor got which key, which keeps other vendors from repeating the work of a key.

use std::{borrow::Cow, fmt};

use async_trait::async_trait;

use crate::error::Error;

/// Records which vendor got which key.
///
/// An entry is made before the vendor is called. If the process dies in between, the entry remains, and the key stays with
/// that vendor, which may have done the work. A store in memory forgets when the process ends and knows nothing of other
/// processes; an application with keys that outlive the process, or with several processes, needs a durable one.
///
/// # For implementers
/// Crates outside this workspace can implement it. All three methods are called concurrently, also for one key; each of
/// them must be atomic.
///
/// ```
/// use std::{borrow::Cow, collections::HashMap, sync::Mutex};
/// use anyvendor_core::{Error, routing::{Holder, RouteStore}};
///
/// /// Never gives a key to a second vendor.
/// #[derive(Debug, Default)]
/// struct Strict(Mutex<HashMap<String, &'static str>>);
///
/// #[async_trait::async_trait]
/// impl RouteStore for Strict {
///     async fn enter(&self, _: &'static str, key: &str, vendor: &'static str) -> Result<Holder, Error> {
///         let mut keys = self.0.lock().unwrap();
///         let may_have_acted = keys.contains_key(key);
///         let vendor = keys.entry(key.to_owned()).or_insert(vendor);
///         Ok(Holder::new(*vendor, may_have_acted))
///     }
///     async fn keep(&self, _: &'static str, _: &str) -> Result<(), Error> { Ok(()) }
///     async fn leave(&self, _: &'static str, _: &str) -> Result<bool, Error> { Ok(false) }
/// }
/// ```
#[async_trait]
pub trait RouteStore: fmt::Debug + Send + Sync {
    /// Records that `vendor` is about to be called with `key`, unless another vendor holds the key. Returns the holder.
    ///
    /// # Errors
    /// If the store fails; then the vendor is not called.
    async fn enter(
        &self,
        domain: &'static str,
        key: &str,
        vendor: &'static str,
    ) -> Result<Holder, Error>;

    /// Records that the holder did the work, or may have done it: it keeps the key for good.
    ///
    /// # Errors
    /// If the store fails: the entry that `enter` made must remain.
    async fn keep(&self, domain: &'static str, key: &str) -> Result<(), Error>;

    /// Records that the holder certainly did nothing this time. Returns whether the key is free now: it is not if it was
    /// ever [kept](Self::keep), or while another call with it is in flight.
    ///
    /// # Errors
    /// If the store fails: the entry that `enter` made must remain.
    async fn leave(&self, domain: &'static str, key: &str) -> Result<bool, Error>;
}

fn _dyn_safe(_: &dyn RouteStore) {}

/// The vendor that holds a key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Holder {
    /// The name of the vendor.
    pub vendor: Cow<'static, str>,
    /// Whether it may have done the work in an earlier or a concurrent call with this key: the key was kept, or another call
    /// with it has entered and neither kept nor left.
    pub may_have_acted: bool,
}

impl Holder {
    /// A holder, and whether it may have done the work of the key before.
    #[must_use]
    pub fn new(vendor: impl Into<Cow<'static, str>>, may_have_acted: bool) -> Self {
        Self {
            vendor: vendor.into(),
            may_have_acted,
        }
    }
}
