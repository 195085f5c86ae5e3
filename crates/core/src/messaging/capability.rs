//! What a messaging vendor can do, as data.

use std::{num::NonZeroU32, time::Duration};

/// What a messaging vendor can do. The default is nothing; adapters set what is true.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MessagingCapabilities {
    /// Plain messages.
    pub sms: bool,
    /// How many files a message may carry; `None` where it cannot have any.
    pub max_media: Option<NonZeroU32>,
    /// Messages over `WhatsApp`.
    pub whats_app: bool,
    /// Templates that the vendor keeps.
    pub templates: bool,
    /// How many characters a text may have; `None` where the vendor names no limit.
    pub max_text: Option<NonZeroU32>,
    /// Sending later; `None` where it cannot.
    pub schedule: Option<ScheduleWindow>,
    /// Cancelling what is scheduled.
    pub cancel_scheduled: bool,
    /// How long the vendor can be told to try at most; `None` where it cannot be told.
    pub max_validity: Option<Duration>,
    /// Reporting to an address of ours what becomes of a message.
    pub status_callback: bool,
    /// Listing messages by recipient and time.
    pub list: bool,
    /// Listing messages by our own reference.
    pub list_by_reference: bool,
    /// Whether the vendor honours an idempotency key for sending.
    pub idempotent_send: bool,
}

/// How far ahead a message may be scheduled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScheduleWindow {
    /// At least so far.
    pub min: Duration,
    /// At most so far.
    pub max: Duration,
}

impl ScheduleWindow {
    /// From `min` to `max` ahead.
    #[must_use]
    pub const fn new(min: Duration, max: Duration) -> Self {
        Self { min, max }
    }
}
