//! Options that only Stripe has, for `CreatePayment::with_extension`.

use anyvendor_core::values::Money;

/// Options that only Stripe has. Add them to a [`CreatePayment`](anyvendor_core::payment::CreatePayment) with
/// `with_extension`.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StripeOptions {
    /// The connected account (`acct_...`) to act for, in place of the connection's.
    pub account: Option<String>,
    /// A text that Stripe adds to the account's own statement descriptor; at most 22 characters.
    pub statement_descriptor_suffix: Option<String>,
    /// The connected account that the payment is settled on.
    pub on_behalf_of: Option<String>,
    /// An identifier that groups transfers.
    pub transfer_group: Option<String>,
    /// The connected account that receives the money (`transfer_data[destination]`).
    pub transfer_to: Option<String>,
    /// The part that the platform keeps, in the payment's currency.
    pub application_fee: Option<Money>,
}

anyvendor_core::debug_only!(StripeOptions { application_fee });

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
    }
}
