//! Payments: charge, capture, cancel and refund, and the payer's customers and saved sources.
//!
//! # For callers
//! Hold an `Arc<dyn PaymentProvider>` and match [`PaymentOutcome`]; [`PaymentProviderExt`] adds convenience methods. A
//! decline is an outcome, not an error. After an error whose delivery is [`Unknown`](crate::Delivery::Unknown), send
//! the same request with the same key again, or look the payment up by its reference; never change the key. When a
//! payment `RequiresAction(Redirect)`, send the payer there; when they are back, [`confirm`](PaymentProvider::confirm)
//! it.
//!
//! # For adapter authors
//! Implement [`PaymentProvider`], whose methods are all required. State in [`PaymentCapabilities`] what the vendor can
//! do, and return [`Error::unsupported`](crate::Error::unsupported) for anything else. The conformance suite has one
//! case per bullet of the contract, under the same name.

mod capability;
mod create;
mod customer;
mod decline;
mod ext;
mod model;
mod provider;
mod refund;
mod request;

#[cfg(any(test, feature = "mock"))]
pub use self::provider::MockPaymentProvider;
pub use self::{
    capability::{CaptureCapability, PaymentCapabilities, RefundCapability, SourceCapability},
    create::{CaptureMode, CreatePayment, FutureUse, PayerPresence, PaymentSource},
    customer::{
        Customer, CustomerRequest, ListSources, RemoveSource, SaveSource, SaveSourceOutcome,
        SavedSource, SourceDetails,
    },
    decline::{Decline, DeclineCode, DeclineGroup},
    ext::PaymentProviderExt,
    model::{
        NextAction, Payment, PaymentOutcome, PaymentStatus, Refund, RefundFailure, RefundStatus,
        SensitiveText, Transaction, TransactionKind,
    },
    provider::PaymentProvider,
    refund::{GetRefund, RefundPayment, RefundReason},
    request::{
        CancelPayment, CancelReason, CapturePayment, ConfirmPayment, GetPayment, ListPayments,
    },
};
