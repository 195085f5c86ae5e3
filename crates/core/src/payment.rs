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
//! # Completing an order once
//! The payer's return page and the vendor's webhook report the same payment, in either order or at the same time, and
//! neither is proof: the page's query can be written by anyone, and an event may be old. Both call one function, which
//! asks the vendor and then lets the application's own store decide who is first:
//!
//! ```
//! use anyvendor_core::{Error, payment::{ConfirmPayment, PaymentOutcome, PaymentProvider}};
//! use anyvendor_core::values::{IdempotencyKey, Money, VendorId};
//!
//! struct Order { number: String, price: Money, payment: VendorId }
//!
//! #[async_trait::async_trait]
//! trait Orders: Sync {
//!     /// `UPDATE orders SET paid = true WHERE number = $1 AND NOT paid`: whether it changed a row.
//!     async fn mark_paid(&self, order: &Order) -> Result<bool, Error>;
//! }
//!
//! /// Returns whether this call is the one that ships the order.
//! async fn complete(payments: &dyn PaymentProvider, orders: &dyn Orders, order: &Order) -> Result<bool, Error> {
//!     let key = IdempotencyKey::new(&order.number)?;
//!     let request = ConfirmPayment::new(order.payment.clone(), key);
//!     Ok(match payments.confirm(request).await? {
//!         PaymentOutcome::Captured(paid) if paid.captured == order.price => orders.mark_paid(order).await?,
//!         _ => false,
//!     })
//! }
//! ```
//!
//! The return page finds the order by its own URL. The webhook finds it by the event's
//! [`reference`](crate::webhook::PaymentEvent::reference), which is the order's number, since an event may name the payment
//! by another of its ids. An error is left to be repeated: the page shows "we are checking", and the webhook's error makes
//! the vendor deliver again.
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
