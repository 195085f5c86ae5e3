//! The capabilities of a payment vendor, as data.

use super::{CaptureMode, CreatePayment, PayerPresence};
use crate::error::Error;

/// The capabilities of a payment vendor. By default there are none; adapters set what is true.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PaymentCapabilities {
    /// Capturing the money later than authorizing it.
    pub capture: CaptureCapability,
    /// Refunding captured money.
    pub refund: RefundCapability,
    /// Customers and their saved sources.
    pub source: SourceCapability,
    /// Charging a saved source while the payer is away.
    pub off_session: bool,
    /// Payments can be listed.
    pub list: bool,
    /// Metadata can be stored with payments and refunds.
    pub metadata: bool,
    /// The ISO 4217 codes that the vendor accepts; `None` if that depends on the account.
    pub currencies: Option<&'static [&'static str]>,
    /// How long the vendor remembers an idempotency key, in hours; `None` if it has no such keys.
    pub idempotency_hours: Option<u32>,
}

/// The capabilities of capturing later than authorizing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CaptureCapability {
    /// The amount can be authorized now and captured later.
    pub manual: bool,
    /// Less than the authorized amount can be captured; the rest is released.
    pub partial: bool,
    /// The authorized amount can be captured in several parts.
    pub multiple: bool,
}

/// The capabilities of refunding.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RefundCapability {
    /// A payment can be refunded in full.
    pub full: bool,
    /// Less than the captured amount can be refunded, several times.
    pub partial: bool,
}

/// The capabilities of customers and saved sources.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SourceCapability {
    /// The vendor stores customers.
    pub customers: bool,
    /// A source can be saved without a payment.
    pub save: bool,
    /// The source of a payment can be saved for later.
    pub save_with_payment: bool,
    /// Saved sources can be listed and removed.
    pub list: bool,
    /// The payer can choose the source on a page of the vendor: a payment without a source is
    /// `RequiresAction(Redirect)`.
    pub on_vendor_page: bool,
}

impl PaymentCapabilities {
    /// The capabilities that at least one of two vendors has: a request goes to the vendor that supports it.
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
            // Two static lists cannot be joined into a third; each vendor still checks its own.
            currencies: if self.currencies == other.currencies {
                self.currencies
            } else {
                None
            },
            idempotency_hours: self.idempotency_hours.min(other.idempotency_hours),
        }
    }

    /// Rejects a payment that a vendor with these capabilities does not support.
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
