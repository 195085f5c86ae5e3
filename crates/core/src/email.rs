//! Email: one message, many messages from one template, and cancelling scheduled messages.
//!
//! # For callers
//! Hold an `Arc<dyn EmailProvider>`. Few email vendors support idempotency keys: after an error whose delivery is
//! [`Unknown`](crate::Delivery::Unknown) the message may have been sent, and it is not sent again unless the request
//! tolerates duplicates. Each message to a recipient has a [`MessageReference`] that comes back in events.
//!
//! # For adapter authors
//! Implement [`EmailProvider`], whose methods are all required. State in [`EmailCapabilities`] what the vendor can do,
//! and return [`Error::unsupported`](crate::Error::unsupported) for anything else.

mod bulk;
mod capability;
mod check;
mod ext;
mod message;
mod outcome;
mod provider;

#[cfg(any(test, feature = "mock"))]
pub use self::provider::MockEmailProvider;
pub use self::{
    bulk::{BulkEmail, BulkRecipient},
    capability::EmailCapabilities,
    ext::EmailProviderExt,
    message::{
        Attachment, Disposition, EmailContent, EmailMessage, TemplateData, Tracking,
        UnsubscribeGroup,
    },
    outcome::{
        BulkOutcome, CancelScheduled, RecipientOutcome, RecipientStatus, RejectReason,
        ScheduleHandle, SendOutcome,
    },
    provider::EmailProvider,
};
// Every email has a reference, so it is found next to the types that use it.
pub use crate::values::MessageReference;
