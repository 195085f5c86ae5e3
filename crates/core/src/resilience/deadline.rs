//! One time limit over several requests that serve the same call of the application.

use std::{fmt, sync::Arc};

use super::{
    clock::{Clock, Instant},
    options::CallOptions,
};

/// The options of a call that takes several requests: each of them gets the time that the earlier ones have left. Made by
/// [`Pipeline::deadline`](super::Pipeline::deadline).
#[derive(Clone)]
pub struct Deadline {
    clock: Arc<dyn Clock>,
    started: Instant,
    options: CallOptions,
}

impl Deadline {
    /// Starts to count now.
    pub(super) fn start(clock: Arc<dyn Clock>, options: CallOptions) -> Self {
        Self {
            started: clock.monotonic(),
            clock,
            options,
        }
    }

    /// The options for the next request. Without a timeout of the call each request has the policy's total timeout.
    #[must_use]
    pub fn remaining_options(&self) -> CallOptions {
        let options = self.options.clone();
        match options.timeout {
            Some(timeout) => {
                let now = self.clock.monotonic();
                let spent = now.saturating_duration_since(self.started);
                options.with_timeout(timeout.saturating_sub(spent))
            }
            None => options,
        }
    }
}

impl fmt::Debug for Deadline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deadline")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
