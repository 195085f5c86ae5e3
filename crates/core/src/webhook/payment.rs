//! Events about payments, customers and saved sources.

use std::fmt;

use super::word::Word;
use crate::{
    macros::words,
    payment::{Decline, Payment, RefundStatus},
    values::{IdempotencyKey, Money, VendorId},
};

/// The status of a payment changed.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PaymentEvent {
    /// What changed about the payment.
    pub change: PaymentChange,
    /// The payment, if the event names it: by the id that [`Payment::id`](crate::payment::Payment::id) has, or by that of one
    /// of its transactions if the vendor names it so. [`is_about`](Self::is_about) knows both.
    pub payment: Option<VendorId>,
    /// The vendor's transaction that the event is about: a capture, an authorization, a refund, a dispute. See
    /// [`Payment::transactions`](crate::payment::Payment::transactions).
    pub transaction: Option<VendorId>,
    /// The application's id of the payment, if the event repeats it.
    pub reference: Option<String>,
    /// The customer who pays.
    pub customer: Option<VendorId>,
    /// The amount that the event is about: of a refund the refunded amount, of a capture the captured amount,
    /// otherwise the requested amount.
    pub amount: Option<Money>,
    /// The total captured so far, if the event contains it.
    pub captured: Option<Money>,
    /// The key of the call that caused it, if the event repeats it: it identifies the application's own record.
    pub idempotency_key: Option<IdempotencyKey>,
}

impl PaymentEvent {
    /// Creates an event of which only this is known; adapters fill in the rest.
    #[must_use]
    pub fn new(change: PaymentChange, payment: Option<VendorId>) -> Self {
        Self {
            change,
            payment,
            transaction: None,
            reference: None,
            customer: None,
            amount: None,
            captured: None,
            idempotency_key: None,
        }
    }

    /// Whether the event names this payment, by any of its ids. A reference proves nothing, since several payments may have
    /// the same.
    ///
    /// # Examples
    /// ```
    /// use anyvendor_core::payment::{Payment, PaymentStatus, RefundStatus, Transaction, TransactionKind};
    /// use anyvendor_core::values::{Currency, Money, VendorId};
    /// use anyvendor_core::webhook::{PaymentChange, PaymentEvent};
    ///
    /// let amount = Money::from_minor(500, Currency::EUR)?;
    /// let mut payment = Payment::new(VendorId::new("acme", "pay_1")?, PaymentStatus::Captured, amount);
    /// let capture = VendorId::new("acme", "capture/7")?;
    /// payment.transactions = vec![Transaction::new(TransactionKind::Capture, capture.clone(), amount)];
    ///
    /// // The vendor names the capture that was refunded, and not the payment.
    /// let refunded = PaymentChange::Refunded(RefundStatus::Succeeded);
    /// assert!(PaymentEvent::new(refunded, Some(capture)).is_about(&payment));
    /// # Ok::<(), anyvendor_core::values::ValueError>(())
    /// ```
    #[must_use]
    pub fn is_about(&self, payment: &Payment) -> bool {
        let mut ids = self.payment.iter().chain(&self.transaction);
        ids.any(|id| payment.is_named_by(id))
    }
}

/// A change of the status of a payment.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum PaymentChange {
    /// The payment was created at the vendor.
    Created,
    /// The payer has agreed; confirm it now, or the vendor lets it expire.
    RequiresConfirmation,
    /// The payer must act first.
    RequiresAction,
    /// The vendor is processing the payment.
    Processing,
    /// The amount is authorized and can be captured.
    Authorized,
    /// Money was captured: what vendors call succeeded, captured or completed.
    Captured,
    /// An attempt was declined. The same payment may succeed with another source later.
    Failed(Decline),
    /// The payment was cancelled before anything was captured.
    Cancelled,
    /// The authorization, or the payer's agreement, expired.
    Expired,
    /// A refund was created or changed.
    Refunded(RefundStatus),
    /// The payer disputes the payment, or the dispute changed.
    Disputed(DisputeStatus),
    /// The vendor took the money back, without a refund by us.
    Reversed,
    /// The vendor or a bank warns of fraud; no money has moved.
    FraudWarning,
    /// A change that the event does not describe: look the payment up.
    Updated,
}

/// The status of a dispute.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DisputeStatus {
    /// The bank inquires, and no money is held back yet.
    Inquiry,
    /// The dispute was opened, and we should respond.
    Opened,
    /// The bank or the vendor is deciding.
    UnderReview,
    /// We won: the money stays or came back.
    Won,
    /// The payer won.
    Lost,
    /// The dispute was closed without a decision.
    Closed,
    /// Any other status, in the vendor's words.
    Other(String),
}

words!(DisputeStatus {
    Self::Inquiry => "inquiry",
    Self::Opened => "opened",
    Self::UnderReview => "under_review",
    Self::Won => "won",
    Self::Lost => "lost",
    Self::Closed => "closed",
} or Other);

impl fmt::Debug for DisputeStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Inquiry => "Inquiry",
            Self::Opened => "Opened",
            Self::UnderReview => "UnderReview",
            Self::Won => "Won",
            Self::Lost => "Lost",
            Self::Closed => "Closed",
            Self::Other(status) => return f.debug_tuple("Other").field(&Word(status)).finish(),
        })
    }
}

/// A customer changed at the vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CustomerEvent {
    /// What changed about the customer.
    pub change: CustomerChange,
    /// The customer that changed.
    pub customer: VendorId,
    /// The application's id of the customer, if the event repeats it.
    pub reference: Option<String>,
}

impl CustomerEvent {
    /// Creates an event about this customer.
    #[must_use]
    pub fn new(change: CustomerChange, customer: VendorId) -> Self {
        Self {
            change,
            customer,
            reference: None,
        }
    }
}

/// A change of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CustomerChange {
    /// The customer was created at the vendor.
    Created,
    /// The customer's data changed.
    Updated,
    /// The customer was deleted at the vendor.
    Deleted,
}

/// A saved source changed at the vendor.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SourceEvent {
    /// What changed about the source.
    pub change: SourceChange,
    /// The source, if there is one yet.
    pub source: Option<VendorId>,
    /// The customer that owns the source.
    pub customer: Option<VendorId>,
}

impl SourceEvent {
    /// Creates an event about this source.
    #[must_use]
    pub fn new(change: SourceChange, source: Option<VendorId>) -> Self {
        Self {
            change,
            source,
            customer: None,
        }
    }
}

/// A change of a saved source.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum SourceChange {
    /// It can be charged from now on.
    Saved,
    /// Its data changed, such as a new date of expiry.
    Updated,
    /// It can no longer be charged.
    Removed,
    /// Saving it requires an action of the payer.
    RequiresAction,
    /// Saving it was declined.
    Failed(Decline),
    /// Saving it was cancelled.
    Cancelled,
}
