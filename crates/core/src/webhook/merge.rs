//! States that only move forward, in whatever order events arrive and however often.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{
    email::{EmailChange, EmailEvent},
    message::MessageEvent,
    payment::{DisputeStatus, PaymentChange, PaymentEvent},
};
use crate::{
    messaging::MessageStatus,
    payment::RefundStatus,
    values::{Money, VendorId},
};

/// What an event did to a state. Exhaustive on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Merge {
    /// The state moved forward.
    Applied,
    /// The event adds nothing to the state: it is a copy, or outdated.
    Stale,
}

impl Merge {
    const fn of(applied: bool) -> Self {
        if applied { Self::Applied } else { Self::Stale }
    }
}

/// What events reported about one payment. Before moving money, look the payment up: events only say when to do so.
///
/// # Examples
/// ```
/// use anyvendor_core::values::VendorId;
/// use anyvendor_core::webhook::{Merge, PaymentChange, PaymentEvent, PaymentState};
///
/// let payment = VendorId::new("acme", "pay_1")?;
/// let event = |change| PaymentEvent::new(change, Some(payment.clone()));
/// let mut state = PaymentState::new();
/// assert_eq!(state.apply(&event(PaymentChange::Captured), None), Merge::Applied);
/// // An older event that arrives later changes nothing.
/// assert_eq!(state.apply(&event(PaymentChange::Processing), None), Merge::Stale);
/// assert_eq!(state.change(), Some(&PaymentChange::Captured));
/// # Ok::<(), anyvendor_core::values::ValueError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PaymentState {
    change: Option<(PaymentChange, Option<Timestamp>)>,
    captured: Option<Money>,
    captures: BTreeMap<VendorId, Money>,
    refunds: BTreeMap<VendorId, (RefundStatus, Option<Money>)>,
    disputes: BTreeMap<VendorId, DisputeStatus>,
}

impl PaymentState {
    /// Creates a state about which nothing is known yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Merges an event of this payment, which happened at `at` by the vendor's clock.
    ///
    /// Captured money outranks everything. Before that, a later change replaces an earlier one, and of two changes in
    /// the same second the one further along wins.
    pub fn apply(&mut self, event: &PaymentEvent, at: Option<Timestamp>) -> Merge {
        let id = event.transaction.as_ref();
        Merge::of(match &event.change {
            PaymentChange::Refunded(status) => {
                id.is_some_and(|id| self.refund(id, status, event.amount))
            }
            PaymentChange::Disputed(status) => id.is_some_and(|id| self.dispute(id, status)),
            PaymentChange::FraudWarning | PaymentChange::Updated => false,
            change => {
                let moved = self.moves_on(change, at);
                if moved {
                    self.change = Some((change.clone(), at));
                }
                // Both are evaluated, since a second capture changes only the sum.
                self.take(event) || moved
            }
        })
    }

    /// The last change of the payment itself, without refunds and disputes.
    #[must_use]
    pub fn change(&self) -> Option<&PaymentChange> {
        self.change.as_ref().map(|(change, _)| change)
    }

    /// The amount captured so far, according to events.
    #[must_use]
    pub fn captured(&self) -> Option<Money> {
        let single = sum(self.captures.values().copied());
        match (self.captured, single) {
            (Some(reported), Some(single)) if single.currency() == reported.currency() => {
                Some(if single.minor() > reported.minor() {
                    single
                } else {
                    reported
                })
            }
            (reported, single) => reported.or(single),
        }
    }

    /// The amount refunded so far by refunds that succeeded, according to events.
    #[must_use]
    pub fn refunded(&self) -> Option<Money> {
        sum(self
            .refunds
            .values()
            .filter_map(|(status, amount)| match status {
                RefundStatus::Succeeded => *amount,
                _ => None,
            }))
    }

    /// Iterates over the refunds that events reported.
    pub fn refunds(&self) -> impl Iterator<Item = (&VendorId, &RefundStatus, Option<Money>)> {
        self.refunds
            .iter()
            .map(|(id, (status, amount))| (id, status, *amount))
    }

    /// Iterates over the disputes that events reported.
    pub fn disputes(&self) -> impl Iterator<Item = (&VendorId, &DisputeStatus)> {
        self.disputes.iter()
    }

    fn moves_on(&self, change: &PaymentChange, at: Option<Timestamp>) -> bool {
        let Some((known, known_at)) = &self.change else {
            return true;
        };
        let (rank, known_rank) = (rank(change), rank(known));
        if rank >= FINAL || known_rank >= FINAL {
            return rank > known_rank;
        }
        match (at, known_at) {
            (Some(at), Some(known_at)) if at != *known_at => at > *known_at,
            _ => rank > known_rank,
        }
    }

    /// Counts captured money; returns whether there is more than before.
    fn take(&mut self, event: &PaymentEvent) -> bool {
        let before = self.captured();
        if let Some(reported) = event.captured.filter(|reported| !reported.is_zero()) {
            let more = |known: Money| {
                reported.currency() == known.currency() && reported.minor() > known.minor()
            };
            if self.captured.is_none_or(more) {
                self.captured = Some(reported);
            }
        }
        if event.change == PaymentChange::Captured
            && let (Some(id), Some(amount)) = (&event.transaction, event.amount)
        {
            self.captures.entry(id.clone()).or_insert(amount);
        }
        self.captured() != before
    }

