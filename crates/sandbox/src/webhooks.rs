//! The webhooks that the emulators post to an application: signed, retried as each vendor does, and wrong on demand.

mod attempt;
mod client;
mod delivery;
mod dispatcher;
mod plan;
mod record;
mod sender;

pub use plan::WebhookPlan;
pub use record::{WebhookDelivery, WebhookKind, WebhookResponse, WebhookState};

pub(crate) use delivery::Delivery;
pub(crate) use dispatcher::{Dispatcher, Outbox};
pub(crate) use sender::{Sender, Sign, ToSign};

#[cfg(test)]
pub(crate) use sender::retries;
