//! The payer as the vendor stores them, and the sources they can pay with.

use http::Extensions;
use url::Url;

use super::{
    create::{FutureUse, PaymentSource},
    decline::Decline,
    model::NextAction,
};
use crate::{
    macros::{setters, with_extension},
    resilience::CallOptions,
    values::{
        Currency, EmailAddress, IdempotencyKey, Metadata, PageRequest, PhoneNumber, VendorId,
    },
};

/// A request for the vendor's customer that belongs to the application's; it is created if there is none.
///
/// # Examples
/// ```
/// use anyvendor_core::{payment::CustomerRequest, values::EmailAddress};
///
/// let request = CustomerRequest::new("user-7")
///     .with_email(EmailAddress::new("ann@example.com")?)
///     .with_name("Ann Lee");
/// assert_eq!(request.name.as_deref(), Some("Ann Lee"));
/// // Personal data is not printed.
/// assert!(!format!("{request:?}").contains("Ann"));
/// # Ok::<(), anyvendor_core::values::ValueError>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct CustomerRequest {
    /// The application's id of the customer: the same reference always gives the same vendor customer.
    pub reference: String,
    /// The payer's email address.
    pub email: Option<EmailAddress>,
    /// The name of the payer.
    pub name: Option<String>,
    /// The payer's phone number.
    pub phone: Option<PhoneNumber>,
    /// Metadata that is stored with the customer.
    pub metadata: Metadata,
    /// Options that only one vendor has, by the type that its adapter defines.
    pub extensions: Extensions,
    /// Settings of this call.
    pub options: CallOptions,
}

impl CustomerRequest {
    /// Requests the customer with this application id.
    #[must_use]
    pub fn new(reference: impl Into<String>) -> Self {
        Self {
            reference: reference.into(),
            email: None,
            name: None,
            phone: None,
            metadata: Metadata::default(),
            extensions: Extensions::new(),
            options: CallOptions::default(),
        }
    }

    setters! {
        /// Sets the payer's email address.
        with_email(email: Option<EmailAddress>);
        /// Sets the payer's name.
        with_name(name: Option<String>);
        /// Sets the payer's phone number.
        with_phone(phone: Option<PhoneNumber>);
        /// Sets the metadata that is stored with the customer.
        with_metadata(metadata: Metadata);
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }

    with_extension!();
}

impl std::fmt::Debug for CustomerRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CustomerRequest")
            .field("reference", &self.reference)
            .finish_non_exhaustive()
    }
}

/// A customer as the vendor stores it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Customer {
    /// The vendor's id of the customer.
    pub id: VendorId,
    /// The application's id of the customer.
    pub reference: String,
    /// Whether the vendor has no id for it yet: `id` only carries the application's id, and [`SavedSource::customer`]
    /// of the first saved source has the vendor's.
    pub pending: bool,
}

impl Customer {
    /// Creates a customer with both ids.
    #[must_use]
    pub fn new(id: VendorId, reference: impl Into<String>) -> Self {
        Self {
            id,
            reference: reference.into(),
            pending: false,
        }
    }

    /// Marks a customer that the vendor will know once a source is saved.
    #[must_use]
    pub fn pending(mut self) -> Self {
        self.pending = true;
        self
    }
}

/// A request to save a source for later payments, without paying now.
///
/// # Examples
/// ```
/// use anyvendor_core::{payment::SaveSource, values::{IdempotencyKey, VendorId}};
///
/// let customer = VendorId::new("acme", "cus_1")?;
/// let card = VendorId::new("acme", "card_1")?;
/// let key = IdempotencyKey::new("user-7-save-card")?;
/// let request = SaveSource::new(customer, key).with_source(card.clone());
/// assert_eq!(request.source, Some(card.into()));
/// # Ok::<(), anyvendor_core::values::ValueError>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct SaveSource {
    /// The customer that will own the source.
    pub customer: VendorId,
    /// The source as the vendor's code in the payer's browser created it; or the id in
    /// [`SaveSourceOutcome::RequiresAction`], `Incomplete` or `Processing`, which continues what was begun. With
    /// [`PaymentSource::VendorPage`] the payer chooses on a page of the vendor. Without a source the outcome is
    /// `Incomplete` and says how it is completed, or a vendor that always begins on its own page asks for that page.
    pub source: Option<PaymentSource>,
    /// What the source will be used for.
    pub future_use: FutureUse,
    /// The currency that the source will be charged in, for vendors whose page offers sources by currency.
    pub currency: Option<Currency>,
    /// The key of this logical attempt.
    pub idempotency_key: IdempotencyKey,
    /// Where the payer returns to after authenticating.
    pub return_url: Option<Url>,
    /// Where the payer returns to after giving up, for vendors that distinguish the two.
    pub cancel_url: Option<Url>,
    /// Options that only one vendor has, by the type that its adapter defines.
    pub extensions: Extensions,
    /// Settings of this call.
    pub options: CallOptions,
}

