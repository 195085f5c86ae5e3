//! The receiver of webhooks: verifies what is posted, knows duplicates, and hands each event to the application once.
//!
//! Each `[webhooks.<endpoint>]` of the configuration is received at `/webhooks/<endpoint>`. A delivery is answered with 2xx
//! only once the handler took all its events: whatever fails, the vendor sends it again. See `docs/webhooks.md` for what
//! that asks of a handler.
//!
//! | answer | when |
//! |---|---|
//! | 200 | every event was taken, now or before |
//! | 400 | it cannot be verified; the reason is in our log, not in the response |
//! | 404, 405 | no such endpoint, or not by this method |
//! | 408, 413, 415 | the body came too slowly, is too long, or of the wrong content type |
//! | 503 | the handler failed, an event is being handled already, or something needed is out of reach: send it again |

mod dedupe;
mod handler;
mod receiver;
#[cfg(feature = "axum")]
mod router;
mod settle;
#[cfg(test)]
mod tests;

pub use self::{
    dedupe::{Claim, DedupeStore, EventKey, MemoryDedupe},
    handler::{HandlerError, WebhookHandler},
    receiver::{Receiver, ReceiverBuilder},
};
pub use anyvendor_core::webhook::*;

#[cfg(feature = "axum")]
pub use self::router::router;
