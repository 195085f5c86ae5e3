//! The webhook receiver: verifies deliveries, recognizes duplicates, and gives each event to the application once.
//!
//! Each table `[webhooks.<endpoint>]` of the configuration is received at `/webhooks/<endpoint>`. A delivery gets a 2xx
//! response only after the handler has succeeded for all its events; otherwise the vendor sends it again. `docs/webhooks.md`
//! says what that means for a handler.
//!
//! The status is decided by whose fault it is, in one place: [`WebhookError::status`].
//!
//! | status | when |
//! |---|---|
//! | 200 | every event was handled, now or before, or is ignored on purpose |
//! | 400 | the delivery cannot be verified; the reason is in our log, not in the response |
//! | 404, 405 | unknown endpoint, or wrong HTTP method |
//! | 413, 415 | the body is too long, or has the wrong content type |
//! | 503 | ours or the network's fault, to be sent again: the handler or a store failed, an event is being handled already, our clock is behind, the receiver is full, the body was slow or cut, a dependency is unavailable |

mod body;
mod dedupe;
mod endpoint;
mod handler;
mod judge;
mod places;
mod processor;
mod receiver;
mod response;
#[cfg(feature = "axum")]
mod router;
#[cfg(test)]
mod tests;

pub use self::{
    dedupe::MemoryDedupe,
    handler::{HandlerError, WebhookHandler},
    receiver::{Receiver, ReceiverBuilder},
};
// tidy: glob: handlers and outside verifiers find the whole model of events here.
pub use anyvendor_core::webhook::*;

#[cfg(feature = "axum")]
pub use self::router::router;
