//! Options that only Stripe has, for `with_extension` of any request.

use anyvendor_core::{Error, extension, values::Money};
use http::Extensions;
use jiff::Timestamp;

use crate::config::VENDOR;

/// Options that only Stripe has. Add them to a request with `with_extension`. Every request takes `account`; the others
/// belong to the requests that they name, and any other request that carries them is rejected.
///
/// # Examples
/// ```
/// use anyvendor_adapter_stripe::StripeOptions;
/// use anyvendor_core::payment::RefundPayment;
/// use anyvendor_core::values::{IdempotencyKey, VendorId};
///
/// // Part of a marketplace's payment is given back, by the seller who received it.
/// let options = StripeOptions::new().with_reverse_transfer(true).with_refund_application_fee(true);
/// let payment = VendorId::new("stripe", "pi_1")?;
/// let request = RefundPayment::new(payment, IdempotencyKey::new("order-1001")?).with_extension(options);
/// assert_eq!(request.extensions.len(), 1);
/// # Ok::<(), anyvendor_core::values::ValueError>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StripeOptions {
    /// The connected account (`acct_...`) to act for, in place of the connection's. It becomes a part of the ids in the
    /// response (`acct_.../pi_...`), so that calls that follow reach it without this option.
    pub account: Option<String>,
    /// Creating: a text that Stripe adds to the account's own statement descriptor; the request's `statement_descriptor`
    /// is the same thing.
    pub statement_descriptor_suffix: Option<String>,
    /// Creating: the connected account that the payment is settled on.
    pub on_behalf_of: Option<String>,
    /// Creating: an identifier that groups transfers.
    pub transfer_group: Option<String>,
    /// Creating: the connected account that receives the money (`transfer_data[destination]`).
    pub transfer_to: Option<String>,
    /// Creating: the part that the platform keeps, in the payment's currency.
    pub application_fee: Option<Money>,
    /// Creating on Stripe's page: when the page closes, 30 minutes to 24 hours from now. Default: 24 hours.
    pub page_expires_at: Option<Timestamp>,
    /// Refunding a payment that went to a connected account: whether that account pays the refund (`true`) or the
    /// platform. There is no default: such a refund that does not say it is rejected.
    pub reverse_transfer: Option<bool>,
    /// Refunding a payment with an application fee: whether the platform gives its fee back too.
    pub refund_application_fee: Option<bool>,
}

anyvendor_core::debug_only!(StripeOptions {
    application_fee,
    page_expires_at,
    reverse_transfer,
    refund_application_fee
});

/// The fields that belong to creating a payment.
pub(super) const OF_CREATING: &[&str] = &[
    "statement_descriptor_suffix",
    "on_behalf_of",
    "transfer_group",
    "transfer_to",
    "application_fee",
];
/// The field that belongs to Stripe's page, besides those of creating.
pub(super) const OF_PAGE: &str = "page_expires_at";
/// The fields that belong to refunding.
pub(super) const OF_REFUNDING: &[&str] = &["reverse_transfer", "refund_application_fee"];

/// The setters of the options, which are all alike.
macro_rules! setters {
    ($($(#[$doc:meta])+ $name:ident($field:ident: $type:ty);)+) => {
        $($(#[$doc])+ #[must_use] pub fn $name(mut self, $field: impl Into<$type>) -> Self {
            self.$field = Some($field.into());
            self
        })+
    };
}

impl StripeOptions {
    /// Options with nothing set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    setters! {
        /// Sets the connected account to act for.
        with_account(account: String);
        /// Sets the text that is added to the account's own statement descriptor.
        with_statement_descriptor_suffix(statement_descriptor_suffix: String);
        /// Sets the connected account that the payment is settled on.
        with_on_behalf_of(on_behalf_of: String);
        /// Sets the identifier that groups transfers.
        with_transfer_group(transfer_group: String);
        /// Sets the connected account that receives the money.
        with_transfer_to(transfer_to: String);
        /// Sets the part that the platform keeps.
        with_application_fee(application_fee: Money);
        /// Sets when Stripe's page closes.
        with_page_expires_at(page_expires_at: Timestamp);
        /// Sets whether the connected account pays the refund.
        with_reverse_transfer(reverse_transfer: bool);
        /// Sets whether the platform gives its fee back.
        with_refund_application_fee(refund_application_fee: bool);
    }

    /// The options of a request for which only these fields, and the account, can be expressed.
    pub(super) fn of<'a>(
        extensions: &'a Extensions,
        expressible: &[&[&str]],
    ) -> Result<Option<&'a Self>, Error> {
        let options = extension::only::<Self>(VENDOR, extensions)?;
        let fields = options.iter().flat_map(|options| options.fields());
        for (field, is_set) in fields {
            if is_set && !expressible.iter().any(|fields| fields.contains(&field)) {
                let what = format_args!("{field} in this request");
                return Err(Error::unsupported(VENDOR, what).with_field(field));
            }
        }
        Ok(options)
    }

    /// Every field except the account, and whether it is set.
    fn fields(&self) -> [(&'static str, bool); 8] {
        [
            (
                "statement_descriptor_suffix",
                self.statement_descriptor_suffix.is_some(),
            ),
            ("on_behalf_of", self.on_behalf_of.is_some()),
            ("transfer_group", self.transfer_group.is_some()),
            ("transfer_to", self.transfer_to.is_some()),
            ("application_fee", self.application_fee.is_some()),
            (OF_PAGE, self.page_expires_at.is_some()),
            ("reverse_transfer", self.reverse_transfer.is_some()),
            (
                "refund_application_fee",
                self.refund_application_fee.is_some(),
            ),
        ]
    }
}
