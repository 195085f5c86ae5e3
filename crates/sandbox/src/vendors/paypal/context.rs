//! The context of one call: the account it works on, the clock, the sources of ids and the caller's preferences.

use super::account::Account;
use super::error::ApiError;
use crate::ids::{self, Ids};
use crate::webhooks::Outbox;

/// How long an approval can be used, in seconds: three hours from the order's creation to the approval, and three hours
/// from there to the payment.
pub(super) const APPROVAL_SECONDS: i64 = 3 * 60 * 60;

/// How long an authorization can be captured, in seconds: 29 days, see
/// <https://developer.paypal.com/docs/api/payments/v2/>.
pub(super) const AUTHORIZATION_SECONDS: i64 = 29 * 24 * 60 * 60;

/// How long the funds of an authorization are guaranteed, in seconds: three days, see
/// <https://developer.paypal.com/docs/checkout/advanced/authorization-honor>.
pub(super) const HONOR_SECONDS: i64 = 3 * 24 * 60 * 60;

/// How long a transaction takes to appear in the transaction search, in seconds: the vendor promises three hours at most,
/// and here it takes them unless a test says otherwise.
pub(super) const SEARCH_LAG_SECONDS: i64 = 3 * 60 * 60;

/// The context in which one call is executed.
pub(super) struct Context<'a> {
    pub(super) account: &'a mut Account,
    pub(super) ids: &'a Ids,
    pub(super) event_ids: &'a Ids,
    pub(super) now: i64,
    /// How many seconds `now` is ahead of the machine's time.
    pub(super) ahead: i64,
    /// How long a transaction takes to appear in the transaction search, in seconds.
    pub(super) search_lag: i64,
    pub(super) base: &'a str,
    pub(super) webhooks: &'a Outbox,
    /// The id of the account's only webhook listener.
    pub(super) webhook_id: &'a str,
    /// Whether the client asked for the whole resource.
    pub(super) whole: bool,
    /// Whether the client sent a `PayPal-Request-Id`.
    pub(super) keyed: bool,
}

impl Context<'_> {
    /// A new object id: 17 capital letters and digits, as `PayPal`'s ids are.
    pub(super) fn id(&self) -> String {
        capitals(self.ids)
    }
}

/// The next 17 capital letters and digits of a source of ids.
pub(super) fn capitals(ids: &Ids) -> String {
    let seed = ids.letters(20);
    ids::capitals(ids::hash(0, &[seed.as_bytes()]), 17)
}

/// The object, or the 404 error for it.
pub(super) fn found<T>(item: Option<T>, field: &str, id: &str) -> Result<T, ApiError> {
    item.ok_or_else(|| ApiError::not_found(field, id))
}
