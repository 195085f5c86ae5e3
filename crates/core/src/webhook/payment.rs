//! Events about payments, customers and saved sources.

use crate::{
    payment::{Decline, RefundStatus},
    values::{IdempotencyKey, Money, VendorId},
};

/// A payment moved on.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PaymentEvent {
    /// How.
    pub change: PaymentChange,
    /// Which payment, by the id that [`Payment::id`](crate::payment::Payment::id) has, where the event names it.
    pub payment: Option<VendorId>,
    /// The vendor's booking that the event is about: a capture, an authorization, a refund, a dispute. See
    /// [`Payment::transactions`](crate::payment::Payment::transactions).
    pub transaction: Option<VendorId>,
    /// Our own id of the payment, where the event repeats it.
    pub reference: Option<String>,
    /// Whose payment.
    pub customer: Option<VendorId>,
    /// What the event is about: of a refund the amount given back, of a capture the amount taken, else what was asked for.
    pub amount: Option<Money>,
    /// What was taken so far in all, where the event says so.
    pub captured: Option<Money>,
    /// The key of the call that caused it, where the event repeats it: joins it to our own record.
    pub idempotency_key: Option<IdempotencyKey>,
}

impl PaymentEvent {
    /// An event of which only this is known; adapters fill in the rest.
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
}

/// How a payment moved on.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum PaymentChange {
    /// The vendor has it.
    Created,
    /// The payer has agreed; confirm it now, or the vendor lets it lapse.
    RequiresConfirmation,
    /// The payer must do something first.
    RequiresAction,
    /// The vendor works on it.
    Processing,
    /// The amount is reserved and can be captured.
    Authorized,
    /// Money was taken: what vendors call succeeded, captured or completed.
    Captured,
    /// An attempt was refused. The same payment may succeed with another source later.
    Failed(Decline),
    /// Cancelled before anything was taken.
    Cancelled,
    /// The reservation, or the payer's agreement, ran out.
    Expired,
    /// A refund was made or moved on.
    Refunded(RefundStatus),
    /// The payer disputes it, or the dispute moved on.
    Disputed(DisputeStatus),
    /// The vendor took the money back, outside a refund of ours.
    Reversed,
    /// Somebody warns of fraud; nothing has moved.
    FraudWarning,
    /// Something changed that the event does not tell: look the payment up.
    Updated,
}

/// How a dispute stands.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DisputeStatus {
    /// The bank asks, and no money is held back yet.
    Inquiry,
    /// Opened: we are to answer.
    Opened,
    /// The bank or the vendor decides.
    UnderReview,
    /// For us: the money stays or came back.
    Won,
    /// For the payer.
    Lost,
    /// Over without a verdict.
    Closed,
    /// A status that we have no word for, in the vendor's.
    Other(String),
}

/// A customer changed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CustomerEvent {
    /// How.
    pub change: CustomerChange,
    /// Which.
    pub customer: VendorId,
    /// Our own id of the customer, where the event repeats it.
    pub reference: Option<String>,
}

impl CustomerEvent {
    /// A change of this customer.
    #[must_use]
    pub fn new(change: CustomerChange, customer: VendorId) -> Self {
        Self {
            change,
            customer,
            reference: None,
        }
    }
}

/// How a customer changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CustomerChange {
    /// The vendor has it.
    Created,
    /// Its data changed.
    Updated,
    /// The vendor has it no more.
    Deleted,
}

/// A saved source changed.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SourceEvent {
    /// How.
    pub change: SourceChange,
    /// Which, where there is one yet.
    pub source: Option<VendorId>,
    /// Whose.
    pub customer: Option<VendorId>,
}

impl SourceEvent {
    /// A change of this source.
    #[must_use]
    pub fn new(change: SourceChange, source: Option<VendorId>) -> Self {
        Self {
            change,
            source,
            customer: None,
        }
    }
}

/// How a saved source changed.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum SourceChange {
    /// It can be charged from now on.
    Saved,
    /// Its data changed, such as a new date of expiry.
    Updated,
    /// It cannot be charged any more.
    Removed,
    /// Saving it waits for the payer.
    RequiresAction,
    /// Saving it was refused.
    Failed(Decline),
    /// Saving it was given up.
    Cancelled,
}
