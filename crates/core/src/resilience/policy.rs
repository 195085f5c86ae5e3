//! The settings of the call pipeline, each with its default and the source of the default.

use std::{num::NonZeroU32, time::Duration};

use schemars::JsonSchema;
use serde::Deserialize;

use super::{breaker::BreakerConfig, budget::BudgetConfig, duration_text, rate_limit::RateWindow};
use crate::error::Error;

/// How the calls of one connection behave when the vendor or the network fails. In a configuration, durations are text
/// such as `"10s"` or `"50ms"`.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use anyvendor_core::resilience::Policy;
///
/// let policy = Policy::default()
///     .with_attempts(2)
///     .with_timeouts(Duration::from_secs(5), Duration::from_secs(8));
/// assert!(policy.check().is_ok());
///
/// let policy: Policy = serde_json::from_str(r#"{ "attempts": 11 }"#).unwrap();
/// assert_eq!(policy.check().unwrap_err().field(), Some("resilience.attempts"));
/// ```
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Policy {
    /// Attempts per call, including the first: 1 to 10. Default 3, as in smithy-rs and the Google SRE book.
    pub attempts: u32,
    /// The base of the delay after a transient failure. Default 50 ms, as in smithy-rs (retry 2.1).
    #[serde(deserialize_with = "duration_text::deserialize")]
    #[schemars(with = "String")]
    pub base_delay: Duration,
    /// The base of the delay after throttling. Default 1 s, as in smithy-rs (retry 2.1).
    #[serde(deserialize_with = "duration_text::deserialize")]
    #[schemars(with = "String")]
    pub throttled_base_delay: Duration,
    /// The longest delay that we choose, at least `base_delay`. Default 20 s, as in smithy-rs.
    #[serde(deserialize_with = "duration_text::deserialize")]
    #[schemars(with = "String")]
    pub max_delay: Duration,
    /// The longest delay that a vendor may ask for inside a call; a longer one ends the call. Default 60 s, our
    /// default (no vendor source); linkerd has a limit, too.
    #[serde(deserialize_with = "duration_text::deserialize")]
    #[schemars(with = "String")]
    pub max_server_delay: Duration,
    /// The longest that making a connection may take. Default 3.1 s, as in smithy-rs.
    #[serde(deserialize_with = "duration_text::deserialize")]
    #[schemars(with = "String")]
    pub connect_timeout: Duration,
    /// The longest that one attempt may take, the response's body included. Default 10 s, as in
    /// Microsoft.Extensions.Http.Resilience.
    #[serde(deserialize_with = "duration_text::deserialize")]
    #[schemars(with = "String")]
    pub attempt_timeout: Duration,
    /// The longest that a call may take, waits included. Default 30 s, as in Microsoft.Extensions.Http.Resilience and
    /// Polly.
    #[serde(deserialize_with = "duration_text::deserialize")]
    #[schemars(with = "String")]
    pub total_timeout: Duration,
    /// The longest that one attempt may take that transfers bulk data or that the vendor may process silently for
    /// minutes. Default 300 s, our default (no vendor source), far above what an 8 MiB part needs on a slow line.
    #[serde(deserialize_with = "duration_text::deserialize")]
    #[schemars(with = "String")]
    pub bulk_attempt_timeout: Duration,
    /// The longest wait for the next piece of a streamed body. Default 20 s, the grace period of smithy-rs for stalled
    /// streams.
    #[serde(deserialize_with = "duration_text::deserialize")]
    #[schemars(with = "String")]
    pub idle_timeout: Duration,
    /// The largest response that is read into memory, in bytes after decompression. Default 8 MiB, our default (no
    /// vendor source).
    pub max_response_bytes: u64,
    /// The retry budget that all calls share. Its defaults are those of smithy-rs, except the refill.
    pub budget: BudgetConfig,
    /// The circuit breaker; disable it with `breaker = { enabled = false }`. Each of its fields names its source.
    pub breaker: BreakerConfig,
    /// Our own limits on attempts per time, all of which apply. Default none, our default (no vendor source): the
    /// vendor's responses set the pace.
    pub rate_limit: Vec<RateWindow>,
    /// How many attempts may be in flight concurrently. Default no limit, our default (no vendor source); in
    /// Microsoft.Extensions.Http.Resilience it is 1000.
    pub max_concurrency: Option<NonZeroU32>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            attempts: 3,
            base_delay: Duration::from_millis(50),
            throttled_base_delay: Duration::from_secs(1),
            max_delay: Duration::from_secs(20),
            max_server_delay: Duration::from_secs(60),
            connect_timeout: Duration::from_millis(3_100),
            attempt_timeout: Duration::from_secs(10),
            total_timeout: Duration::from_secs(30),
            bulk_attempt_timeout: Duration::from_secs(300),
            idle_timeout: Duration::from_secs(20),
            max_response_bytes: 8 * 1024 * 1024,
            budget: BudgetConfig::default(),
            breaker: BreakerConfig::default(),
            rate_limit: Vec::new(),
            max_concurrency: None,
        }
    }
}

