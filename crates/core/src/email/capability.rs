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
