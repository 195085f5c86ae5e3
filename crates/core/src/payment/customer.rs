//! The payer as the vendor keeps them, and what they can pay with.

use url::Url;

use super::{decline::Decline, model::NextAction, request::FutureUse};
use crate::{
    macros::setters,
    resilience::CallOptions,
    values::{EmailAddress, IdempotencyKey, Metadata, PageRequest, PhoneNumber, VendorId},
};

/// Asks for the vendor's customer that belongs to ours, making it if there is none.
#[derive(Clone)]
#[non_exhaustive]
pub struct CustomerRequest {
    /// Our own id of the customer: the same reference always gives the same vendor customer.
    pub reference: String,
    /// The payer's address.
    pub email: Option<EmailAddress>,
    /// The payer's name.
    pub name: Option<String>,
    /// The payer's number.
    pub phone: Option<PhoneNumber>,
    /// Stored beside the customer.
    pub metadata: Metadata,
    /// Settings of this call.
    pub options: CallOptions,
}

impl CustomerRequest {
    /// Asks for the customer with our own id `reference`.
    #[must_use]
    pub fn new(reference: impl Into<String>) -> Self {
        Self {
            reference: reference.into(),
            email: None,
            name: None,
            phone: None,
            metadata: Metadata::default(),
            options: CallOptions::default(),
        }
    }

    setters! {
        /// Sets the payer's address.
        with_email(email: Option<EmailAddress>);
        /// Sets the payer's name.
        with_name(name: Option<String>);
        /// Sets the payer's number.
        with_phone(phone: Option<PhoneNumber>);
        /// Sets what is stored beside the customer.
        with_metadata(metadata: Metadata);
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }
}

impl std::fmt::Debug for CustomerRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CustomerRequest")
            .field("reference", &self.reference)
            .finish_non_exhaustive()
    }
}

/// A customer as the vendor keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Customer {
    /// The vendor's id.
    pub id: VendorId,
    /// Our own id.
    pub reference: String,
    /// Whether the vendor has no id for it yet: `id` only carries our own, and [`SavedSource::customer`] of the first
    /// source saved names the vendor's.
    pub pending: bool,
}

impl Customer {
    /// A customer under both ids.
    #[must_use]
    pub fn new(id: VendorId, reference: impl Into<String>) -> Self {
        Self {
            id,
            reference: reference.into(),
            pending: false,
        }
    }

    /// A customer that the vendor will know once a source is saved.
    #[must_use]
    pub fn pending(mut self) -> Self {
        self.pending = true;
        self
    }
}

/// Keeps a source for later payments, without paying now.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SaveSource {
    /// Whose.
    pub customer: VendorId,
    /// The source as the vendor's code in the payer's browser made it, or what [`SaveSourceOutcome::RequiresAction`] named
    /// before the payer acted. Without one the payer chooses on a page of the vendor, where it has one.
    pub source: Option<VendorId>,
    /// What it is meant for.
    pub future_use: FutureUse,
    /// Identifies this logical attempt.
    pub idempotency_key: IdempotencyKey,
    /// Where the payer returns to after authenticating.
    pub return_url: Option<Url>,
    /// Where the payer returns to after giving up, for vendors that tell the two apart.
    pub cancel_url: Option<Url>,
    /// Settings of this call.
    pub options: CallOptions,
}

impl SaveSource {
    /// Saves a source of `customer` for payments while the payer is away.
    #[must_use]
    pub fn new(customer: VendorId, idempotency_key: IdempotencyKey) -> Self {
        Self {
            customer,
            source: None,
            future_use: FutureUse::OffSession,
            idempotency_key,
            return_url: None,
            cancel_url: None,
            options: CallOptions::default(),
        }
    }

    setters! {
        /// Sets the source.
        with_source(source: Option<VendorId>);
        /// Sets what the source is meant for.
        with_future_use(future_use: FutureUse);
        /// Sets where the payer returns to.
        with_return_url(return_url: Option<Url>);
        /// Sets where the payer returns to after giving up.
        with_cancel_url(cancel_url: Option<Url>);
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }
}

/// What came of saving a source. Exhaustive on purpose.
#[derive(Debug, Clone, PartialEq)]
pub enum SaveSourceOutcome {
    /// It can be charged.
    Saved(SavedSource),
    /// The payer must act first; once they have, call [`save_source`](super::PaymentProvider::save_source) again with this
    /// id as the source.
    RequiresAction(VendorId, NextAction),
    /// Refused.
    Declined(Decline),
    /// The vendor works on it.
    Processing,
}

/// Something to pay with that the vendor keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SavedSource {
    /// The vendor's id, to be used in a payment.
    pub id: VendorId,
    /// Whose.
    pub customer: Option<VendorId>,
    /// What it is, as far as it may be shown to the payer.
    pub details: SourceDetails,
}

impl SavedSource {
    /// A saved source.
    #[must_use]
    pub fn new(id: VendorId, customer: Option<VendorId>, details: SourceDetails) -> Self {
        Self {
            id,
            customer,
            details,
        }
    }
}

/// What may be shown of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SourceDetails {
    /// A card.
    Card {
        /// The brand in lower case, such as `visa`.
        brand: String,
        /// The last four digits.
        last4: String,
        /// The month of expiry, 1 to 12.
        expiry_month: u8,
        /// The year of expiry.
        expiry_year: u16,
    },
    /// Anything else, in the vendor's word for it.
    Other(String),
}

/// Asks for the sources of a customer.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ListSources {
    /// Whose.
    pub customer: VendorId,
    /// Which page, and how long.
    pub page: PageRequest,
    /// Settings of this call.
    pub options: CallOptions,
}

impl ListSources {
    /// The first page of the customer's sources.
    #[must_use]
    pub fn new(customer: VendorId) -> Self {
        Self {
            customer,
            page: PageRequest::default(),
            options: CallOptions::default(),
        }
    }

    setters! {
        /// Sets which page, and how long.
        with_page(page: PageRequest);
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }
}

/// Removes a saved source.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RemoveSource {
    /// Which.
    pub source: VendorId,
    /// Settings of this call.
    pub options: CallOptions,
}

impl RemoveSource {
    /// Removes this source.
    #[must_use]
    pub fn new(source: VendorId) -> Self {
        Self {
            source,
            options: CallOptions::default(),
        }
    }

    setters! {
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }
}
