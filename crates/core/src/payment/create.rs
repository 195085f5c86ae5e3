//! The request that creates a payment, and the choices in it.

use std::fmt;

use http::Extensions;
use url::Url;

use crate::{
    error::Error,
    macros::{setters, with_extension},
    resilience::CallOptions,
    values::{EmailAddress, IdempotencyKey, Metadata, Money, VendorId, VendorIds},
};

/// The source of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PaymentSource {
    /// A source that the vendor knows: saved earlier, or created by its code in the payer's browser. If the payer has
    /// one at several vendors, the vendor that is used takes its own.
    Vendor(VendorIds),
    /// Whatever the payer chooses on a page of the vendor: the outcome is `RequiresAction` with
    /// [`NextAction::HostedPage`](super::NextAction::HostedPage). Only for creating a payment or saving a source, and
    /// only with [`SourceCapability::on_vendor_page`](super::SourceCapability::on_vendor_page).
    VendorPage,
}

impl PaymentSource {
    /// Returns the id of the source in this vendor's own form; an adapter checks this before it sends anything. `None`
    /// if there is no id at all.
    ///
    /// # Errors
    /// `InvalidRequest` that names `field` if there are only ids of other vendors; `Unsupported` for a source without
    /// an id, such as [`VendorPage`](Self::VendorPage), which a vendor that has it handles first.
    pub fn expect_vendor(
        &self,
        vendor: &'static str,
        field: &'static str,
    ) -> Result<Option<&str>, Error> {
        match self {
            Self::Vendor(ids) => ids.expect_vendor(vendor, field),
            Self::VendorPage => {
                let what = "a page of its own for choosing the source in this request";
                Err(Error::unsupported(vendor, what).with_field(field))
            }
        }
    }
}

impl From<VendorId> for PaymentSource {
    fn from(id: VendorId) -> Self {
        Self::Vendor(id.into())
    }
}

impl From<VendorIds> for PaymentSource {
    fn from(ids: VendorIds) -> Self {
        Self::Vendor(ids)
    }
}

/// When the money is captured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum CaptureMode {
    /// The money is captured immediately.
    #[default]
    Automatic,
    /// The money is authorized now and captured by a later call.
    Manual,
}

/// Whether the payer is present to authenticate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum PayerPresence {
    /// The payer is present.
    #[default]
    OnSession,
    /// The payer is away: a source saved earlier is charged.
    OffSession,
}

/// What a saved source will be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FutureUse {
    /// Payments while the payer is present.
    OnSession,
    /// Payments while the payer is away.
    OffSession,
}

/// A request for a payment.
///
/// # Examples
/// ```
/// use anyvendor_core::payment::{CaptureMode, CreatePayment};
/// use anyvendor_core::values::{Currency, IdempotencyKey, Money, VendorId};
///
/// let price = Money::parse_decimal("12.34", Currency::EUR)?;
/// let request = CreatePayment::new(price, IdempotencyKey::new("order-1001")?)
///     .with_reference("order-1001")
///     .with_source(VendorId::new("acme", "card_1")?)
///     .with_capture(CaptureMode::Manual);
/// assert_eq!(request.reference.as_deref(), Some("order-1001"));
/// # Ok::<(), anyvendor_core::values::ValueError>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct CreatePayment {
    /// The amount to pay.
    pub amount: Money,
    /// The key of this logical attempt: the same key never charges twice. After a decline, a new attempt needs a new
    /// key.
    pub idempotency_key: IdempotencyKey,
    /// The application's id of the payment; it comes back in every response and event, and resolves unknown outcomes.
    /// Several payments may have the same reference, such as a deposit and the balance of one order. Up to 127
    /// characters are accepted by every vendor here; see
    /// [`PaymentCapabilities::reference_chars`](super::PaymentCapabilities::reference_chars).
    pub reference: Option<String>,
    /// An id that the vendor accepts for one payment only, such as an invoice number: a second payment with it is
    /// rejected by the vendor even under another key. Not every vendor has that; see
    /// [`PaymentCapabilities::unique_reference_chars`](super::PaymentCapabilities::unique_reference_chars).
    pub unique_reference: Option<String>,
    /// The payer as the vendor's customer, or as the customer of several vendors.
    pub customer: VendorIds,
    /// The application's id of the payer, for vendors that store it and for choosing one vendor per payer.
    pub customer_reference: Option<String>,
    /// The source that pays. Without a source the payment waits for one: the outcome is `Incomplete` and says how it is
    /// completed, or a vendor whose payments always begin on its own page asks for that page. To ask every vendor for
    /// its page, use [`PaymentSource::VendorPage`].
    pub source: Option<PaymentSource>,
    /// Whether to pay immediately (the default) or only to prepare the payment.
    pub confirm: bool,
    /// When the money is captured.
    pub capture: CaptureMode,
    /// Whether the payer is present.
    pub presence: PayerPresence,
    /// Saves the source for later payments of the same customer.
    pub save_source: Option<FutureUse>,
    /// Where the payer returns to after acting; without it, sources that need a redirect are rejected.
    pub return_url: Option<Url>,
    /// Where the payer returns to after giving up, for vendors that distinguish the two.
    pub cancel_url: Option<Url>,
    /// The description that the vendor shows to the payer.
    pub description: Option<String>,
    /// The text on the payer's statement; vendors limit it to about 22 characters.
    pub statement_descriptor: Option<String>,
    /// The address that the vendor sends its own receipt to.
    pub receipt_email: Option<EmailAddress>,
    /// The metadata stored with the payment.
    pub metadata: Metadata,
    /// Options that only one vendor has, by the type that its adapter defines.
    pub extensions: Extensions,
    /// Settings of this call.
    pub options: CallOptions,
}

