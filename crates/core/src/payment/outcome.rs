//! The outcome of a call about one payment, and the error for a caller who accepts nothing but success.

use std::{error::Error as StdError, fmt, sync::Arc};

use super::{
    decline::Decline,
    model::{NextAction, Payment, PaymentStatus},
};
use crate::error::{Delivery, Error, Kind};

/// The outcome of creating, confirming, capturing or cancelling a payment. Exhaustive on purpose.
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
    /// The payment waits for a source or a confirmation, as the request asked: the action says how it is completed,
    /// in the payer's browser ([`NextAction::ClientSecret`]) or by the application ([`NextAction::Confirm`]).
    Incomplete(Payment, NextAction),
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
            | Self::Incomplete(payment, _)
            | Self::Cancelled(payment) => Some(payment),
            Self::Declined(_, payment) => payment.as_deref(),
        }
    }

    /// Converts the payment, if there is one, and keeps what happened to it.
    #[must_use]
    pub fn map_payment(self, convert: impl FnOnce(Payment) -> Payment) -> Self {
        match self {
            Self::Captured(payment) => Self::Captured(convert(payment)),
            Self::Authorized(payment) => Self::Authorized(convert(payment)),
            Self::Processing(payment) => Self::Processing(convert(payment)),
            Self::RequiresAction(payment, action) => Self::RequiresAction(convert(payment), action),
            Self::Incomplete(payment, action) => Self::Incomplete(convert(payment), action),
            Self::Cancelled(payment) => Self::Cancelled(convert(payment)),
            Self::Declined(decline, payment) => {
                Self::Declined(decline, payment.map(|payment| Box::new(convert(*payment))))
            }
        }
    }

    /// Returns the payment if money was captured or authorized.
    ///
    /// # Errors
    /// `Declined` with the decline's code as vendor code; `Conflict` if the payment is in any other state. The payment
    /// exists at the vendor, so the delivery is never `NotSent`, and it is `Unknown` while the vendor is processing the
    /// payment. The message names the payment, and [`of_error`](Self::of_error) returns the outcome itself.
    ///
    /// # Examples
    /// ```
    /// use anyvendor_core::payment::{Payment, PaymentOutcome, PaymentStatus};
    /// use anyvendor_core::values::{Currency, Money, VendorId};
    ///
    /// let amount = Money::from_minor(500, Currency::EUR)?;
    /// let payment = Payment::new(VendorId::new("acme", "pay_1")?, PaymentStatus::Processing, amount);
    /// let error = PaymentOutcome::from(payment).into_success().unwrap_err();
    /// // It may still be charged: do not pay elsewhere, look it up.
    /// assert!(error.is_unknown());
    /// let outcome = PaymentOutcome::of_error(&error).unwrap();
    /// assert_eq!(outcome.payment().unwrap().id.to_string(), "acme:pay_1");
    /// # Ok::<(), anyvendor_core::values::ValueError>(())
    /// ```
    pub fn into_success(self) -> Result<Payment, Error> {
        match self {
            Self::Captured(payment) | Self::Authorized(payment) => Ok(payment),
            other => Err(other.into_error()),
        }
    }

    /// Returns the outcome that [`into_success`](Self::into_success) or
    /// [`charge`](super::PaymentProviderExt::charge) turned into this error.
    #[must_use]
    pub fn of_error(error: &Error) -> Option<&Self> {
        let mut cause = error.source();
        while let Some(this) = cause {
            if let Some(NoSuccess(outcome)) = this.downcast_ref() {
                return Some(outcome);
            }
            cause = this.source();
        }
        None
    }

    /// The error for a caller who needs a payment that was captured or authorized.
    fn into_error(self) -> Error {
        use {
            Delivery::{Accepted, Refused, Unknown},
            Kind::Conflict,
        };
        let (kind, delivery, problem) = match &self {
            Self::Declined(..) => (Kind::Declined, Refused, "was declined"),
            Self::Processing(_) => (
                Conflict,
                Unknown,
                "is still being processed; look it up or wait for its event",
            ),
            Self::RequiresAction(..) => (Conflict, Accepted, "waits for an action of the payer"),
            Self::Incomplete(..) => (Conflict, Accepted, "waits for a source or a confirmation"),
            Self::Cancelled(_) => (Conflict, Refused, "was cancelled or has expired"),
            Self::Captured(_) | Self::Authorized(_) => {
                (Kind::Other, Accepted, "was captured or authorized")
            }
        };
        let payment = self.payment();
        let message = match payment {
            Some(payment) => format!("the payment {} {problem}", payment.id),
            None => format!("the payment {problem}"),
        };
        let mut error = Error::new(kind, delivery, message);
        if let Some(payment) = payment {
            error = error.with_object_id(payment.id.to_string());
            if let Some(vendor) = payment.id.vendor_name() {
                error = error.with_vendor(vendor);
            }
        }
        if let Self::Declined(decline, _) = &self {
            error = error.with_vendor_code(decline.code.as_str());
        }
        error.with_source(NoSuccess(Arc::new(self)))
    }
}

/// The source of an error about a payment that was neither captured nor authorized. It prints the status alone.
struct NoSuccess(Arc<PaymentOutcome>);

impl fmt::Debug for NoSuccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match &*self.0 {
            PaymentOutcome::Captured(_) => "Captured",
            PaymentOutcome::Authorized(_) => "Authorized",
            PaymentOutcome::Processing(_) => "Processing",
            PaymentOutcome::RequiresAction(..) => "RequiresAction",
            PaymentOutcome::Incomplete(..) => "Incomplete",
            PaymentOutcome::Cancelled(_) => "Cancelled",
            PaymentOutcome::Declined(..) => "Declined",
        };
        f.write_str(name)
    }
}

impl fmt::Display for NoSuccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the outcome of the payment is {self:?}")
    }
}

impl StdError for NoSuccess {}

impl From<Payment> for PaymentOutcome {
    fn from(payment: Payment) -> Self {
        match payment.status.clone() {
            PaymentStatus::Captured | PaymentStatus::PartiallyCaptured => Self::Captured(payment),
            PaymentStatus::Authorized => Self::Authorized(payment),
            PaymentStatus::Processing | PaymentStatus::Other(_) => Self::Processing(payment),
            PaymentStatus::RequiresAction(action) => Self::RequiresAction(payment, action),
            PaymentStatus::RequiresSource => {
                let secret = payment.client_secret.clone();
                let action = secret.map_or(NextAction::Confirm, NextAction::ClientSecret);
                Self::Incomplete(payment, action)
            }
            PaymentStatus::RequiresConfirmation => Self::Incomplete(payment, NextAction::Confirm),
            PaymentStatus::Cancelled | PaymentStatus::Expired => Self::Cancelled(payment),
            PaymentStatus::Declined(decline) => Self::Declined(decline, Some(Box::new(payment))),
        }
    }
}

#[cfg(test)]
mod tests;
