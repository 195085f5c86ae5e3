//! What a payment call asks for. Requests that move money take their idempotency key at construction.

use std::fmt;

use http::Extensions;
use url::Url;

use crate::{
    macros::setters,
    resilience::CallOptions,
    values::{EmailAddress, IdempotencyKey, Metadata, Money, PageRequest, VendorId, VendorIds},
};

/// What to pay with.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PaymentSource {
    /// A source that the vendor knows: saved earlier, or made by its code in the payer's browser. Where the payer has one
    /// at several vendors, the one that answers takes its own.
    Vendor(VendorIds),
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

/// When the money is taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum CaptureMode {
    /// At once.
    #[default]
    Automatic,
    /// Reserve now, capture by a later call.
    Manual,
}

/// Whether the payer is there to authenticate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum PayerPresence {
    /// The payer is there.
    #[default]
    OnSession,
    /// The payer is away: a source saved earlier is charged.
    OffSession,
}

/// What a saved source is meant for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FutureUse {
    /// Payments with the payer there.
    OnSession,
    /// Payments while the payer is away.
    OffSession,
}

/// Asks for a payment.
#[derive(Clone)]
#[non_exhaustive]
pub struct CreatePayment {
    /// How much.
    pub amount: Money,
    /// Identifies this logical attempt: the same key never charges twice. After a decline a new attempt takes a new key.
    pub idempotency_key: IdempotencyKey,
    /// Our own id of the payment; comes back in every response and event, and settles unknown outcomes.
    pub reference: Option<String>,
    /// The payer, as the vendor knows them, or several vendors do.
    pub customer: VendorIds,
    /// Our own id of the payer, for vendors that keep it and for choosing one vendor per payer.
    pub customer_reference: Option<String>,
    /// What to pay with. Without one the payment waits for it, or the payer chooses on a page of the vendor; see
    /// [`SourceCapability::on_vendor_page`](super::SourceCapability::on_vendor_page).
    pub source: Option<PaymentSource>,
    /// Whether to pay at once (the default where there is a source) or only to prepare.
    pub confirm: bool,
    /// When the money is taken.
    pub capture: CaptureMode,
    /// Whether the payer is there.
    pub presence: PayerPresence,
    /// Keeps the source for later payments of the same customer.
    pub save_source: Option<FutureUse>,
    /// Where the payer returns to after acting; without it, sources that need a redirect are refused.
    pub return_url: Option<Url>,
    /// Where the payer returns to after giving up, for vendors that tell the two apart.
    pub cancel_url: Option<Url>,
    /// Shown to the payer by the vendor.
    pub description: Option<String>,
    /// Shown on the payer's statement; vendors limit it to about 22 characters.
    pub statement_descriptor: Option<String>,
    /// Where the vendor mails its own receipt.
    pub receipt_email: Option<EmailAddress>,
    /// Stored beside the payment.
    pub metadata: Metadata,
    /// What only one vendor knows, by the type that its adapter defines.
    pub extensions: Extensions,
    /// Settings of this call.
    pub options: CallOptions,
}

impl CreatePayment {
    /// A payment of `amount`, taken at once.
    #[must_use]
    pub fn new(amount: Money, idempotency_key: IdempotencyKey) -> Self {
        Self {
            amount,
            idempotency_key,
            reference: None,
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
        /// Sets our own id of the payment.
        with_reference(reference: Option<String>);
        /// Sets the payer.
        with_customer(customer: VendorIds);
        /// Sets our own id of the payer.
        with_customer_reference(customer_reference: Option<String>);
        /// Sets when the money is taken.
        with_capture(capture: CaptureMode);
        /// Sets whether the payer is there.
        with_presence(presence: PayerPresence);
        /// Keeps the source for later.
        with_save_source(save_source: Option<FutureUse>);
        /// Sets where the payer returns to.
        with_return_url(return_url: Option<Url>);
        /// Sets where the payer returns to after giving up.
        with_cancel_url(cancel_url: Option<Url>);
        /// Sets what the payer reads.
        with_description(description: Option<String>);
        /// Sets what the payer's statement shows.
        with_statement_descriptor(statement_descriptor: Option<String>);
        /// Sets where the vendor mails its own receipt.
        with_receipt_email(receipt_email: Option<EmailAddress>);
        /// Sets what is stored beside the payment.
        with_metadata(metadata: Metadata);
        /// Sets whether to pay at once.
        with_confirm(confirm: bool);
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }

    /// Sets what to pay with.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<PaymentSource>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Adds what only one vendor knows; other vendors' adapters refuse a request that carries it.
    #[must_use]
    pub fn with_extension<T: Clone + Send + Sync + 'static>(mut self, extension: T) -> Self {
        self.extensions.insert(extension);
        self
    }
}

