//! The capabilities of an email vendor, as data.

use std::num::NonZeroU32;

/// The capabilities of an email vendor. By default there are none; adapters set what is true.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EmailCapabilities {
    /// The vendor stores templates.
    pub templates: bool,
    /// A message can have attachments, and images inside the HTML.
    pub attachments: bool,
    /// How many hours ahead a message can be scheduled; `None` if the vendor cannot schedule.
    pub schedule_hours: Option<NonZeroU32>,
    /// A scheduled message can be cancelled.
    pub cancel_scheduled: bool,
    /// Open and click tracking can be set per message.
    pub tracking: bool,
    /// Readers can unsubscribe from single groups.
    pub unsubscribe_groups: bool,
    /// How many tags a message can have; `None` if the vendor has no tags.
    pub max_tags: Option<NonZeroU32>,
    /// How many recipients one request to the vendor can have; bulk sending splits its requests to this size.
    pub recipients_per_request: Option<NonZeroU32>,
    /// Whether the vendor honours an idempotency key for sending.
    pub idempotent_send: bool,
}

impl EmailCapabilities {
    /// The capabilities that at least one of two vendors has: a message goes to the vendor that supports it.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            templates: self.templates || other.templates,
            attachments: self.attachments || other.attachments,
            schedule_hours: self.schedule_hours.max(other.schedule_hours),
            cancel_scheduled: self.cancel_scheduled || other.cancel_scheduled,
            tracking: self.tracking || other.tracking,
            unsubscribe_groups: self.unsubscribe_groups || other.unsubscribe_groups,
            max_tags: self.max_tags.max(other.max_tags),
            recipients_per_request: self
                .recipients_per_request
                .max(other.recipients_per_request),
            // Only if both do: the caller does not know which vendor will be used.
            idempotent_send: self.idempotent_send && other.idempotent_send,
        }
    }
}
