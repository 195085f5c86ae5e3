//! The `PayPal-Request-Id` rule: a repeated call returns the current state of what the first call created:
//! <https://developer.paypal.com/api/rest/reference/idempotency/>.

use std::collections::HashMap;

use super::account::ObjectRef;
use super::error::ApiError;

/// The greatest length of a request id, in characters.
const MAX_LENGTH: usize = 108;

/// A request id with the path that it was used on; the same id on another path is another request.
pub(super) type Scoped = (String, String);

/// The state of a request id.
#[derive(Debug)]
enum Slot {
    Running,
    Done(ObjectRef),
}

/// Whether a call is the first with its request id.
#[derive(Debug)]
pub(super) enum Turn {
    First,
    Repeat(ObjectRef),
}

/// The request ids seen so far. The vendor forgets them after hours or days; the emulator never does.
#[derive(Debug, Default)]
pub(super) struct RequestIds(HashMap<Scoped, Slot>);

impl RequestIds {
    /// Marks the request id as in use, or finds that it already is.
    pub(super) fn begin(&mut self, scoped: &Scoped) -> Result<Turn, ApiError> {
        let (id, path) = scoped;
        if id.is_empty() || id.chars().count() > MAX_LENGTH {
            let error = ApiError::issue("INVALID_STRING_LENGTH");
            return Err(error.at("PayPal-Request-Id"));
        }
        match self.0.get(scoped) {
            None => {
                self.0.insert(scoped.clone(), Slot::Running);
                Ok(Turn::First)
            }
            Some(Slot::Done(object)) => Ok(Turn::Repeat(object.clone())),
            Some(Slot::Running) => {
                let completes = path.starts_with("/v2/checkout/orders/");
                Err(ApiError::issue(if completes {
                    "ORDER_COMPLETION_IN_PROGRESS"
                } else {
                    "PREVIOUS_REQUEST_IN_PROGRESS"
                }))
            }
        }
    }

    /// Stores what the call created; a failed call leaves its request id unused.
    pub(super) fn end(&mut self, scoped: &Scoped, created: Option<ObjectRef>) {
        match created {
            Some(object) => self.0.insert(scoped.clone(), Slot::Done(object)),
            None => self.0.remove(scoped),
        };
    }
}
