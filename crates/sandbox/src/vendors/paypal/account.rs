//! One call at work on the account: what it may touch, and what it made.

use super::events::Happened;
use super::objects::Account;
use super::refusal::Refusal;
use crate::ids::{self, Ids};
use crate::webhooks::Webhooks;

/// What an order's approval is good for, in seconds: 3 h from creation to approval and 3 h from there to payment.
pub(super) const APPROVAL: i64 = 3 * 60 * 60;

/// How long an authorization can be captured, in seconds.
pub(super) const AUTHORIZATION: i64 = 29 * 24 * 60 * 60;

/// One call at work.
pub(super) struct Cx<'a> {
    pub(super) account: &'a mut Account,
    pub(super) ids: &'a Ids,
    pub(super) event_ids: &'a Ids,
    pub(super) now: i64,
    pub(super) base: &'a str,
    pub(super) webhooks: &'a Webhooks,
    /// The account's one listener.
    pub(super) webhook_id: &'a str,
    /// Whether the client asked for the whole resource.
    pub(super) whole: bool,
    /// Whether it sent a `PayPal-Request-Id`.
    pub(super) keyed: bool,
}

/// What a call made or changed: a repeat with its request id shows this, as it is then.
#[derive(Clone, Debug)]
pub(super) enum What {
    Order(String),
    Authorization(String),
    Void(String),
    Capture(String),
    Refund(String),
    Setup(String),
    Token(String),
}

impl Cx<'_> {
    /// 17 capitals and digits, as `PayPal`'s ids are.
    pub(super) fn id(&self) -> String {
        capitals(self.ids)
    }

    /// The time of this order's approval, or of this authorization, is over. False when there is none with that id.
    pub(super) fn expire(&mut self, id: &str) -> bool {
        let now = self.now;
        if let Some(order) = self.account.orders.get_mut(id) {
            let reversed = order.status == "APPROVED" && now < order.expires;
            order.expires = 0;
            if reversed {
                self.event(Happened::ApprovalReversed, id);
            }
            return true;
        }
        let Some(auth) = self.account.authorizations.get_mut(id) else {
            return false;
        };
        let voided = auth.status == "CREATED" && now < auth.expires;
        auth.expires = 0;
        if voided {
            self.event(Happened::Voided, id);
        }
        true
    }
}

/// The next 17 capitals and digits.
pub(super) fn capitals(ids: &Ids) -> String {
    let seedling = ids.letters(20);
    ids::capitals(ids::hash(0, &[seedling.as_bytes()]), 17)
}

/// The object, or the 404 for it.
pub(super) fn found<T>(item: Option<T>, field: &str, id: &str) -> Result<T, Refusal> {
    item.ok_or_else(|| Refusal::not_found(field, id))
}
