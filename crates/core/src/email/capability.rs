//! What an e-mail vendor can do, as data.

use std::num::NonZeroU32;

/// What an e-mail vendor can do. The default is nothing; adapters set what is true.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EmailCapabilities {
    /// Templates that the vendor keeps.
    pub templates: bool,
    /// Files, and images inside the HTML.
    pub attachments: bool,
    /// Sending later: how many hours ahead at most; `None` where it cannot.
    pub schedule_hours: Option<NonZeroU32>,
    /// Cancelling what is scheduled.
    pub cancel_scheduled: bool,
    /// Noting opens and clicks, per message.
    pub tracking: bool,
    /// Topics to unsubscribe from.
    pub unsubscribe_groups: bool,
    /// How many tags a message may have; `None` where it cannot have any.
    pub max_tags: Option<NonZeroU32>,
    /// How many recipients one request to the vendor may hold; bulk sending cuts itself to this.
    pub recipients_per_request: Option<NonZeroU32>,
    /// Whether the vendor honours an idempotency key for sending.
    pub idempotent_send: bool,
}

impl EmailCapabilities {
    /// What one of two vendors can do: a message goes to the one that can take it.
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
            // Only if all do: whoever relies on it does not know who will answer.
            idempotent_send: self.idempotent_send && other.idempotent_send,
        }
    }
}
