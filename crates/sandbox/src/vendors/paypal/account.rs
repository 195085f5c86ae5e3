//! One call at work on the account: what it may touch, and what it made.

use super::objects::Account;
use super::refusal::Refusal;
use crate::ids::{self, Ids};

/// What an order's approval is good for, in seconds: 3 h from creation to approval and 3 h from there to payment.
pub(super) const APPROVAL: i64 = 3 * 60 * 60;

/// How long an authorization can be captured, in seconds.
pub(super) const AUTHORIZATION: i64 = 29 * 24 * 60 * 60;

/// One call at work.
pub(super) struct Cx<'a> {
    pub(super) account: &'a mut Account,
    pub(super) ids: &'a Ids,
    pub(super) now: i64,
    pub(super) base: &'a str,
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
        let seedling = self.ids.letters(20);
        ids::capitals(ids::hash(0, &[seedling.as_bytes()]), 17)
    }
}

/// The object, or the 404 for it.
pub(super) fn found<T>(item: Option<T>, field: &str, id: &str) -> Result<T, Refusal> {
    item.ok_or_else(|| Refusal::not_found(field, id))
}
