//! The capabilities of a messaging vendor, as data.

use std::{num::NonZeroU32, time::Duration};

/// The capabilities of a messaging vendor. By default there are none; adapters set what is true.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MessagingCapabilities {
    /// The vendor sends SMS.
    pub sms: bool,
    /// How many files a message can have; `None` if it cannot have any.
    pub max_media: Option<NonZeroU32>,
    /// The vendor sends messages over `WhatsApp`.
    pub whats_app: bool,
    /// The vendor stores templates.
    pub templates: bool,
    /// How many characters a text can have; `None` if the vendor documents no limit.
    pub max_text: Option<NonZeroU32>,
    /// How far ahead a message can be scheduled; `None` if the vendor cannot schedule.
    pub schedule: Option<ScheduleWindow>,
    /// A scheduled message can be cancelled.
    pub cancel_scheduled: bool,
    /// The longest time limit on delivery that can be set; `None` if it cannot be set.
    pub max_validity: Option<Duration>,
    /// The vendor reports the status of a message to a callback URL.
    pub status_callback: bool,
    /// Messages can be listed by recipient and time.
    pub list: bool,
    /// Messages can be listed by their reference.
    pub list_by_reference: bool,
    /// Whether the vendor honours an idempotency key for sending.
    pub idempotent_send: bool,
}

impl MessagingCapabilities {
    /// The capabilities that at least one of two vendors has: a message goes to the vendor that supports it.
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
            // `None` means no limit.
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
            // Only if both do: the caller does not know which vendor will be used.
            idempotent_send: self.idempotent_send && other.idempotent_send,
        }
    }
}

/// How far ahead a message may be scheduled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScheduleWindow {
    /// The shortest time ahead.
    pub min: Duration,
    /// The longest time ahead.
    pub max: Duration,
}

impl ScheduleWindow {
    /// A window from `min` to `max` ahead of now.
    #[must_use]
    pub const fn new(min: Duration, max: Duration) -> Self {
        Self { min, max }
    }
}
