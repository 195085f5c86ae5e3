//! What came of sending mail.

use crate::{
    error::Error,
    resilience::CallOptions,
    values::{EmailAddress, MessageReference, VendorId},
};

/// What came of one message.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SendOutcome {
    /// The vendor's id of the request, where it gave one.
    pub id: Option<VendorId>,
    /// Cancels the message while it is scheduled, where the vendor can.
    pub schedule: Option<ScheduleHandle>,
    /// One entry per recipient.
    pub recipients: Vec<RecipientOutcome>,
}

impl SendOutcome {
    /// An outcome of these parts.
    #[must_use]
    pub fn new(
        id: Option<VendorId>,
        schedule: Option<ScheduleHandle>,
        recipients: Vec<RecipientOutcome>,
    ) -> Self {
        Self {
            id,
            schedule,
            recipients,
        }
    }

    /// Whether the vendor took the message for every recipient.
    #[must_use]
    pub fn all_accepted(&self) -> bool {
        self.recipients
            .iter()
            .all(|recipient| matches!(recipient.status, RecipientStatus::Accepted))
    }
}

/// What came of many messages: one entry per recipient, in the order of the request.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct BulkOutcome {
    /// One entry per recipient, in the order of the request.
    pub recipients: Vec<RecipientOutcome>,
    /// Cancel what is scheduled, one per request sent.
    pub schedules: Vec<ScheduleHandle>,
}

impl BulkOutcome {
    /// An outcome of these parts.
    #[must_use]
    pub fn new(recipients: Vec<RecipientOutcome>, schedules: Vec<ScheduleHandle>) -> Self {
        Self {
            recipients,
            schedules,
        }
    }

    /// How many recipients the vendor took.
    #[must_use]
    pub fn accepted(&self) -> usize {
        self.recipients
            .iter()
            .filter(|recipient| matches!(recipient.status, RecipientStatus::Accepted))
            .count()
    }
}

/// What came of the message to one recipient.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RecipientOutcome {
    /// Our own id of the message to this recipient.
    pub reference: MessageReference,
    /// Who.
    pub to: EmailAddress,
    /// The vendor's id of the message or of its request.
    pub id: Option<VendorId>,
    /// What is known.
    pub status: RecipientStatus,
}

impl RecipientOutcome {
    /// An outcome without a vendor's id.
    #[must_use]
    pub fn new(reference: MessageReference, to: EmailAddress, status: RecipientStatus) -> Self {
        Self {
            reference,
            to,
            id: None,
            status,
        }
    }

    /// Sets the vendor's id.
    #[must_use]
    pub fn with_id(mut self, id: Option<VendorId>) -> Self {
        self.id = id;
        self
    }
}

/// What is known of the message to one recipient. Exhaustive on purpose.
#[derive(Debug, Clone)]
pub enum RecipientStatus {
    /// The vendor took it; whether it arrives is told by events.
    Accepted,
    /// The vendor refused this recipient; it will never arrive.
    Rejected(RejectReason),
    /// It was not sent; sending it again is safe.
    NotSent(Error),
    /// It may have been sent; sending it again may send it twice.
    Unknown(Error),
}

/// Why a recipient was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RejectReason {
    /// The address is not one that can receive mail.
    InvalidAddress,
    /// The recipient opted out.
    OptedOut,
    /// A reason that we have no word for, in the vendor's code.
    Other(String),
}

/// What cancels a scheduled message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleHandle(pub VendorId);

/// Asks to cancel what is scheduled.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CancelScheduled {
    /// What to cancel.
    pub handle: ScheduleHandle,
    /// Settings of this call.
    pub options: CallOptions,
}

impl CancelScheduled {
    /// Cancels what the handle names.
    #[must_use]
    pub fn new(handle: ScheduleHandle) -> Self {
        Self {
            handle,
            options: CallOptions::default(),
        }
    }

    /// Sets the settings of this call.
    #[must_use]
    pub fn with_options(mut self, options: CallOptions) -> Self {
        self.options = options;
        self
    }
}
