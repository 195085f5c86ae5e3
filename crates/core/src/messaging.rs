//! Messages to phones: SMS, MMS and WhatsApp; and the codes that show whose phone it is.
//!
//! # For callers
//! Hold an `Arc<dyn MessagingProvider>`. Vendors have no idempotency keys for messages: after an error whose delivery is
//! [`Unknown`](crate::Delivery::Unknown) the message may have gone out, and it is not sent again unless the request says
//! that duplicates are tolerated. What became of it is told by events with our [`MessageReference`], or found by
//! [`list`](MessagingProvider::list). A recipient who cannot or will not be reached is an outcome, not an error. What a
//! text costs follows from its [`Segments`].
//!
//! # For adapter authors
//! Implement [`MessagingProvider`], whose methods are all required; say in [`MessagingCapabilities`] what the vendor can
//! do. Call [`TextMessage::check`] and [`MessagingCapabilities::check`] before anything is sent.

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
// Every message has one, so whoever sends messages finds it here too.
pub use crate::values::MessageReference;
