//! The emulator's settings and state, which every module that handles a request works on.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::access::Access;
use super::account::Account;
use super::context::Context;
use super::request_id::RequestIds;
use super::token::Tokens;
use super::webhooks::Seal;
use crate::clock;
use crate::ids::Ids;
use crate::webhooks::Outbox;

/// A `PayPal` emulator that keeps its state in memory.
#[derive(Clone)]
pub(crate) struct PayPalEmulator(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) access: Access,
    pub(super) seed: u64,
    /// How long an access token is valid, in seconds.
    pub(super) token_seconds: i64,
    pub(super) ids: Ids,
    pub(super) event_ids: Ids,
    pub(super) requests: Ids,
    pub(super) seal: Arc<Seal>,
    pub(super) webhooks: Outbox,
    pub(super) state: Mutex<State>,
    /// How many seconds the emulator's time is ahead of the machine's.
    pub(super) ahead: AtomicI64,
    /// How long a transaction takes to appear in the transaction search, in seconds.
    pub(super) search_lag: AtomicI64,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) account: Account,
    pub(super) ids: RequestIds,
    pub(super) tokens: Tokens,
}

impl PayPalEmulator {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The emulator's time, in seconds since 1970.
    pub(super) fn now(&self) -> i64 {
        clock::unix_seconds().saturating_add(self.0.ahead.load(Ordering::Relaxed))
    }

    /// Works on the account outside of a call.
    pub(super) fn with<T>(&self, work: impl FnOnce(&mut Context<'_>) -> T) -> T {
        let mut state = self.state();
        work(&mut self.context(&mut state.account, true, false))
    }

    pub(super) fn context<'a>(
        &'a self,
        account: &'a mut Account,
        whole: bool,
        keyed: bool,
    ) -> Context<'a> {
        Context {
            account,
            ids: &self.0.ids,
            event_ids: &self.0.event_ids,
            now: self.now(),
            ahead: self.0.ahead.load(Ordering::Relaxed),
            search_lag: self.0.search_lag.load(Ordering::Relaxed),
            base: &self.0.access.url,
            webhooks: &self.0.webhooks,
            webhook_id: self.0.seal.webhook_id(),
            whole,
            keyed,
        }
    }
}