impl CreatePayment {
    /// Creates a payment of `amount` that is captured immediately.
    #[must_use]
    pub fn new(amount: Money, idempotency_key: IdempotencyKey) -> Self {
        Self {
            amount,
            idempotency_key,
            reference: None,
            unique_reference: None,
            customer: VendorIds::default(),
            customer_reference: None,
            source: None,
            confirm: true,
            capture: CaptureMode::default(),
            presence: PayerPresence::default(),
            save_source: None,
            return_url: None,
            cancel_url: None,
            description: None,
            statement_descriptor: None,
            receipt_email: None,
            metadata: Metadata::default(),
            extensions: Extensions::new(),
            options: CallOptions::default(),
        }
    }

    setters! {
        /// Sets the application's id of the payment.
        with_reference(reference: Option<String>);
        /// Sets the id that the vendor accepts for one payment only.
        with_unique_reference(unique_reference: Option<String>);
        /// Sets the payer as the vendor's customer.
        with_customer(customer: VendorIds);
        /// Sets the application's id of the payer.
        with_customer_reference(customer_reference: Option<String>);
        /// Sets when the money is captured.
        with_capture(capture: CaptureMode);
        /// Sets whether the payer is present.
        with_presence(presence: PayerPresence);
        /// Saves the source for later payments.
        with_save_source(save_source: Option<FutureUse>);
        /// Sets where the payer returns to.
        with_return_url(return_url: Option<Url>);
        /// Sets where the payer returns to after giving up.
        with_cancel_url(cancel_url: Option<Url>);
        /// Sets the description that the payer reads.
        with_description(description: Option<String>);
        /// Sets the text on the payer's statement.
        with_statement_descriptor(statement_descriptor: Option<String>);
        /// Sets the address that the vendor sends its own receipt to.
        with_receipt_email(receipt_email: Option<EmailAddress>);
        /// Sets the metadata stored with the payment.
        with_metadata(metadata: Metadata);
        /// Sets whether to pay immediately.
        with_confirm(confirm: bool);
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }

    /// Sets the source that pays.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<PaymentSource>) -> Self {
        self.source = Some(source.into());
        self
    }

    with_extension!();
}

// Description and addresses may be personal, so they are not printed.
impl fmt::Debug for CreatePayment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreatePayment")
            .field("amount", &self.amount)
            .field("idempotency_key", &self.idempotency_key)
            .field("reference", &self.reference)
            .field("customer", &self.customer)
            .field("source", &self.source)
            .field("confirm", &self.confirm)
            .field("capture", &self.capture)
            .field("presence", &self.presence)
            .field("save_source", &self.save_source)
            .finish_non_exhaustive()
    }
}
