//! The requests of calls about refunds.

use http::Extensions;

use crate::{
    macros::{setters, with_extension},
    resilience::CallOptions,
    values::{IdempotencyKey, Metadata, Money, PageRequest, VendorId},
};

/// Why money is refunded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RefundReason {
    /// The payer was charged twice.
    Duplicate,
    /// The payment is suspected to be fraud.
    Fraudulent,
    /// The payer asked for it.
    RequestedByCustomer,
}

/// A request to refund captured money.
///
/// # Examples
/// ```
/// use anyvendor_core::payment::{RefundPayment, RefundReason};
/// use anyvendor_core::values::{Currency, IdempotencyKey, Money, VendorId};
///
/// let payment = VendorId::new("acme", "pay_1")?;
/// let key = IdempotencyKey::new("order-1001-refund-1")?;
/// let request = RefundPayment::new(payment, key)
///     .with_amount(Money::from_minor(500, Currency::EUR)?)
///     .with_reason(RefundReason::RequestedByCustomer);
/// assert_eq!(request.amount.map(|amount| amount.to_string()).as_deref(), Some("5.00 EUR"));
/// # Ok::<(), anyvendor_core::values::ValueError>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RefundPayment {
    /// The payment that is refunded.
    pub payment: VendorId,
    /// The same key never refunds twice.
    pub idempotency_key: IdempotencyKey,
    /// The amount; `None` refunds all that is left.
    pub amount: Option<Money>,
    /// The reason of the refund.
    pub reason: Option<RefundReason>,
    /// The metadata stored with the refund.
    pub metadata: Metadata,
    /// Options that only one vendor has, by the type that its adapter defines.
    pub extensions: Extensions,
    /// Settings of this call.
    pub options: CallOptions,
}

impl RefundPayment {
    /// Refunds all that is left.
    #[must_use]
    pub fn new(payment: VendorId, idempotency_key: IdempotencyKey) -> Self {
        Self {
            payment,
            idempotency_key,
            amount: None,
            reason: None,
            metadata: Metadata::default(),
            extensions: Extensions::new(),
            options: CallOptions::default(),
        }
    }

    setters! {
        /// Refunds only this amount.
        with_amount(amount: Option<Money>);
        /// Sets the reason of the refund.
        with_reason(reason: Option<RefundReason>);
        /// Sets the metadata stored with the refund.
        with_metadata(metadata: Metadata);
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }

    with_extension!();
}

/// A request for a refund and its status.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GetRefund {
    /// The refund that is looked up.
    pub refund: VendorId,
    /// Options that only one vendor has, by the type that its adapter defines.
    pub extensions: Extensions,
    /// Settings of this call.
    pub options: CallOptions,
}

impl GetRefund {
    /// Looks this refund up.
    #[must_use]
    pub fn new(refund: VendorId) -> Self {
        Self {
            refund,
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

/// A request for the refunds of one payment, newest first.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ListRefunds {
    /// The payment that was refunded.
    pub payment: VendorId,
    /// Which page is returned, and how many items it has.
    pub page: PageRequest,
    /// Options that only one vendor has, by the type that its adapter defines.
    pub extensions: Extensions,
    /// Settings of this call.
    pub options: CallOptions,
}

impl ListRefunds {
    /// Lists the first page of the payment's refunds.
    #[must_use]
    pub fn new(payment: VendorId) -> Self {
        Self {
            payment,
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
