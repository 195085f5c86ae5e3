//! The requests that follow the creation of a payment. Those that move money take their idempotency key when they are
//! created.

use http::Extensions;
use url::Url;

use super::create::PaymentSource;
use crate::{
    macros::{setters, with_extension},
    resilience::CallOptions,
    values::{IdempotencyKey, Money, PageRequest, VendorId},
};

/// A request to continue a payment that waits: the payer has acted, or it was only prepared.
#[derive(Clone)]
#[non_exhaustive]
pub struct ConfirmPayment {
    /// The payment that is continued.
    pub payment: VendorId,
    /// The same key never charges twice. After a decline, a new attempt needs a new key.
    pub idempotency_key: IdempotencyKey,
    /// The source that pays, if the payment has no source yet or should use another.
    pub source: Option<PaymentSource>,
    /// Where the payer returns to if they must act again.
    pub return_url: Option<Url>,
    /// Options that only one vendor has, by the type that its adapter defines.
    pub extensions: Extensions,
    /// Settings of this call.
    pub options: CallOptions,
}

crate::debug_only!(ConfirmPayment {
    payment,
    idempotency_key,
    source
});

impl ConfirmPayment {
    /// Continues this payment.
    #[must_use]
    pub fn new(payment: VendorId, idempotency_key: IdempotencyKey) -> Self {
        Self {
            payment,
            idempotency_key,
            source: None,
            return_url: None,
            extensions: Extensions::new(),
            options: CallOptions::default(),
        }
    }

    setters! {
        /// Sets where the payer returns to if they must act again.
        with_return_url(return_url: Option<Url>);
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }

    with_extension!();

    /// Sets the source that pays.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<PaymentSource>) -> Self {
        self.source = Some(source.into());
        self
    }
}

/// A request to capture authorized money.
///
/// # Examples
/// ```
/// use anyvendor_core::payment::CapturePayment;
/// use anyvendor_core::values::{Currency, IdempotencyKey, Money, VendorId};
///
/// let payment = VendorId::new("acme", "pay_1")?;
/// let key = IdempotencyKey::new("order-1001-capture")?;
/// // Captures 8.00 EUR and keeps the rest authorized.
/// let request = CapturePayment::new(payment, key)
///     .with_amount(Money::from_minor(800, Currency::EUR)?)
///     .with_final_capture(false);
/// assert!(!request.final_capture);
/// # Ok::<(), anyvendor_core::values::ValueError>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CapturePayment {
    /// The payment that is captured.
    pub payment: VendorId,
    /// The same key never captures twice.
    pub idempotency_key: IdempotencyKey,
    /// The amount; `None` captures all that is authorized.
    pub amount: Option<Money>,
    /// Whether the rest is released. Vendors differ in their default, so it is always sent.
    pub final_capture: bool,
    /// Options that only one vendor has, by the type that its adapter defines.
    pub extensions: Extensions,
    /// Settings of this call.
    pub options: CallOptions,
}

impl CapturePayment {
    /// Captures all that is authorized.
    #[must_use]
    pub fn new(payment: VendorId, idempotency_key: IdempotencyKey) -> Self {
        Self {
            payment,
            idempotency_key,
            amount: None,
            final_capture: true,
            extensions: Extensions::new(),
            options: CallOptions::default(),
        }
    }

    setters! {
        /// Captures only this amount.
        with_amount(amount: Option<Money>);
        /// Sets whether the rest is released.
        with_final_capture(final_capture: bool);
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }

    with_extension!();
}

/// Why a payment is cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CancelReason {
    /// The payment was made twice.
    Duplicate,
    /// The payment is suspected to be fraud.
    Fraudulent,
    /// The payer asked for it.
    RequestedByCustomer,
    /// The payer abandoned the checkout.
    Abandoned,
}

/// A request to cancel a payment before money is captured.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CancelPayment {
    /// The payment that is cancelled.
    pub payment: VendorId,
    /// The key of this cancellation.
    pub idempotency_key: IdempotencyKey,
    /// The reason of the cancellation.
    pub reason: Option<CancelReason>,
    /// Options that only one vendor has, by the type that its adapter defines.
    pub extensions: Extensions,
    /// Settings of this call.
    pub options: CallOptions,
}

