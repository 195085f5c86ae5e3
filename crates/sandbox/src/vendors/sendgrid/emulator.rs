//! The emulator's settings and state, which every module that handles a request works on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::access::Access;
use super::batch::Batch;
use super::message::{Message, MessageStatus};
use super::template::Template;
use crate::clock;
use crate::ids::Ids;
use crate::webhooks::Outbox;

/// A SendGrid emulator that keeps the accepted messages in memory.
#[derive(Clone)]
pub(crate) struct SendGridEmulator(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) access: Access,
    pub(super) ids: Ids,
    pub(super) credits: Option<u64>,
    pub(super) templates: BTreeMap<String, Template>,
    pub(super) webhooks: Outbox,
    pub(super) state: Mutex<State>,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) messages: Vec<Message>,
    pub(super) credits: Option<u64>,
    pub(super) batches: BTreeSet<String>,
    /// The batches that are paused or cancelled, each with the status that the client set.
    pub(super) scheduled: BTreeMap<String, &'static str>,
    /// The events that the next webhook post will contain.
    pub(super) batch: Batch,
}

impl SendGridEmulator {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Sets the status of the messages of a batch that were not sent yet.
    pub(super) fn set(&mut self, batch: &str, status: MessageStatus) {
        let now = clock::unix_seconds();
        for message in &mut self.messages {
            let waits = message.send_at.is_some_and(|at| at > now);
            if message.batch_id.as_deref() == Some(batch) && waits {
                message.status = status;
            }
        }
    }
}
