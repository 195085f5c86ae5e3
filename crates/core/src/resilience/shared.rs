//! The state that all calls of a connection share.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use tokio::sync::Semaphore;

use super::{
    Authorizer, Classifier, Observer, Policy, VendorProfile, backoff::Jitter, breaker::Breaker,
    budget::Budget, clock::Clock, quota::QuotaMonitor, rate_limit::RateLimiter,
};
use crate::transport::Transport;

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) vendor: &'static str,
    pub(super) transport: Arc<dyn Transport>,
    pub(super) authorizer: Arc<dyn Authorizer>,
    pub(super) classifier: Arc<dyn Classifier>,
    pub(super) policy: Policy,
    pub(super) profile: VendorProfile,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) jitter: Arc<dyn Jitter>,
    pub(super) observer: Option<Arc<dyn Observer>>,
    pub(super) breaker: Arc<Breaker>,
    pub(super) budget: Arc<Budget>,
    pub(super) limiter: RateLimiter,
    pub(super) bulkhead: Option<Semaphore>,
    pub(super) quota: QuotaMonitor,
    pub(super) in_flight: AtomicUsize,
    pub(super) last_error: Mutex<Option<&'static str>>,
}

/// Counts an attempt as in flight for as long as it lives.
pub(super) struct InFlight<'a>(&'a AtomicUsize);

impl<'a> InFlight<'a> {
    pub(super) fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
