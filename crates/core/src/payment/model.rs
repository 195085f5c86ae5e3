//! What a payment is and how it stands.

use jiff::Timestamp;

use super::decline::Decline;
use crate::{
    error::{Error, Kind},
    values::{Metadata, Money, Secret, SensitiveUrl, VendorId},
};

/// A payment as the vendor keeps it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Payment {
    /// The vendor's id.
    pub id: VendorId,
    /// How it stands.
    pub status: PaymentStatus,
    /// What was asked for.
    pub amount: Money,
    /// What was taken so far.
    pub captured: Money,
    /// What is reserved and can still be captured.
    pub capturable: Money,
    /// What was given back, where the response says so.
    pub refunded: Option<Money>,
    /// The payer.
    pub customer: Option<VendorId>,
    /// What was paid with.
    pub source: Option<VendorId>,
    /// Our own id of the payment, as sent in the request.
    pub reference: Option<String>,
    /// What was stored beside it.
    pub metadata: Metadata,
    /// What the vendor booked for it under ids of its own, oldest first, where the response says so: the numbers that its
    /// statements, its support and its events name.
    pub transactions: Vec<Transaction>,
    /// When the vendor made it.
    pub created_at: Option<Timestamp>,
    /// Whether real money moves.
    pub live: bool,
}

impl Payment {
    /// A payment of which only this is known; adapters fill in the rest.
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

/// One booking of a vendor for a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Transaction {
    /// What was booked.
    pub kind: TransactionKind,
    /// The vendor's id of it.
    pub id: VendorId,
    /// How much.
    pub amount: Money,
}

impl Transaction {
    /// A booking.
    #[must_use]
    pub fn new(kind: TransactionKind, id: VendorId, amount: Money) -> Self {
        Self { kind, id, amount }
    }
}

/// What was booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransactionKind {
    /// Money was reserved.
    Authorization,
    /// Money was taken.
    Capture,
    /// Money was given back.
    Refund,
}

/// How a payment stands. Exhaustive on purpose: an application must face each.
#[derive(Debug, Clone, PartialEq)]
pub enum PaymentStatus {
    /// It has no source yet.
    RequiresSource,
    /// It has a source and waits to be confirmed.
    RequiresConfirmation,
    /// The payer must do something first.
    RequiresAction(NextAction),
    /// The vendor works on it; the result arrives later.
    Processing,
    /// The amount is reserved and can be captured.
    Authorized,
    /// Less than the amount was taken; see [`Payment::captured`] and [`Payment::capturable`].
    PartiallyCaptured,
    /// The whole amount was taken.
    Captured,
    /// Refused.
    Declined(Decline),
    /// Cancelled before anything was taken.
    Cancelled,
    /// The reservation ran out.
    Expired,
    /// A status that we have no word for, in the vendor's.
    Other(String),
}

/// What the payer must do.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum NextAction {
    /// Open this page; the payer comes back to the request's return URL.
    Redirect(SensitiveUrl),
    /// Hand this to the vendor's own code in the payer's browser or app.
    ClientSecret(SensitiveText),
    /// The payer was away and must come back to authenticate: create the payment again on session.
    ReturnToSession,
    /// Something that we have no word for, in the vendor's.
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

/// What came of creating, capturing or cancelling a payment. Exhaustive on purpose.
#[derive(Debug, Clone, PartialEq)]
pub enum PaymentOutcome {
    /// Money was taken: the whole amount, or for a partial capture what [`Payment::captured`] says.
    Captured(Payment),
    /// The amount is reserved; capture or cancel it.
    Authorized(Payment),
    /// The vendor works on it; look it up later or wait for its event.
    Processing(Payment),
    /// The payer must act first.
    RequiresAction(Payment, NextAction),
    /// It waits for a source or a confirmation, as the request asked.
    Incomplete(Payment),
    /// It was cancelled or has expired.
    Cancelled(Payment),
    /// Refused; the payment object is there where the vendor keeps one of a refused attempt.
    Declined(Decline, Option<Box<Payment>>),
}

impl PaymentOutcome {
    /// The payment, where there is one.
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

    /// The payment if money was taken or reserved.
    ///
    /// # Errors
    /// `Declined` with the decline's code as vendor code; `Conflict` when the payment waits for something.
    pub fn into_success(self) -> Result<Payment, Error> {
        match self {
            Self::Captured(payment) | Self::Authorized(payment) => Ok(payment),
            Self::Declined(decline, _) => {
                Err(Error::new(Kind::Declined, "the payment was declined")
                    .with_vendor_code(decline.code.as_str()))
            }
            Self::Processing(_) => Err(Error::new(
                Kind::Conflict,
                "the payment is still being processed",
            )),
            Self::RequiresAction(..) => Err(Error::new(
                Kind::Conflict,
                "the payment waits for an action of the payer",
            )),
            Self::Incomplete(_) => Err(Error::new(
                Kind::Conflict,
                "the payment waits for a source or a confirmation",
            )),
            Self::Cancelled(_) => Err(Error::new(
                Kind::Conflict,
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

/// Money given back.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Refund {
    /// The vendor's id.
    pub id: VendorId,
    /// How it stands; a succeeded refund can still fail later.
    pub status: RefundStatus,
    /// How much.
    pub amount: Money,
    /// Of which payment, where the response says so.
    pub payment: Option<VendorId>,
    /// What was stored beside it.
    pub metadata: Metadata,
    /// When the vendor made it.
    pub created_at: Option<Timestamp>,
}

impl Refund {
    /// A refund of which only this is known.
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

/// How a refund stands. Exhaustive on purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundStatus {
    /// On its way.
    Pending,
    /// Something must be done for it first.
    RequiresAction,
    /// Done.
    Succeeded,
    /// The money came back to us.
    Failed(RefundFailure),
    /// Cancelled.
    Cancelled,
    /// A status that we have no word for, in the vendor's.
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
    /// We asked for it.
    RequestedByMerchant,
    /// No reason given.
    Unknown,
    /// A reason that we have no word for, in the vendor's.
    Other(String),
}
