//! What a payment vendor can do, as data.

use super::{CaptureMode, CreatePayment, PayerPresence};
use crate::error::Error;

/// What a payment vendor can do. The default is nothing; adapters set what is true.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PaymentCapabilities {
    /// Taking the money later than reserving it.
    pub capture: CaptureCapability,
    /// Giving money back.
    pub refund: RefundCapability,
    /// Customers and their saved sources.
    pub source: SourceCapability,
    /// Charging while the payer is away.
    pub off_session: bool,
    /// Listing payments.
    pub list: bool,
    /// Keeping data of ours beside payments and refunds.
    pub metadata: bool,
    /// The ISO 4217 codes that the vendor takes; `None` where the account decides.
    pub currencies: Option<&'static [&'static str]>,
    /// How long the vendor remembers an idempotency key, in hours; `None` where it has no such keys.
    pub idempotency_hours: Option<u32>,
}

/// Taking the money later than reserving it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CaptureCapability {
    /// Reserve now, capture later.
    pub manual: bool,
    /// Capture less than was reserved; the rest is released.
    pub partial: bool,
    /// Capture several times until the reserved amount is used up.
    pub multiple: bool,
}

/// Giving money back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RefundCapability {
    /// Refunds at all.
    pub full: bool,
    /// Refund less than was captured, several times.
    pub partial: bool,
}

/// Customers and their saved sources.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SourceCapability {
    /// The vendor keeps customer objects.
    pub customers: bool,
    /// Save a source without paying.
    pub save: bool,
    /// Save the source of a payment for later.
    pub save_with_payment: bool,
    /// List and remove saved sources.
    pub list: bool,
    /// The payer can choose the source on a page of the vendor: a payment without one is `RequiresAction(Redirect)`.
    pub on_vendor_page: bool,
}

impl PaymentCapabilities {
    /// What one of two vendors can do: a request goes to the one that can take it.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            capture: CaptureCapability {
                manual: self.capture.manual || other.capture.manual,
                partial: self.capture.partial || other.capture.partial,
                multiple: self.capture.multiple || other.capture.multiple,
            },
            refund: RefundCapability {
                full: self.refund.full || other.refund.full,
                partial: self.refund.partial || other.refund.partial,
            },
            source: SourceCapability {
                customers: self.source.customers || other.source.customers,
                save: self.source.save || other.source.save,
                save_with_payment: self.source.save_with_payment || other.source.save_with_payment,
                list: self.source.list || other.source.list,
                on_vendor_page: self.source.on_vendor_page || other.source.on_vendor_page,
            },
            off_session: self.off_session || other.off_session,
            list: self.list || other.list,
            metadata: self.metadata || other.metadata,
            // Two lists make no third one that is static; each vendor still checks its own.
            currencies: match self.currencies == other.currencies {
                true => self.currencies,
                false => None,
            },
            idempotency_hours: self.idempotency_hours.min(other.idempotency_hours),
        }
    }

    /// Refuses a payment that a vendor with these capabilities cannot take.
    ///
    /// # Errors
    /// `Unsupported`, naming the field.
    pub fn check(&self, vendor: &'static str, request: &CreatePayment) -> Result<(), Error> {
        let currency = request.amount.currency().code();
        let takes = self
            .currencies
            .is_none_or(|known| known.contains(&currency));
        let away = request.presence == PayerPresence::OffSession;
        let manual = request.capture == CaptureMode::Manual;
        let saves = request.save_source.is_some();
        let notes = !request.metadata.is_empty();
        let needs = [
            (self.metadata, notes, "metadata", "metadata"),
            (takes, true, "amount", "this currency"),
            (self.capture.manual, manual, "capture", "capturing later"),
            (
                self.off_session,
                away,
                "presence",
                "charging while the payer is away",
            ),
            (
                self.source.save_with_payment,
                saves,
                "save_source",
                "keeping the source of a payment",
            ),
        ];
        for (can, asked, field, what) in needs {
            if asked && !can {
                return Err(Error::unsupported(vendor, what).with_field(field));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        error::Kind,
        payment::FutureUse,
        values::{Currency, IdempotencyKey, Money},
    };

    #[test]
    fn what_the_vendor_cannot_do_is_unsupported() {
        let payment = |code| {
            let amount = Money::from_minor(100, Currency::from_code(code).unwrap());
            CreatePayment::new(amount.unwrap(), IdempotencyKey::random())
        };
        let some = PaymentCapabilities {
            currencies: Some(&["EUR", "USD"]),
            ..Default::default()
        };
        assert!(some.check("acme", &payment("EUR")).is_ok());
        assert!(
            PaymentCapabilities::default()
                .check("acme", &payment("JPY"))
                .is_ok()
        );
        for (request, field) in [
            (payment("JPY"), "amount"),
            (payment("EUR").with_capture(CaptureMode::Manual), "capture"),
            (
                payment("EUR").with_presence(PayerPresence::OffSession),
                "presence",
            ),
            (
                payment("EUR").with_save_source(FutureUse::OffSession),
                "save_source",
            ),
        ] {
            let error = some.check("acme", &request).unwrap_err();
            assert_eq!(
                (error.kind(), error.field()),
                (&Kind::Unsupported, Some(field))
            );
        }
    }
}
