//! The capabilities of a payment vendor, as data.

use std::time::Duration;

use super::{CaptureMode, CreatePayment, PayerPresence, PaymentSource};
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
    /// Payments can be found by the application's own reference, and when; `None` if they cannot.
    pub find_by_reference: Option<FindCapability>,
    /// The most characters of a reference; `None` if there is no limit.
    pub reference_chars: Option<u32>,
    /// The most characters of a [`unique_reference`](CreatePayment::unique_reference); `None` if the vendor has nothing
    /// of the kind.
    pub unique_reference_chars: Option<u32>,
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
    /// The refunds of a payment can be listed.
    pub list: bool,
}

/// How a vendor finds payments by the application's own reference. A payment younger than the lag may not be found yet,
/// so only an answer about an older one settles that there is none.
///
/// # Examples
/// ```
/// use anyvendor_core::payment::FindCapability;
/// use std::time::Duration;
///
/// // A search index that lags, and a list that is complete at once if the request says where it begins.
/// let find = FindCapability::new(Duration::from_secs(3_600)).with_lag_from_start(Duration::ZERO);
/// assert!(find.reach.is_none());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct FindCapability {
    /// The longest time until a new payment is found.
    pub lag: Duration,
    /// The same for a request with [`created_from`](super::FindPayments::created_from).
    pub lag_from_start: Duration,
    /// How far back payments are found; `None` if there is no limit.
    pub reach: Option<Duration>,
}

impl FindCapability {
    /// Finds payments of any age once they are older than this.
    #[must_use]
    pub const fn new(lag: Duration) -> Self {
        Self {
            lag,
            lag_from_start: lag,
            reach: None,
        }
    }

    /// Sets the lag for a request that says where the search begins.
    #[must_use]
    pub const fn with_lag_from_start(mut self, lag: Duration) -> Self {
        self.lag_from_start = lag;
        self
    }

    /// Sets how far back payments are found.
    #[must_use]
    pub const fn with_reach(mut self, reach: Duration) -> Self {
        self.reach = Some(reach);
        self
    }

    /// What can be said of two vendors together: the longer lag and the shorter reach.
    fn and(self, other: Self) -> Self {
        Self {
            lag: self.lag.max(other.lag),
            lag_from_start: self.lag_from_start.max(other.lag_from_start),
            reach: match (self.reach, other.reach) {
                (Some(one), Some(two)) => Some(one.min(two)),
                (one, two) => one.or(two),
            },
        }
    }
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
    /// The payer can choose the source on a page of the vendor: a payment with
    /// [`PaymentSource::VendorPage`] is `RequiresAction(HostedPage)`.
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
                list: self.refund.list || other.refund.list,
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
            // A payment may be at either vendor, so both have to be asked.
            find_by_reference: self
                .find_by_reference
                .zip(other.find_by_reference)
                .map(|(one, two)| one.and(two)),
            // `None` is no limit, so the vendor with the longer limit counts.
            reference_chars: self
                .reference_chars
                .zip(other.reference_chars)
                .map(|(one, two)| one.max(two)),
            unique_reference_chars: self
                .unique_reference_chars
                .max(other.unique_reference_chars),
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
    /// `Unsupported`, naming the field; `InvalidRequest` for a reference that is empty or too long for the vendor.
    pub fn check(&self, vendor: &'static str, request: &CreatePayment) -> Result<(), Error> {
        let currency = request.amount.currency().code();
        let takes = self
            .currencies
            .is_none_or(|known| known.contains(&currency));
        let away = request.presence == PayerPresence::OffSession;
        let manual = request.capture == CaptureMode::Manual;
        let saves = request.save_source.is_some();
        let notes = !request.metadata.is_empty();
        let page = matches!(request.source, Some(PaymentSource::VendorPage));
        let needs = [
            (
                self.source.on_vendor_page,
                page,
                "source",
                "choosing the source on a page of its own",
            ),
            (
                self.unique_reference_chars.is_some(),
                request.unique_reference.is_some(),
                "unique_reference",
                "an id that is unique among payments; the idempotency key prevents a second charge",
            ),
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
        check_chars("reference", &request.reference, self.reference_chars)?;
        let (unique, most) = (&request.unique_reference, self.unique_reference_chars);
        check_chars("unique_reference", unique, most)
    }
}

fn check_chars(field: &'static str, text: &Option<String>, most: Option<u32>) -> Result<(), Error> {
    let Some(text) = text else {
        return Ok(());
    };
    let most = most.unwrap_or(u32::MAX);
    if text.is_empty() || text.chars().count() > most as usize {
        let remedy = format_args!("must have 1 to {most} characters");
        return Err(Error::invalid(field, remedy));
    }
    Ok(())
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
            (
                payment("EUR").with_source(PaymentSource::VendorPage),
                "source",
            ),
            (
                payment("EUR").with_unique_reference("i-1"),
                "unique_reference",
            ),
        ] {
            let error = some.check("acme", &request).unwrap_err();
            assert_eq!(
                (error.kind(), error.field()),
                (&Kind::Unsupported, Some(field))
            );
        }
    }

    #[test]
    fn f26_reference_and_unique_reference_have_limits_of_their_own() {
        let limited = PaymentCapabilities {
            reference_chars: Some(5),
            unique_reference_chars: Some(3),
            ..Default::default()
        };
        let amount = Money::from_minor(100, Currency::EUR).unwrap();
        let payment = CreatePayment::new(amount, IdempotencyKey::random());
        let good = payment.with_reference("ööööö").with_unique_reference("ööö");
        limited.check("acme", &good).unwrap();
        for (request, field) in [
            (good.clone().with_reference("sixsix"), "reference"),
            (good.clone().with_reference(""), "reference"),
            (
                good.clone().with_unique_reference("four"),
                "unique_reference",
            ),
        ] {
            let error = limited.check("acme", &request).unwrap_err();
            assert_eq!(
                (error.kind(), error.field()),
                (&Kind::InvalidRequest, Some(field))
            );
        }
    }

    #[test]
    fn two_vendors_promise_what_both_keep() {
        let hour = Duration::from_secs(3_600);
        let find = |find| PaymentCapabilities {
            find_by_reference: find,
            reference_chars: Some(5),
            ..Default::default()
        };
        let (fast, slow) = (
            FindCapability::new(hour).with_lag_from_start(Duration::ZERO),
            FindCapability::new(hour * 3).with_reach(hour * 24),
        );
        let both = find(Some(fast)).or(find(Some(slow)));
        assert_eq!(both.find_by_reference, Some(slow));
        assert_eq!(find(Some(fast)).or(find(None)).find_by_reference, None);
        let no_limit = PaymentCapabilities::default();
        assert_eq!(find(None).or(no_limit).reference_chars, None);
    }
}