// Description and addresses may say something about a person, so they are not printed.
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

/// Goes on with a payment that waits: the payer has acted, or it was only prepared.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ConfirmPayment {
    /// Which payment.
    pub payment: VendorId,
    /// The same key never charges twice. After a decline a new attempt takes a new key.
    pub idempotency_key: IdempotencyKey,
    /// What to pay with, if the payment has no source yet or is to take another.
    pub source: Option<PaymentSource>,
    /// Where the payer returns to if they must act again.
    pub return_url: Option<Url>,
    /// Settings of this call.
    pub options: CallOptions,
}

impl ConfirmPayment {
    /// Goes on with this payment.
    #[must_use]
    pub fn new(payment: VendorId, idempotency_key: IdempotencyKey) -> Self {
        Self {
            payment,
            idempotency_key,
            source: None,
            return_url: None,
            options: CallOptions::default(),
        }
    }

    setters! {
        /// Sets what to pay with.
        with_source(source: Option<PaymentSource>);
        /// Sets where the payer returns to if they must act again.
        with_return_url(return_url: Option<Url>);
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }
}

/// Takes reserved money.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CapturePayment {
    /// Which payment.
    pub payment: VendorId,
    /// The same key never captures twice.
    pub idempotency_key: IdempotencyKey,
    /// How much; `None` takes all that is reserved.
    pub amount: Option<Money>,
    /// Whether the rest is released. Vendors differ in their default, so it is always sent.
    pub final_capture: bool,
    /// Settings of this call.
    pub options: CallOptions,
}

impl CapturePayment {
    /// Takes all that is reserved.
    #[must_use]
    pub fn new(payment: VendorId, idempotency_key: IdempotencyKey) -> Self {
        Self {
            payment,
            idempotency_key,
            amount: None,
            final_capture: true,
            options: CallOptions::default(),
        }
    }

    setters! {
        /// Takes only this much.
        with_amount(amount: Option<Money>);
        /// Sets whether the rest is released.
        with_final_capture(final_capture: bool);
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }
}

/// Why a payment is cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CancelReason {
    /// Made twice.
    Duplicate,
    /// Suspected fraud.
    Fraudulent,
    /// The payer asked.
    RequestedByCustomer,
    /// The payer left.
    Abandoned,
}

/// Gives a payment up before money was taken.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CancelPayment {
    /// Which payment.
    pub payment: VendorId,
    /// Identifies this cancellation.
    pub idempotency_key: IdempotencyKey,
    /// Why.
    pub reason: Option<CancelReason>,
    /// Settings of this call.
    pub options: CallOptions,
}

impl CancelPayment {
    /// Cancels without a reason.
    #[must_use]
    pub fn new(payment: VendorId, idempotency_key: IdempotencyKey) -> Self {
        Self {
            payment,
            idempotency_key,
            reason: None,
            options: CallOptions::default(),
        }
    }

    setters! {
        /// Says why.
        with_reason(reason: Option<CancelReason>);
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }
}

/// Asks how a payment stands.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GetPayment {
    /// Which payment.
    pub payment: VendorId,
    /// Settings of this call.
    pub options: CallOptions,
}

impl GetPayment {
    /// Asks for this payment.
    #[must_use]
    pub fn new(payment: VendorId) -> Self {
        Self {
            payment,
            options: CallOptions::default(),
        }
    }

    setters! {
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }
}

/// Asks for payments, newest first.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ListPayments {
    /// Only of this payer.
    pub customer: Option<VendorId>,
    /// Only made at this time or later.
    pub created_from: Option<jiff::Timestamp>,
    /// Only made before this time.
    pub created_before: Option<jiff::Timestamp>,
    /// Which page, and how long.
    pub page: PageRequest,
    /// Settings of this call.
    pub options: CallOptions,
}

impl ListPayments {
    setters! {
        /// Only of this payer.
        with_customer(customer: Option<VendorId>);
        /// Only made at this time or later.
        with_created_from(created_from: Option<jiff::Timestamp>);
        /// Only made before this time.
        with_created_before(created_before: Option<jiff::Timestamp>);
        /// Sets which page, and how long.
        with_page(page: PageRequest);
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }
}
