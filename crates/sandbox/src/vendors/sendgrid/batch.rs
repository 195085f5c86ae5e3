//! The events that are posted together, and the delivery that they become.

use crate::webhooks::Delivery;

/// The events that will be posted together.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) events: Vec<String>,
    pub(super) size: usize,
    /// The name of the first event, which the delivery is recorded under.
    pub(super) first: String,
}

impl Batch {
    /// Empties the batch and returns its delivery, or `None` if there are no events.
    pub(super) fn post(&mut self, id: String) -> Option<Delivery> {
        let batch = std::mem::take(self);
        if batch.events.is_empty() {
            return None;
        }
        // The body ends with a line break, as SendGrid's does; the signature covers it.
        let body = format!("[{}]\r\n", batch.events.join(",\r\n"));
        Some(Delivery {
            event: batch.first,
            id,
            content_type: "application/json",
            body: body.into(),
            url: None,
        })
    }
}