crate::debug_only!(SaveSource {
    customer,
    source,
    future_use,
    idempotency_key
});

impl SaveSource {
    /// Saves a source of `customer` for payments while the payer is away.
    #[must_use]
    pub fn new(customer: VendorId, idempotency_key: IdempotencyKey) -> Self {
        Self {
            customer,
            source: None,
            future_use: FutureUse::OffSession,
            currency: None,
            idempotency_key,
            return_url: None,
            cancel_url: None,
            extensions: Extensions::new(),
            options: CallOptions::default(),
        }
    }

    setters! {
        /// Sets what the source will be used for.
        with_future_use(future_use: FutureUse);
        /// Sets the currency that the source will be charged in.
        with_currency(currency: Option<Currency>);
        /// Sets where the payer returns to.
        with_return_url(return_url: Option<Url>);
        /// Sets where the payer returns to after giving up.
        with_cancel_url(cancel_url: Option<Url>);
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }

    /// Sets the source that is saved.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<PaymentSource>) -> Self {
        self.source = Some(source.into());
        self
    }

    with_extension!();
}

/// The outcome of saving a source. Exhaustive on purpose.
#[derive(Debug, Clone, PartialEq)]
pub enum SaveSourceOutcome {
    /// The source is saved and can be charged.
    Saved(SavedSource),
    /// The payer must act first; once they have, call [`save_source`](super::PaymentProvider::save_source) again with
    /// this id as the source.
    RequiresAction(VendorId, NextAction),
    /// No source was chosen yet: the action says how that is done, such as by the vendor's code in the payer's browser.
    /// Then call [`save_source`](super::PaymentProvider::save_source) again with this id as the source.
    Incomplete(VendorId, NextAction),
    /// The source was declined.
    Declined(Decline),
    /// The vendor is still processing it; call [`save_source`](super::PaymentProvider::save_source) again with this id
    /// as the source to see the result.
    Processing(VendorId),
}

/// A source of payment that the vendor stores.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SavedSource {
    /// The vendor's id, for use in a payment.
    pub id: VendorId,
    /// The customer that owns the source.
    pub customer: Option<VendorId>,
    /// The details that may be shown to the payer.
    pub details: SourceDetails,
}

impl SavedSource {
    /// Creates a saved source.
    #[must_use]
    pub fn new(id: VendorId, customer: Option<VendorId>, details: SourceDetails) -> Self {
        Self {
            id,
            customer,
            details,
        }
    }
}

/// The details of a source that may be shown.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SourceDetails {
    /// A payment card.
    Card {
        /// The brand in lower case, such as `visa`.
        brand: String,
        /// The last four digits of the number.
        last4: String,
        /// The month of expiry, 1 to 12.
        expiry_month: u8,
        /// The year of expiry, with four digits.
        expiry_year: u16,
    },
    /// Any other source, by the vendor's name for it.
    Other(String),
}

// A card's details belong to its holder.
impl std::fmt::Debug for SourceDetails {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Card { .. } => f.debug_struct("Card").finish_non_exhaustive(),
            Self::Other(kind) => f.debug_tuple("Other").field(kind).finish(),
        }
    }
}

/// A request for the saved sources of a customer.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ListSources {
    /// The customer that owns the sources.
    pub customer: VendorId,
    /// Which page is returned, and how many items it has.
    pub page: PageRequest,
    /// Options that only one vendor has, by the type that its adapter defines.
    pub extensions: Extensions,
    /// Settings of this call.
    pub options: CallOptions,
}

impl ListSources {
    /// Lists the first page of the customer's sources.
    #[must_use]
    pub fn new(customer: VendorId) -> Self {
        Self {
            customer,
            page: PageRequest::default(),
            extensions: Extensions::new(),
            options: CallOptions::default(),
        }
    }

    setters! {
        /// Sets which page is returned, and how many items it has.
        with_page(page: PageRequest);
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }

    with_extension!();
}

/// A request to remove a saved source.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RemoveSource {
    /// The source that is removed.
    pub source: VendorId,
    /// Options that only one vendor has, by the type that its adapter defines.
    pub extensions: Extensions,
    /// Settings of this call.
    pub options: CallOptions,
}

impl RemoveSource {
    /// Removes this source.
    #[must_use]
    pub fn new(source: VendorId) -> Self {
        Self {
            source,
            extensions: Extensions::new(),
            options: CallOptions::default(),
        }
    }

    setters! {
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }

    with_extension!();
}
