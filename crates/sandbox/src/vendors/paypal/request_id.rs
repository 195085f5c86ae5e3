//! The `PayPal-Request-Id` rule: a repeat shows what the first call made, as it is by now.

use std::collections::HashMap;

use super::account::What;
use super::refusal::Refusal;

/// The longest id.
const LONGEST: usize = 108;

/// An id counts for one method and path.
pub(super) type Scoped = (String, String);

#[derive(Debug)]
enum Slot {
    Running,
    Done(What),
}

/// What an id means for the call that brings it.
#[derive(Debug)]
pub(super) enum Turn {
    First,
    Repeat(What),
}

/// The ids seen so far; they do not run out here.
#[derive(Debug, Default)]
pub(super) struct RequestIds(HashMap<Scoped, Slot>);

impl RequestIds {
    pub(super) fn begin(&mut self, scoped: &Scoped) -> Result<Turn, Refusal> {
        let (id, path) = scoped;
        if id.is_empty() || id.chars().count() > LONGEST {
            let refusal = Refusal::issue("INVALID_STRING_LENGTH");
            return Err(refusal.at("PayPal-Request-Id"));
        }
        match self.0.get(scoped) {
            None => {
                self.0.insert(scoped.clone(), Slot::Running);
                Ok(Turn::First)
            }
            Some(Slot::Done(what)) => Ok(Turn::Repeat(what.clone())),
            Some(Slot::Running) => {
                let completes = path.starts_with("/v2/checkout/orders/");
                Err(Refusal::issue(match completes {
                    true => "ORDER_COMPLETION_IN_PROGRESS",
                    false => "PREVIOUS_REQUEST_IN_PROGRESS",
                }))
            }
        }
    }

    /// A call that was refused leaves nothing behind.
    pub(super) fn end(&mut self, scoped: &Scoped, made: Option<What>) {
        match made {
            Some(what) => self.0.insert(scoped.clone(), Slot::Done(what)),
            None => self.0.remove(scoped),
        };
    }
}
