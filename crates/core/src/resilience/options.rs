//! What a caller may ask of a single call.

use std::time::Duration;

/// Settings of one call; the default is right for most.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallOptions {
    /// The longest that the whole call may take, waits included; shorter than the policy's total timeout, or ignored.
    pub timeout: Option<Duration>,
    /// Whether failures are retried. [`Retries::Off`] is for callers that have a queue of their own.
    pub retries: Retries,
    /// Whether it is acceptable that the work is done twice.
    pub duplicates: Duplicates,
}

impl CallOptions {
    /// Limits the whole call.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// One attempt only.
    #[must_use]
    pub fn without_retries(mut self) -> Self {
        self.retries = Retries::Off;
        self
    }

    /// The caller accepts that the work may be done twice, such as for a login code that is useless when late.
    #[must_use]
    pub fn tolerating_duplicates(mut self) -> Self {
        self.duplicates = Duplicates::Tolerated;
        self
    }
}

/// Whether a call may be attempted more than once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Retries {
    /// As the policy says.
    #[default]
    Policy,
    /// One attempt.
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
