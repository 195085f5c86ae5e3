//! Messages to phones (SMS, MMS and WhatsApp), and codes that verify a phone number.
//!
//! # For callers
//! Hold an `Arc<dyn MessagingProvider>`. Vendors have no idempotency keys for messages: after an error whose delivery
//! is [`Unknown`](crate::Delivery::Unknown) the message may have been sent, and it is not sent again unless the
//! request tolerates duplicates. Events with its [`MessageReference`] report its status, or
//! [`list`](MessagingProvider::list) finds it. A recipient who cannot be reached or has opted out is an outcome, not
//! an error. The price of a text follows from its [`Segments`].
//!
//! # For adapter authors
//! Implement [`MessagingProvider`], whose methods are all required. State in [`MessagingCapabilities`] what the vendor
//! can do. Call [`TextMessage::check`] and [`MessagingCapabilities::check`] before anything is sent.

mod capability;
mod check;
mod ext;
mod message;
mod model;
mod provider;
mod segments;
mod verification;

#[cfg(any(test, feature = "mock"))]
pub use self::provider::MockMessagingProvider;
#[cfg(any(test, feature = "mock"))]
pub use self::verification::MockVerificationProvider;
pub use self::{
    capability::{MessagingCapabilities, ScheduleWindow},
    ext::MessagingProviderExt,
    message::{Channel, MessageContent, Sender, TextMessage},
    model::{
        CancelMessage, FailureKind, GetMessage, ListMessages, Message, MessageOutcome,
        MessageStatus, MessageText, Rejection, RejectionReason,
    },
    provider::MessagingProvider,
    segments::{Encoding, Segments},
    verification::{
        CheckVerification, StartVerification, Verification, VerificationChannel,
        VerificationProvider, VerificationStatus,
    },
};
// Every message has a reference, so it is found next to the types that use it.
pub use crate::values::MessageReference;