    fn refund(&mut self, id: &VendorId, status: &RefundStatus, amount: Option<Money>) -> bool {
        let rank = |status: &RefundStatus| match status {
            RefundStatus::Other(_) => 0,
            RefundStatus::Pending => 1,
            RefundStatus::RequiresAction => 2,
            RefundStatus::Succeeded => 3,
            // A refund can fail after it succeeded, but never the reverse.
            RefundStatus::Failed(_) | RefundStatus::Cancelled => 4,
        };
        match self.refunds.get_mut(id) {
            Some((known, _)) if rank(status) <= rank(known) => false,
            Some((known, known_amount)) => {
                *known = status.clone();
                *known_amount = amount.or(*known_amount);
                true
            }
            None => {
                self.refunds.insert(id.clone(), (status.clone(), amount));
                true
            }
        }
    }

    fn dispute(&mut self, id: &VendorId, status: &DisputeStatus) -> bool {
        let rank = |status: &DisputeStatus| match status {
            DisputeStatus::Other(_) => 0,
            DisputeStatus::Inquiry => 1,
            DisputeStatus::Opened => 2,
            DisputeStatus::UnderReview => 3,
            DisputeStatus::Won | DisputeStatus::Lost | DisputeStatus::Closed => 4,
        };
        let is_new = self
            .disputes
            .get(id)
            .is_none_or(|known| rank(status) > rank(known));
        if is_new {
            self.disputes.insert(id.clone(), status.clone());
        }
        is_new
    }
}

/// From this rank on, no earlier change replaces a later one.
const FINAL: u8 = 6;

const fn rank(change: &PaymentChange) -> u8 {
    match change {
        PaymentChange::RequiresConfirmation => 1,
        PaymentChange::RequiresAction => 2,
        PaymentChange::Processing => 3,
        PaymentChange::Failed(_) => 4,
        PaymentChange::Authorized => 5,
        PaymentChange::Cancelled | PaymentChange::Expired => FINAL,
        PaymentChange::Captured => 7,
        PaymentChange::Reversed => 8,
        _ => 0,
    }
}

/// The sum, if all amounts are of one currency and the sum does not overflow.
fn sum(amounts: impl Iterator<Item = Money>) -> Option<Money> {
    let mut amounts = amounts;
    let first = amounts.next()?;
    amounts.try_fold(first, |sum, amount| sum.checked_add(amount).ok())
}

/// What events reported about one email to one recipient.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EmailState {
    change: Option<EmailChange>,
    wish: Option<(bool, Option<Timestamp>)>,
}

impl EmailState {
    /// Creates a state about which nothing is known yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Merges an event of this email, which happened at `at` by the vendor's clock. Complaints and bounces are never
    /// erased by a delivery that is reported later.
    pub fn apply(&mut self, event: &EmailEvent, at: Option<Timestamp>) -> Merge {
        let wish = match &event.change {
            EmailChange::Unsubscribed { .. } => Some(true),
            EmailChange::Resubscribed { .. } => Some(false),
            _ => None,
        };
        if let Some(wish) = wish {
            let is_new = self
                .wish
                .is_none_or(|(known, known_at)| known != wish && at > known_at);
            if is_new {
                self.wish = Some((wish, at));
            }
            return Merge::of(is_new);
        }
        let is_new = match (&self.change, &event.change) {
            (None, _) => true,
            (Some(EmailChange::Deferred { attempt: known }), EmailChange::Deferred { attempt }) => {
                attempt > known
            }
            (Some(known), change) => change.rank() > known.rank(),
        };
        if is_new {
            self.change = Some(event.change.clone());
        }
        Merge::of(is_new)
    }

    /// How far along the email is.
    #[must_use]
    pub fn change(&self) -> Option<&EmailChange> {
        self.change.as_ref()
    }

    /// Whether the recipient has unsubscribed, according to the events of this email.
    #[must_use]
    pub fn is_unsubscribed(&self) -> bool {
        self.wish.is_some_and(|(unsubscribed, _)| unsubscribed)
    }
}

/// What events reported about one message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessageState(Option<MessageStatus>);

impl MessageState {
    /// Creates a state about which nothing is known yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Merges an event of this message. Vendors report no time here, so the rank of the status decides.
    pub fn apply(&mut self, event: &MessageEvent) -> Merge {
        let is_new = match &self.0 {
            None => true,
            Some(known) if known.is_final() => matches!(
                (known, &event.status),
                (
                    MessageStatus::Delivered | MessageStatus::PartiallyDelivered,
                    MessageStatus::Read
                ) | (MessageStatus::PartiallyDelivered, MessageStatus::Delivered)
            ),
            Some(known) => event.status.rank() > known.rank(),
        };
        if is_new {
            self.0 = Some(event.status.clone());
        }
        Merge::of(is_new)
    }

    /// The status of the message.
    #[must_use]
    pub fn status(&self) -> Option<&MessageStatus> {
        self.0.as_ref()
    }
}

#[cfg(test)]
mod tests;
