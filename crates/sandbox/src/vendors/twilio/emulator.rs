//! The emulator's settings and state, which every module that handles a request works on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::access::Access;
use super::content::ContentTemplate;
use super::message::Message;
use super::verification::Verification;
use crate::ids::Ids;
use crate::webhooks::Outbox;

/// A Twilio emulator that keeps messages and verifications in memory.
#[derive(Clone)]
pub(crate) struct TwilioEmulator(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) access: Access,
    pub(super) ids: Ids,
    pub(super) templates: BTreeMap<String, ContentTemplate>,
    pub(super) webhooks: Outbox,
    pub(super) state: Mutex<State>,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) messages: Vec<Message>,
    pub(super) verifications: Vec<Verification>,
    /// The pairs of a person's and the account's number for which the person sent STOP.
    pub(super) opted_out: BTreeSet<(String, String)>,
    /// When a person last wrote to a number of the account.
    pub(super) inbound: BTreeMap<(String, String), i64>,
}

impl TwilioEmulator {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
