//! Payments: charge, capture, cancel and refund, and the payer's customers and saved sources.
//!
//! # For callers
//! Hold an `Arc<dyn PaymentProvider>` and match [`PaymentOutcome`]; [`PaymentProviderExt`] adds convenience methods. A
//! decline is an outcome, not an error. After an error whose delivery is [`Unknown`](crate::Delivery::Unknown), send
//! the same request with the same key again, or find the payment by its reference
//! ([`find_by_reference`](PaymentProvider::find_by_reference)); never change the key. A payment that `RequiresAction` or
//! is `Incomplete` says how it continues ([`NextAction`]): send the payer to the page and, when they are back,
//! [`confirm`](PaymentProvider::confirm) it; or pass the client secret to the vendor's code in their browser.
//!
//! # For adapter authors
//! Implement [`PaymentProvider`]; methods with a body are for what few vendors have. State in [`PaymentCapabilities`] what the vendor can
//! do, and return [`Error::unsupported`](crate::Error::unsupported) for anything else. The conformance suite has one
//! case per bullet of the contract, under the same name.

mod capability;
mod create;
mod customer;
mod decline;
mod ext;
mod fields;
mod model;
mod outcome;
mod provider;
mod refund;
mod request;

#[cfg(any(test, feature = "mock"))]
pub use self::provider::MockPaymentProvider;
pub use self::{
    capability::{
        CaptureCapability, FindCapability, PaymentCapabilities, RefundCapability, SourceCapability,
    },
    create::{CaptureMode, CreatePayment, FutureUse, PayerPresence, PaymentSource},
    customer::{
        Customer, CustomerRequest, ListSources, RemoveSource, SaveSource, SaveSourceOutcome,
        SavedSource, SourceDetails,
    },
    decline::{Decline, DeclineCode, DeclineGroup},
    ext::PaymentProviderExt,
    fields::{CancelField, CaptureField, ConfirmField, CreateField, RefundField, SaveField},
    model::{
        NextAction, Payment, PaymentStatus, Refund, RefundFailure, RefundStatus, SensitiveText,
        Transaction, TransactionKind,
    },
    outcome::PaymentOutcome,
    provider::PaymentProvider,
    refund::{GetRefund, ListRefunds, RefundPayment, RefundReason},
    request::{
        CancelPayment, CancelReason, CapturePayment, ConfirmPayment, FindPayments, GetPayment,
        ListPayments,
    },
};
