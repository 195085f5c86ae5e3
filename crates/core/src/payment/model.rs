//! A payment and its status.

use jiff::Timestamp;

use super::decline::Decline;
use crate::{
    macros::words,
    values::{Metadata, Money, Secret, SensitiveUrl, VendorId},
};

/// A payment as the vendor stores it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Payment {
    /// The vendor's id of the payment.
    pub id: VendorId,
    /// Other ids that the vendor has for this payment, such as the one that a page of the vendor gave it: its events may
    /// name any of them.
    pub other_ids: Vec<VendorId>,
    /// The status of the payment.
    pub status: PaymentStatus,
    /// The amount that was requested.
    pub amount: Money,
    /// The amount captured so far.
    pub captured: Money,
    /// The amount that is authorized and can still be captured.
    pub capturable: Money,
    /// The amount refunded so far, if the response contains it.
    pub refunded: Option<Money>,
    /// The payer as the vendor's customer.
    pub customer: Option<VendorId>,
    /// The source that paid.
    pub source: Option<VendorId>,
    /// The application's id of the payment, as sent in the request.
    pub reference: Option<String>,
    /// The metadata stored with the payment.
    pub metadata: Metadata,
    /// The secret with which the vendor's code in the payer's browser or app completes the payment, if the vendor has
    /// one. Whoever has it can act on the payment, so it is for this payer's device only.
    pub client_secret: Option<SensitiveText>,
    /// The vendor's transactions for the payment, each with its own id, oldest first, if the response contains them:
    /// statements, support and events refer to these ids.
    pub transactions: Vec<Transaction>,
    /// When the vendor created the payment.
    pub created_at: Option<Timestamp>,
    /// Whether real money moves.
    pub live: bool,
}

impl Payment {
    /// Creates a payment of which only this is known; adapters fill in the rest.
    #[must_use]
    pub fn new(id: VendorId, status: PaymentStatus, amount: Money) -> Self {
        let zero = Money::zero(amount.currency());
        Self {
            id,
            other_ids: Vec::new(),
            status,
            amount,
            captured: zero,
            capturable: zero,
            refunded: None,
            customer: None,
            source: None,
            reference: None,
            metadata: Metadata::default(),
            client_secret: None,
            transactions: Vec::new(),
            created_at: None,
            live: false,
        }
    }

    /// Whether this id names the payment: its own id, one of its other ids, or the id of one of its transactions.
    ///
    /// # Examples
    /// ```
    /// use anyvendor_core::payment::{Payment, PaymentStatus};
    /// use anyvendor_core::values::{Currency, Money, VendorId};
    ///
    /// let id = VendorId::new("acme", "page_1")?;
    /// let amount = Money::from_minor(500, Currency::EUR)?;
    /// let mut payment = Payment::new(id.clone(), PaymentStatus::Captured, amount);
    /// payment.other_ids.push(VendorId::new("acme", "pay_1")?);
    /// assert!(payment.is_named_by(&id) && payment.is_named_by(&VendorId::new("acme", "pay_1")?));
    /// # Ok::<(), anyvendor_core::values::ValueError>(())
    /// ```
    #[must_use]
    pub fn is_named_by(&self, id: &VendorId) -> bool {
        let of_transactions = self.transactions.iter().map(|transaction| &transaction.id);
        let mut ids = [&self.id]
            .into_iter()
            .chain(&self.other_ids)
            .chain(of_transactions);
        ids.any(|one| one == id)
    }
}

/// One transaction of a vendor for a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Transaction {
    /// The kind of the transaction.
    pub kind: TransactionKind,
    /// The vendor's id of the transaction.
    pub id: VendorId,
    /// The amount of the transaction.
    pub amount: Money,
}

impl Transaction {
    /// Creates a transaction from its parts.
    #[must_use]
    pub fn new(kind: TransactionKind, id: VendorId, amount: Money) -> Self {
        Self { kind, id, amount }
    }
}

/// The kind of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransactionKind {
    /// Money was authorized, and is reserved.
    Authorization,
    /// Money was captured.
    Capture,
    /// Money was refunded.
    Refund,
}

words!(TransactionKind {
    Self::Authorization => "authorization",
    Self::Capture => "capture",
    Self::Refund => "refund",
});

/// The status of a payment. Exhaustive on purpose: an application must handle each.
#[derive(Debug, Clone, PartialEq)]
pub enum PaymentStatus {
    /// The payment has no source yet.
    RequiresSource,
    /// The payment has a source and must be confirmed.
    RequiresConfirmation,
    /// The payer must act first.
    RequiresAction(NextAction),
    /// The vendor is processing the payment; the result arrives later.
    Processing,
    /// The amount is authorized and can be captured.
    Authorized,
    /// Less than the amount was captured; see [`Payment::captured`] and [`Payment::capturable`].
    PartiallyCaptured,
    /// The whole amount was captured.
    Captured,
    /// The payment was declined.
    Declined(Decline),
    /// The payment was cancelled before anything was captured.
    Cancelled,
    /// The authorization expired.
    Expired,
    /// Any other status, in the vendor's words.
    Other(String),
}

