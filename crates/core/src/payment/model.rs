//! A payment and its status.

use jiff::Timestamp;

use super::decline::Decline;
use crate::{
    error::{Delivery, Error, Kind},
    values::{Metadata, Money, Secret, SensitiveUrl, VendorId},
};

/// A payment as the vendor stores it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Payment {
    /// The vendor's id of the payment.
    pub id: VendorId,
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
            status,
            amount,
            captured: zero,
            capturable: zero,
            refunded: None,
            customer: None,
            source: None,
            reference: None,
            metadata: Metadata::default(),
            transactions: Vec::new(),
            created_at: None,
            live: false,
        }
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

/// What the payer must do next.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum NextAction {
    /// Open this page; the payer returns to the request's return URL.
    Redirect(SensitiveUrl),
    /// Pass this to the vendor's own code in the payer's browser or app.
    ClientSecret(SensitiveText),
    /// The payer was away and must come back to authenticate: create the payment again on session.
    ReturnToSession,
    /// Any other action, in the vendor's words.
    Other(String),
}

/// A secret that is meant for the payer's device.
#[derive(Debug, Clone)]
pub struct SensitiveText(pub Secret);

impl PartialEq for SensitiveText {
    fn eq(&self, other: &Self) -> bool {
        self.0.expose() == other.0.expose()
    }
}

/// The outcome of creating, capturing or cancelling a payment. Exhaustive on purpose.
#[derive(Debug, Clone, PartialEq)]
pub enum PaymentOutcome {
    /// Money was captured: the whole amount, or after a partial capture the amount in [`Payment::captured`].
    Captured(Payment),
    /// The amount is authorized; capture or cancel it.
    Authorized(Payment),
    /// The vendor is processing the payment; look it up later or wait for its event.
    Processing(Payment),
    /// The payer must act first.
    RequiresAction(Payment, NextAction),
    /// The payment waits for a source or a confirmation, as the request asked.
    Incomplete(Payment),
    /// The payment was cancelled or has expired.
    Cancelled(Payment),
    /// The payment was declined; the payment object is present if the vendor keeps one for declined attempts.
    Declined(Decline, Option<Box<Payment>>),
}

impl PaymentOutcome {
    /// Returns the payment, if there is one.
    #[must_use]
    pub fn payment(&self) -> Option<&Payment> {
        match self {
            Self::Captured(payment)
            | Self::Authorized(payment)
            | Self::Processing(payment)
            | Self::RequiresAction(payment, _)
            | Self::Incomplete(payment)
            | Self::Cancelled(payment) => Some(payment),
            Self::Declined(_, payment) => payment.as_deref(),
        }
    }

    /// Returns the payment if money was captured or authorized.
    ///
    /// # Errors
    /// `Declined` with the decline's code as vendor code; `Conflict` if the payment is in any other state.
    pub fn into_success(self) -> Result<Payment, Error> {
        match self {
            Self::Captured(payment) | Self::Authorized(payment) => Ok(payment),
            Self::Declined(decline, _) => {
                let message = "the payment was declined";
                Err(Error::new(Kind::Declined, Delivery::Refused, message)
                    .with_vendor_code(decline.code.as_str()))
            }
            Self::Processing(_) => Err(Error::new(
                Kind::Conflict,
                Delivery::Unknown,
                "the payment is still being processed",
            )),
            Self::RequiresAction(..) => Err(Error::new(
                Kind::Conflict,
                Delivery::Accepted,
                "the payment waits for an action of the payer",
            )),
            Self::Incomplete(_) => Err(Error::new(
                Kind::Conflict,
                Delivery::Accepted,
                "the payment waits for a source or a confirmation",
            )),
            Self::Cancelled(_) => Err(Error::new(
                Kind::Conflict,
                Delivery::Refused,
                "the payment was cancelled or has expired",
            )),
        }
    }
}

impl From<Payment> for PaymentOutcome {
    fn from(payment: Payment) -> Self {
        match payment.status.clone() {
            PaymentStatus::Captured | PaymentStatus::PartiallyCaptured => Self::Captured(payment),
            PaymentStatus::Authorized => Self::Authorized(payment),
            PaymentStatus::Processing | PaymentStatus::Other(_) => Self::Processing(payment),
            PaymentStatus::RequiresAction(action) => Self::RequiresAction(payment, action),
            PaymentStatus::RequiresSource | PaymentStatus::RequiresConfirmation => {
                Self::Incomplete(payment)
            }
            PaymentStatus::Cancelled | PaymentStatus::Expired => Self::Cancelled(payment),
            PaymentStatus::Declined(decline) => Self::Declined(decline, Some(Box::new(payment))),
        }
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
