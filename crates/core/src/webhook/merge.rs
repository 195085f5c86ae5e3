//! States that only move forward, whatever order events arrive in and however often.

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
    /// The state moved on.
    Applied,
    /// The event tells nothing that the state does not know: a copy, or late news.
    Stale,
}

impl Merge {
    const fn of(applied: bool) -> Self {
        match applied {
            true => Self::Applied,
            false => Self::Stale,
        }
    }
}

/// What events told of one payment. To move money, look the payment up: events only say that it is time to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PaymentState {
    change: Option<(PaymentChange, Option<Timestamp>)>,
    captured: Option<Money>,
    captures: BTreeMap<VendorId, Money>,
    refunds: BTreeMap<VendorId, (RefundStatus, Option<Money>)>,
    disputes: BTreeMap<VendorId, DisputeStatus>,
}

impl PaymentState {
    /// Nothing is known yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Merges an event of this payment, which happened at `at` by the vendor's clock.
    ///
    /// Money taken outranks everything. Before that, a later change replaces an earlier one, and of two at the same
    /// second the one further along.
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
                // Both are asked, since a second capture changes the sum alone.
                self.take(event) || moved
            }
        })
    }

    /// The last change of the payment itself, refunds and disputes apart.
    #[must_use]
    pub fn change(&self) -> Option<&PaymentChange> {
        self.change.as_ref().map(|(change, _)| change)
    }

    /// What was taken so far, as far as events told.
    #[must_use]
    pub fn captured(&self) -> Option<Money> {
        let single = sum(self.captures.values().copied());
        match (self.captured, single) {
            (Some(told), Some(single)) if single.currency() == told.currency() => {
                Some(if single.minor() > told.minor() {
                    single
                } else {
                    told
                })
            }
            (told, single) => told.or(single),
        }
    }

    /// What was given back so far by refunds that succeeded, as far as events told.
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

    /// Each refund that events told of.
    pub fn refunds(&self) -> impl Iterator<Item = (&VendorId, &RefundStatus, Option<Money>)> {
        self.refunds
            .iter()
            .map(|(id, (status, amount))| (id, status, *amount))
    }

    /// Each dispute that events told of.
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

    /// Counts money taken; whether there is more than before.
    fn take(&mut self, event: &PaymentEvent) -> bool {
        let before = self.captured();
        if let Some(told) = event.captured.filter(|told| !told.is_zero()) {
            let more =
                |known: Money| told.currency() == known.currency() && told.minor() > known.minor();
            if self.captured.is_none_or(more) {
                self.captured = Some(told);
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
            // A refund can fail after it succeeded, never the reverse.
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
        let news = self
            .disputes
            .get(id)
            .is_none_or(|known| rank(status) > rank(known));
        if news {
            self.disputes.insert(id.clone(), status.clone());
        }
        news
    }
}

/// From here on nothing earlier comes back.
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

/// The sum, if all are of one currency and it can be told.
fn sum(amounts: impl Iterator<Item = Money>) -> Option<Money> {
    let mut amounts = amounts;
    let first = amounts.next()?;
    amounts.try_fold(first, |sum, amount| sum.checked_add(amount).ok())
}

/// What events told of one mail to one recipient.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EmailState {
    change: Option<EmailChange>,
    wish: Option<(bool, Option<Timestamp>)>,
}

impl EmailState {
    /// Nothing is known yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Merges an event of this mail, which happened at `at` by the vendor's clock. Complaints and bounces are never erased
    /// by a delivery that is told later.
    pub fn apply(&mut self, event: &EmailEvent, at: Option<Timestamp>) -> Merge {
        let wish = match &event.change {
            EmailChange::Unsubscribed { .. } => Some(true),
            EmailChange::Resubscribed { .. } => Some(false),
            _ => None,
        };
        if let Some(wish) = wish {
            let news = self
                .wish
                .is_none_or(|(known, known_at)| known != wish && at > known_at);
            if news {
                self.wish = Some((wish, at));
            }
            return Merge::of(news);
        }
        let news = match (&self.change, &event.change) {
            (None, _) => true,
            (Some(EmailChange::Deferred { attempt: known }), EmailChange::Deferred { attempt }) => {
                attempt > known
            }
            (Some(known), change) => change.rank() > known.rank(),
        };
        if news {
            self.change = Some(event.change.clone());
        }
        Merge::of(news)
    }

    /// How far along the mail is.
    #[must_use]
    pub fn change(&self) -> Option<&EmailChange> {
        self.change.as_ref()
    }

    /// Whether the recipient wants no more mail, as far as this mail's events told.
    #[must_use]
    pub fn is_unsubscribed(&self) -> bool {
        self.wish.is_some_and(|(unsubscribed, _)| unsubscribed)
    }
}

/// What events told of one message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessageState(Option<MessageStatus>);

impl MessageState {
    /// Nothing is known yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Merges an event of this message. Vendors tell no time here, so the rank of the status decides.
    pub fn apply(&mut self, event: &MessageEvent) -> Merge {
        let news = match &self.0 {
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
        if news {
            self.0 = Some(event.status.clone());
        }
        Merge::of(news)
    }

    /// How the message stands.
    #[must_use]
    pub fn status(&self) -> Option<&MessageStatus> {
        self.0.as_ref()
    }
}

#[cfg(test)]
#[path = "merge_tests.rs"]
mod tests;
