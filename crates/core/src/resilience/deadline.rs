//! When the time of a call is up, and whose limit that is.

use std::time::Duration;

use super::clock::Instant;

/// When the time of a call is up; `None` means never.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline {
    /// The caller's own limit.
    pub(super) caller: Option<Instant>,
    /// The policy's total limit.
    pub(super) policy: Option<Instant>,
}

impl Deadline {
    /// A limit of so much time from a start; without a time, or beyond what an instant can be, there is none.
    pub(super) fn after(start: Instant, time: Option<Duration>) -> Option<Instant> {
        time.and_then(|time| start.checked_add(time))
    }

    pub(super) fn remaining(self, now: Instant) -> Option<Duration> {
        let first = match (self.caller, self.policy) {
            (Some(caller), Some(policy)) => Some(caller.min(policy)),
            (caller, policy) => caller.or(policy),
        };
        first.map(|at| at.saturating_duration_since(now))
    }

    /// Whether an attempt that starts now and may take `limit` is cut short by the caller's own limit, before any of ours.
    pub(super) fn is_callers(self, now: Instant, limit: Duration) -> bool {
        let left = |at: Option<Instant>| at.map(|at| at.saturating_duration_since(now));
        let ours = left(self.policy).map_or(limit, |policy| policy.min(limit));
        left(self.caller).is_some_and(|caller| caller < ours)
    }
}
