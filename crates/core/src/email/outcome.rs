//! The outcomes of sending email.

use crate::{
    error::Error,
    macros::words,
    resilience::CallOptions,
    values::{EmailAddress, MessageReference, VendorId},
};

/// The outcome of sending one message.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SendOutcome {
    /// The vendor's id of the request, if it gave one.
    pub id: Option<VendorId>,
    /// The handle that cancels the message while it is scheduled, if the vendor can.
    pub schedule: Option<ScheduleHandle>,
    /// One entry per recipient.
    pub recipients: Vec<RecipientOutcome>,
}

impl SendOutcome {
    /// Creates an outcome from its parts.
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

    /// Whether the vendor accepted the message for every recipient.
    #[must_use]
    pub fn all_accepted(&self) -> bool {
        self.recipients
            .iter()
            .all(|recipient| matches!(recipient.status, RecipientStatus::Accepted))
    }
}

/// The outcome of sending many messages.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct BulkOutcome {
    /// One entry per recipient, in the order of the request.
    pub recipients: Vec<RecipientOutcome>,
    /// The handles that cancel what is scheduled, one per request sent.
    pub schedules: Vec<ScheduleHandle>,
}

impl BulkOutcome {
    /// Creates an outcome from its parts.
    #[must_use]
    pub fn new(recipients: Vec<RecipientOutcome>, schedules: Vec<ScheduleHandle>) -> Self {
        Self {
            recipients,
            schedules,
        }
    }

    /// How many recipients the vendor accepted.
    #[must_use]
    pub fn accepted(&self) -> usize {
        self.recipients
            .iter()
            .filter(|recipient| matches!(recipient.status, RecipientStatus::Accepted))
            .count()
    }
}

/// The outcome of the message to one recipient.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RecipientOutcome {
    /// The application's id of the message to this recipient.
    pub reference: MessageReference,
    /// The address of the recipient.
    pub to: EmailAddress,
    /// The vendor's id of the message or of its request.
    pub id: Option<VendorId>,
    /// What is known about the message.
    pub status: RecipientStatus,
}

impl RecipientOutcome {
    /// Creates an outcome without a vendor's id.
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
    pub fn with_id(mut self, id: VendorId) -> Self {
        self.id = Some(id);
        self
    }
}

/// What is known about the message to one recipient. Exhaustive on purpose.
#[derive(Debug, Clone)]
pub enum RecipientStatus {
    /// The vendor accepted it; events report whether it arrived.
    Accepted,
    /// The vendor rejected this recipient; the message will never arrive.
    Rejected(RejectReason),
    /// It was not sent; sending it again is safe.
    NotSent(Error),
    /// It may have been sent; sending it again may send it twice.
    Unknown(Error),
}

words!(RecipientStatus {
    Self::Accepted => "accepted",
    Self::Rejected(_) => "rejected",
    Self::NotSent(_) => "not_sent",
    Self::Unknown(_) => "unknown",
});

/// Why a recipient was rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RejectReason {
    /// The address cannot receive email.
    InvalidAddress,
    /// The recipient opted out.
    OptedOut,
    /// Any other reason, as the vendor's code.
    Other(String),
}

words!(RejectReason {
    Self::InvalidAddress => "invalid_address",
    Self::OptedOut => "opted_out",
} or Other);

/// The handle that cancels a scheduled message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleHandle(pub VendorId);

/// A request to cancel a scheduled message.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CancelScheduled {
    /// The handle of the scheduled message.
    pub handle: ScheduleHandle,
    /// Settings of this call.
    pub options: CallOptions,
}

impl CancelScheduled {
    /// Cancels the message that the handle names.
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