words!(PaymentStatus {
    Self::RequiresSource => "requires_source",
    Self::RequiresConfirmation => "requires_confirmation",
    Self::RequiresAction(_) => "requires_action",
    Self::Processing => "processing",
    Self::Authorized => "authorized",
    Self::PartiallyCaptured => "partially_captured",
    Self::Captured => "captured",
    Self::Declined(_) => "declined",
    Self::Cancelled => "cancelled",
    Self::Expired => "expired",
} or Other);

/// What must happen before the payment, or the saving of a source, can continue.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum NextAction {
    /// Open this page, such as the one of the payer's bank; the payer returns to the request's return URL. Then call
    /// [`confirm`](super::PaymentProvider::confirm).
    Redirect(SensitiveUrl),
    /// Open this page of the vendor, where the payer chooses how to pay and approves; they return to the request's
    /// return URL. Then call [`confirm`](super::PaymentProvider::confirm).
    HostedPage(SensitiveUrl),
    /// Pass this to the vendor's own code in the payer's browser or app, which completes the payment there. Its result
    /// is no proof: look the payment up, or wait for its event.
    ClientSecret(SensitiveText),
    /// Nothing is asked of the payer: call [`confirm`](super::PaymentProvider::confirm), with a source if the payment
    /// has none.
    Confirm,
    /// The payer was away and must come back to authenticate: create the payment again on session.
    ReturnToSession,
    /// Any other action, in the vendor's words.
    Other(String),
}

impl NextAction {
    /// Returns the page that the payer has to open, the vendor's own or another.
    #[must_use]
    pub fn page(&self) -> Option<&SensitiveUrl> {
        match self {
            Self::Redirect(page) | Self::HostedPage(page) => Some(page),
            _ => None,
        }
    }
}

/// A secret that is meant for the payer's device.
#[derive(Debug, Clone)]
pub struct SensitiveText(pub Secret);

impl PartialEq for SensitiveText {
    fn eq(&self, other: &Self) -> bool {
        self.0.expose() == other.0.expose()
    }
}

/// A refund of captured money.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Refund {
    /// The vendor's id of the refund.
    pub id: VendorId,
    /// The status of the refund; a succeeded refund can still fail later.
    pub status: RefundStatus,
    /// The refunded amount.
    pub amount: Money,
    /// The payment that was refunded, if the response names it.
    pub payment: Option<VendorId>,
    /// The metadata stored with the refund.
    pub metadata: Metadata,
    /// When the vendor created the refund.
    pub created_at: Option<Timestamp>,
}

impl Refund {
    /// Creates a refund of which only this is known.
    #[must_use]
    pub fn new(id: VendorId, status: RefundStatus, amount: Money) -> Self {
        Self {
            id,
            status,
            amount,
            payment: None,
            metadata: Metadata::default(),
            created_at: None,
        }
    }
}

/// The status of a refund. Exhaustive on purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundStatus {
    /// The refund is in progress.
    Pending,
    /// An action is required before the refund can proceed.
    RequiresAction,
    /// The refund succeeded.
    Succeeded,
    /// The refund failed, and the money came back to us.
    Failed(RefundFailure),
    /// The refund was cancelled.
    Cancelled,
    /// Any other status, in the vendor's words.
    Other(String),
}

words!(RefundStatus {
    Self::Pending => "pending",
    Self::RequiresAction => "requires_action",
    Self::Succeeded => "succeeded",
    Self::Failed(_) => "failed",
    Self::Cancelled => "cancelled",
} or Other);

/// Why a refund failed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RefundFailure {
    /// The source was reported lost or stolen.
    LostOrStolen,
    /// The source has expired or was cancelled.
    ExpiredOrCancelled,
    /// Our balance is too low.
    InsufficientFunds,
    /// The bank declined.
    Declined,
    /// The payment is disputed.
    Disputed,
    /// The application asked to stop the refund.
    RequestedByMerchant,
    /// The vendor gave no reason.
    Unknown,
    /// Any other reason, in the vendor's words.
    Other(String),
}

words!(RefundFailure {
    Self::LostOrStolen => "lost_or_stolen",
    Self::ExpiredOrCancelled => "expired_or_cancelled",
    Self::InsufficientFunds => "insufficient_funds",
    Self::Declined => "declined",
    Self::Disputed => "disputed",
    Self::RequestedByMerchant => "requested_by_merchant",
    Self::Unknown => "unknown",
} or Other);
