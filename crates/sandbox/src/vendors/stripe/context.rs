//! The context of one request: the account it works on, the clock, the source of ids and where its events go.

use super::account::Account;
use super::objects::Event;
use super::render::Show;
use super::webhooks;
use crate::ids::Ids;
use crate::webhooks::Outbox;

/// The number of events that are kept; older ones are dropped.
const MAX_EVENTS: usize = 10_000;

/// The context in which one request is executed.
pub(super) struct Context<'a> {
    pub(super) account: &'a mut Account,
    pub(super) account_id: &'a str,
    /// The account's id, if it is a connected account and not the platform's own.
    pub(super) connected: Option<&'a str>,
    pub(super) ids: &'a Ids,
    pub(super) now: i64,
    /// The emulator's own base URL; the payer's pages are below it.
    pub(super) base: &'a str,
    pub(super) webhooks: &'a Outbox,
    pub(super) request_id: &'a str,
    pub(super) key: Option<&'a str>,
}

impl Context<'_> {
    /// Records an event about the object in its current state, and posts it to the webhook endpoint if there is one.
    pub(super) fn event(&mut self, kind: &'static str, object: &impl Show) {
        if self.account.events.len() >= MAX_EVENTS {
            self.account.events.pop_front();
        }
        let event = Event {
            id: self.ids.object("evt"),
            kind,
            object: object.show(),
            request: Some(self.request_id.to_owned()),
            key: self.key.map(str::to_owned),
            created: self.now,
        };
        if self.webhooks.has_endpoint() {
            let delivery = webhooks::delivery(&event, self.connected);
            self.webhooks.emit(delivery);
        }
        self.account.events.push_back(event);
    }
}