impl Policy {
    /// Checks the range of every setting.
    ///
    /// # Errors
    /// `Config`, naming the field and its valid range.
    pub fn check(&self) -> Result<(), Error> {
        let rules = [
            (
                "resilience.attempts",
                (1..=10).contains(&self.attempts),
                "must be 1 to 10",
            ),
            (
                "resilience.max_delay",
                self.max_delay >= self.base_delay,
                "must not be less than base_delay",
            ),
            (
                "resilience.connect_timeout",
                !self.connect_timeout.is_zero(),
                "must be more than zero",
            ),
            (
                "resilience.attempt_timeout",
                !self.attempt_timeout.is_zero(),
                "must be more than zero",
            ),
            (
                "resilience.total_timeout",
                !self.total_timeout.is_zero(),
                "must be more than zero",
            ),
            (
                "resilience.bulk_attempt_timeout",
                !self.bulk_attempt_timeout.is_zero(),
                "must be more than zero",
            ),
            (
                "resilience.idle_timeout",
                !self.idle_timeout.is_zero(),
                "must be more than zero",
            ),
            (
                "resilience.max_response_bytes",
                self.max_response_bytes > 0,
                "must be more than zero",
            ),
            (
                "resilience.breaker.failure_percent",
                (1..=100).contains(&self.breaker.failure_percent),
                "must be 1 to 100",
            ),
            (
                "resilience.breaker.minimum_calls",
                self.breaker.minimum_calls > 0,
                "must be more than zero",
            ),
            (
                "resilience.breaker.probes",
                self.breaker.probes > 0,
                "must be more than zero",
            ),
            (
                "resilience.breaker.window",
                !self.breaker.window.is_zero(),
                "must be more than zero",
            ),
            (
                "resilience.breaker.open_for",
                !self.breaker.open_for.is_zero(),
                "must be more than zero",
            ),
            (
                "resilience.rate_limit.per",
                self.rate_limit.iter().all(|window| !window.per.is_zero()),
                "must be more than zero",
            ),
        ];
        match rules.into_iter().find(|(_, holds, _)| !holds) {
            Some((field, _, remedy)) => Err(Error::config(field, remedy)),
            None => Ok(()),
        }
    }

    /// Sets the number of attempts.
    #[must_use]
    pub fn with_attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// Sets the time limits of an attempt and of a call.
    #[must_use]
    pub fn with_timeouts(mut self, attempt: Duration, total: Duration) -> Self {
        self.attempt_timeout = attempt;
        self.total_timeout = total;
        self
    }

    /// Sets the base delays, after transient failures and after throttling.
    #[must_use]
    pub fn with_delays(mut self, transient: Duration, throttled: Duration) -> Self {
        self.base_delay = transient;
        self.throttled_base_delay = throttled;
        self
    }

    /// Sets the circuit breaker.
    #[must_use]
    pub fn with_breaker(mut self, breaker: BreakerConfig) -> Self {
        self.breaker = breaker;
        self
    }

    /// Sets our own limits on attempts per time.
    #[must_use]
    pub fn with_rate_limit(mut self, windows: Vec<RateWindow>) -> Self {
        self.rate_limit = windows;
        self
    }

    /// Sets how many attempts may be in flight concurrently.
    #[must_use]
    pub fn with_max_concurrency(mut self, max: NonZeroU32) -> Self {
        self.max_concurrency = Some(max);
        self
    }
}

/// What a vendor's documents promise beyond the general rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct VendorProfile {
    /// The vendor stores a 500 under the key and replays it, so a keyed write is repeated after a 500 only if the
    /// vendor explicitly says to retry.
    pub keyed_500_requires_directive: bool,
    /// A throttled request did no work, so even an unkeyed write may be sent again.
    pub throttled_before_work: bool,
    /// A 503 with `Retry-After` did no work.
    pub unavailable_with_retry_after_before_work: bool,
}

impl Default for VendorProfile {
    fn default() -> Self {
        Self {
            keyed_500_requires_directive: false,
            throttled_before_work: true,
            unavailable_with_retry_after_before_work: false,
        }
    }
}

impl VendorProfile {
    /// Repeats keyed writes after a 500 only if the vendor explicitly says to retry.
    #[must_use]
    pub fn keyed_500_requires_directive(mut self) -> Self {
        self.keyed_500_requires_directive = true;
        self
    }

    /// Declares that a 503 with `Retry-After` did no work.
    #[must_use]
    pub fn unavailable_with_retry_after_before_work(mut self) -> Self {
        self.unavailable_with_retry_after_before_work = true;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_good_and_nonsense_is_named() {
        Policy::default().check().unwrap();
        let error = Policy::default().with_attempts(0).check().unwrap_err();
        assert_eq!(error.field(), Some("resilience.attempts"));
    }

    #[test]
    fn durations_are_read_as_text() {
        let policy: Policy =
            serde_json::from_str(r#"{"attempt_timeout": "1500ms", "total_timeout": "1m"}"#)
                .unwrap();
        assert_eq!(policy.attempt_timeout, Duration::from_millis(1_500));
        assert_eq!(policy.total_timeout, Duration::from_secs(60));
        assert!(serde_json::from_str::<Policy>(r#"{"attempt_timeout": "-1s"}"#).is_err());
        assert!(serde_json::from_str::<Policy>(r#"{"attempt_timout": "1s"}"#).is_err());
    }
}