impl CancelPayment {
    /// Cancels the payment without a reason.
    #[must_use]
    pub fn new(payment: VendorId, idempotency_key: IdempotencyKey) -> Self {
        Self {
            payment,
            idempotency_key,
            reason: None,
            extensions: Extensions::new(),
            options: CallOptions::default(),
        }
    }

    setters! {
        /// Sets the reason of the cancellation.
        with_reason(reason: Option<CancelReason>);
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }

    with_extension!();
}

/// A request for a payment and its status.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GetPayment {
    /// The payment that is looked up.
    pub payment: VendorId,
    /// Options that only one vendor has, by the type that its adapter defines.
    pub extensions: Extensions,
    /// Settings of this call.
    pub options: CallOptions,
}

impl GetPayment {
    /// Looks this payment up.
    #[must_use]
    pub fn new(payment: VendorId) -> Self {
        Self {
            payment,
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

/// A request for payments, newest first.
///
/// # Examples
/// ```
/// use anyvendor_core::{payment::ListPayments, values::{PageRequest, VendorId}};
/// use std::num::NonZeroU32;
///
/// let request = ListPayments::new()
///     .with_customer(VendorId::new("acme", "cus_1")?)
///     .with_page(PageRequest::first().with_limit(NonZeroU32::MIN));
/// assert_eq!(request.page.limit.map(NonZeroU32::get), Some(1));
/// # Ok::<(), anyvendor_core::values::ValueError>(())
/// ```
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ListPayments {
    /// Only payments of this customer.
    pub customer: Option<VendorId>,
    /// Only payments created at this time or later.
    pub created_from: Option<jiff::Timestamp>,
    /// Only payments created before this time.
    pub created_before: Option<jiff::Timestamp>,
    /// Which page is returned, and how many items it has.
    pub page: PageRequest,
    /// Options that only one vendor has, by the type that its adapter defines.
    pub extensions: Extensions,
    /// Settings of this call.
    pub options: CallOptions,
}

impl ListPayments {
    /// Lists all payments, from the first page on.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    setters! {
        /// Lists only payments of this customer.
        with_customer(customer: Option<VendorId>);
        /// Lists only payments created at this time or later.
        with_created_from(created_from: Option<jiff::Timestamp>);
        /// Lists only payments created before this time.
        with_created_before(created_before: Option<jiff::Timestamp>);
        /// Sets which page is returned, and how many items it has.
        with_page(page: PageRequest);
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }

    with_extension!();
}

/// A request for the payments with one of the application's own references, so that an outcome can be resolved of which
/// no id is known.
///
/// # Examples
/// ```
/// use anyvendor_core::payment::FindPayments;
///
/// // The order was placed at this time, so its payment cannot be older.
/// let placed = "2026-11-28T10:00:00Z".parse().unwrap();
/// let request = FindPayments::new("order-1001").with_created_from(placed);
/// assert_eq!(request.reference, "order-1001");
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FindPayments {
    /// The reference of [`CreatePayment`](super::CreatePayment).
    pub reference: String,
    /// Only payments created at this time or later. With it a vendor may read its list of payments, which is complete
    /// at once, in place of an index that lags; see [`FindCapability`](super::FindCapability).
    pub created_from: Option<jiff::Timestamp>,
    /// Only payments created before this time.
    pub created_before: Option<jiff::Timestamp>,
    /// Options that only one vendor has, by the type that its adapter defines.
    pub extensions: Extensions,
    /// Settings of this call.
    pub options: CallOptions,
}

impl FindPayments {
    /// Finds the payments with this reference.
    #[must_use]
    pub fn new(reference: impl Into<String>) -> Self {
        Self {
            reference: reference.into(),
            created_from: None,
            created_before: None,
            extensions: Extensions::new(),
            options: CallOptions::default(),
        }
    }

    setters! {
        /// Finds only payments created at this time or later.
        with_created_from(created_from: Option<jiff::Timestamp>);
        /// Finds only payments created before this time.
        with_created_before(created_before: Option<jiff::Timestamp>);
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }

    with_extension!();
}
