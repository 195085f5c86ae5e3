//! What a call about a refund asks for.

use crate::{
    macros::setters,
    resilience::CallOptions,
    values::{IdempotencyKey, Metadata, Money, VendorId},
};

/// Why money is given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RefundReason {
    /// Charged twice.
    Duplicate,
    /// Suspected fraud.
    Fraudulent,
    /// The payer asked.
    RequestedByCustomer,
}

/// Gives money back.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RefundPayment {
    /// Of which payment.
    pub payment: VendorId,
    /// The same key never refunds twice.
    pub idempotency_key: IdempotencyKey,
    /// How much; `None` gives back all that is left.
    pub amount: Option<Money>,
    /// Why.
    pub reason: Option<RefundReason>,
    /// Stored beside the refund.
    pub metadata: Metadata,
    /// Settings of this call.
    pub options: CallOptions,
}

impl RefundPayment {
    /// Gives back all that is left.
    #[must_use]
    pub fn new(payment: VendorId, idempotency_key: IdempotencyKey) -> Self {
        Self {
            payment,
            idempotency_key,
            amount: None,
            reason: None,
            metadata: Metadata::default(),
            options: CallOptions::default(),
        }
    }

    setters! {
        /// Gives back only this much.
        with_amount(amount: Option<Money>);
        /// Says why.
        with_reason(reason: Option<RefundReason>);
        /// Sets what is stored beside the refund.
        with_metadata(metadata: Metadata);
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }
}

/// Asks how a refund stands.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GetRefund {
    /// Which refund.
    pub refund: VendorId,
    /// Settings of this call.
    pub options: CallOptions,
}

impl GetRefund {
    /// Asks for this refund.
    #[must_use]
    pub fn new(refund: VendorId) -> Self {
        Self {
            refund,
            options: CallOptions::default(),
        }
    }

    setters! {
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }
}
