//! The emulator's settings and state, which every module that handles a request works on.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::access::Access;
use super::account::Accounts;
use super::context::Context;
use super::idempotency::Keys;
use crate::clock;
use crate::ids::Ids;
use crate::webhooks::Outbox;

/// A Stripe emulator that keeps its state in memory.
#[derive(Clone)]
pub(crate) struct StripeEmulator(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) access: Access,
    /// The id of the platform's own account.
    pub(super) account: String,
    pub(super) ids: Ids,
    pub(super) requests: Ids,
    pub(super) webhooks: Outbox,
    pub(super) state: Mutex<State>,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) accounts: Accounts,
    pub(super) keys: Keys,
}

impl StripeEmulator {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The context of a request to this account, with the request's id and idempotency key.
    pub(super) fn context<'a>(
        &'a self,
        state: &'a mut State,
        account: &'a str,
        (request_id, key): (&'a str, Option<&'a str>),
    ) -> Context<'a> {
        Context {
            account: state.accounts.entry(account.to_owned()).or_default(),
            account_id: account,
            connected: (account != self.0.account).then_some(account),
            ids: &self.0.ids,
            now: clock::unix_seconds(),
            base: &self.0.access.url,
            webhooks: &self.0.webhooks,
            request_id,
            key,
        }
    }
}
