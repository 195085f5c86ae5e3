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

impl MessagingCapabilities {
    /// What one of two vendors can do: a message goes to the one that can take it.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let wider = |one: ScheduleWindow, two: ScheduleWindow| ScheduleWindow {
            min: one.min.min(two.min),
            max: one.max.max(two.max),
        };
        Self {
            sms: self.sms || other.sms,
            max_media: self.max_media.max(other.max_media),
            whats_app: self.whats_app || other.whats_app,
            templates: self.templates || other.templates,
            // `None` is no limit at all.
            max_text: self
                .max_text
                .and_then(|one| other.max_text.map(|two| one.max(two))),
            schedule: match (self.schedule, other.schedule) {
                (Some(one), Some(two)) => Some(wider(one, two)),
                (one, two) => one.or(two),
            },
            cancel_scheduled: self.cancel_scheduled || other.cancel_scheduled,
            max_validity: self.max_validity.max(other.max_validity),
            status_callback: self.status_callback || other.status_callback,
            list: self.list || other.list,
            list_by_reference: self.list_by_reference || other.list_by_reference,
            // Only if all do: whoever relies on it does not know who will answer.
            idempotent_send: self.idempotent_send && other.idempotent_send,
        }
    }
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
