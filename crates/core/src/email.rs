//! E-mail: one message, many messages from one template, and cancelling what is scheduled.
//!
//! # For callers
//! Hold an `Arc<dyn EmailProvider>`. Few vendors have idempotency keys for mail: after an error whose delivery is
//! [`Unknown`](crate::Delivery::Unknown) the message may have gone out, and it is not sent again unless the request
//! says that duplicates are tolerated. Each recipient has a [`MessageReference`] of ours that comes back in events.
//!
//! # For adapter authors
//! Implement [`EmailProvider`], whose methods are all required; say in [`EmailCapabilities`] what the vendor can do and
//! answer anything else with [`Error::unsupported`](crate::Error::unsupported).

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
// Every mail has one, so whoever sends mail finds it here too.
pub use crate::values::MessageReference;
