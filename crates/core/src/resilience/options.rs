//! The options of a single call.

use std::time::Duration;

/// Options of one call; the defaults are right for most.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use anyvendor_core::resilience::{CallOptions, Retries};
///
/// // A job from a queue that has retries of its own.
/// let options = CallOptions::default().with_timeout(Duration::from_secs(5)).without_retries();
/// assert_eq!(options.retries, Retries::Off);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallOptions {
    /// The longest that the whole call may take, waits included. It can only shorten the policy's total timeout.
    pub timeout: Option<Duration>,
    /// Whether failures are retried. [`Retries::Off`] is for callers that have their own queue.
    pub retries: Retries,
    /// Whether it is acceptable that the work is done twice.
    pub duplicates: Duplicates,
}

impl CallOptions {
    /// Limits the duration of the whole call.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Allows one attempt only.
    #[must_use]
    pub fn without_retries(mut self) -> Self {
        self.retries = Retries::Off;
        self
    }

    /// Accepts that the work may be done twice, such as sending a login code that is useless when late.
    #[must_use]
    pub fn tolerating_duplicates(mut self) -> Self {
        self.duplicates = Duplicates::Tolerated;
        self
    }
}

/// Whether a call may be attempted more than once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Retries {
    /// Retries follow the policy.
    #[default]
    Policy,
    /// Only one attempt is made.
    Off,
}

/// Whether the caller accepts that the work is done twice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Duplicates {
    /// A write whose outcome is unknown is not repeated.
    #[default]
    Forbidden,
    /// A write whose outcome is unknown may be repeated.
    Tolerated,
}
