//! The circuit breaker: after too many failures it rejects calls without sending them, and lets a few probes through
//! to find out whether the vendor is back.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{backoff::Jitter, clock::Instant, duration_text};

use crate::macros::words;

const BUCKETS: u32 = 10;

/// Settings of the circuit breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct BreakerConfig {
    /// Whether the breaker is enabled. Default yes, as in Microsoft.Extensions.Http.Resilience.
    pub enabled: bool,
    /// The share of failures that opens the breaker, 1 to 100 percent. Default 50, as in resilience4j.
    pub failure_percent: u32,
    /// The window in which failures are counted, in ten buckets. Default 30 s, as in Polly and linkerd.
    #[serde(deserialize_with = "duration_text::deserialize")]
    #[schemars(with = "String")]
    pub window: Duration,
    /// How many attempts the window must contain before the share counts. Default 20, our default (no vendor source):
    /// API clients have little traffic (Polly and resilience4j: 100).
    pub minimum_calls: u32,
    /// How long the breaker stays open the first time, plus up to a tenth at random; doubles each time a probe fails,
    /// up to 60 s. Default 5 s, as in Polly; the doubling, its limit and the tenth are our defaults (no vendor
    /// source).
    #[serde(deserialize_with = "duration_text::deserialize")]
    #[schemars(with = "String")]
    pub open_for: Duration,
    /// How many probes are let through concurrently when the breaker is half open, and must succeed. Default 3, our
    /// default (no vendor source), between Polly (1) and resilience4j (10).
    pub probes: u32,
}

impl Default for BreakerConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            failure_percent: 50,
            window: Duration::from_secs(30),
            minimum_calls: 20,
            open_for: Duration::from_secs(5),
            probes: 3,
        }
    }
}

impl BreakerConfig {
    /// Settings that disable the circuit breaker.
    #[must_use]
    pub fn disabled() -> Self {
        Self {
            enabled: false,
            ..Self::default()
        }
    }
}

const LONGEST_OPEN: Duration = Duration::from_secs(60);

/// The current state of the circuit breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BreakerState {
    /// Every attempt is let through.
    Closed,
    /// No attempt is let through.
    Open,
    /// A few probes are let through.
    HalfOpen,
    /// An operator opened the circuit by hand.
    Isolated,
}

words!(BreakerState {
    Self::Closed => "closed",
    Self::Open => "open",
    Self::HalfOpen => "half_open",
    Self::Isolated => "isolated",
});

/// The circuit breaker of one connection.
pub(crate) struct Breaker {
    config: BreakerConfig,
    jitter: Arc<dyn Jitter>,
    inner: Mutex<Inner>,
}

struct Inner {
    state: State,
    /// Incremented with every change of state: results of attempts that began before are ignored.
    generation: u64,
    buckets: [Bucket; BUCKETS as usize],
    origin: Instant,
    opened_in_a_row: u32,
}

#[derive(Clone, Copy)]
enum State {
    Closed,
    Open { until: Instant },
    HalfOpen { free: u32, succeeded: u32 },
    Isolated,
}

#[derive(Clone, Copy, Default)]
struct Bucket {
    epoch: u64,
    calls: u32,
    failures: u32,
}

impl Breaker {
    pub(crate) fn new(config: BreakerConfig, jitter: Arc<dyn Jitter>, now: Instant) -> Arc<Self> {
        Arc::new(Self {
            config,
            jitter,
            inner: Mutex::new(Inner {
                state: State::Closed,
                generation: 0,
                buckets: [Bucket::default(); BUCKETS as usize],
                origin: now,
                opened_in_a_row: 0,
            }),
        })
    }

    /// Lets an attempt through, or returns how long to wait. Costs one short lock and nothing else.
    pub(crate) fn try_acquire(self: &Arc<Self>, now: Instant) -> Result<Permit, Duration> {
        if !self.config.enabled {
            return Ok(Permit {
                breaker: None,
                generation: 0,
                probe: false,
            });
        }
        let mut inner = self.lock();
        if let State::Open { until } = inner.state {
            if now < until {
                return Err(until.saturating_duration_since(now));
            }
            inner.change(State::HalfOpen {
                free: self.config.probes,
                succeeded: 0,
            });
        }
        let probe = match &mut inner.state {
            State::Closed => false,
            State::HalfOpen { free, .. } => match free.checked_sub(1) {
                Some(left) => {
                    *free = left;
                    true
                }
                // The probes that are in flight decide soon.
                None => return Err(self.config.open_for),
            },
            State::Open { .. } | State::Isolated => return Err(self.config.open_for),
        };
        let generation = inner.generation;
        Ok(Permit {
            breaker: Some(Arc::clone(self)),
            generation,
            probe,
        })
    }

    pub(crate) fn state(&self) -> BreakerState {
        match self.lock().state {
            State::Closed => BreakerState::Closed,
            State::Open { .. } => BreakerState::Open,
            State::HalfOpen { .. } => BreakerState::HalfOpen,
            State::Isolated => BreakerState::Isolated,
        }
    }

    /// Lets nothing through until [`reset`](Self::reset) is called.
    pub(crate) fn isolate(&self) {
        self.lock().change(State::Isolated);
    }

    /// Closes the circuit and forgets past failures.
    pub(crate) fn reset(&self) {
        let mut inner = self.lock();
        inner.buckets = [Bucket::default(); BUCKETS as usize];
        inner.opened_in_a_row = 0;
        inner.change(State::Closed);
    }

    fn verdict(&self, generation: u64, failed: bool, now: Instant) -> Option<Change> {
        let mut inner = self.lock();
        if inner.generation != generation {
            return None;
        }
        match inner.state {
            State::Closed => {
                let (calls, failures) = inner.count(failed, self.config.window, now);
                let share = u64::from(failures) * 100;
                if calls >= self.config.minimum_calls
                    && share >= u64::from(calls) * u64::from(self.config.failure_percent)
                {
                    return Some(self.open(&mut inner, now));
                }
            }
            State::HalfOpen { .. } if failed => return Some(self.open(&mut inner, now)),
            State::HalfOpen { free, succeeded } => {
                let succeeded = succeeded + 1;
                if succeeded >= self.config.probes {
                    inner.buckets = [Bucket::default(); BUCKETS as usize];
                    inner.opened_in_a_row = 0;
                    inner.change(State::Closed);
                    return Some(Change::Closed);
                } else {
                    // A probe that succeeded frees its place for the next.
                    inner.state = State::HalfOpen {
                        free: free + 1,
                        succeeded,
                    };
                }
            }
            State::Open { .. } | State::Isolated => {}
        }
        None
    }

    fn open(&self, inner: &mut Inner, now: Instant) -> Change {
        let factor = 1_u32.checked_shl(inner.opened_in_a_row).unwrap_or(u32::MAX);
        let length = self
            .config
            .open_for
            .saturating_mul(factor)
            .min(LONGEST_OPEN);
        let length = length + self.jitter.up_to(length / 10);
        inner.opened_in_a_row = inner.opened_in_a_row.saturating_add(1);
        inner.change(State::Open {
            until: now.checked_add(length).unwrap_or(now),
        });
        Change::Opened(length)
    }

    fn give_back(&self, generation: u64) {
        let mut inner = self.lock();
        if inner.generation == generation
            && let State::HalfOpen { free, .. } = &mut inner.state
        {
            *free += 1;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Breaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Breaker")
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}

impl Inner {
    fn change(&mut self, state: State) {
        self.state = state;
        self.generation = self.generation.wrapping_add(1);
    }

    /// Counts one attempt and returns the sums over the window.
    fn count(&mut self, failed: bool, window: Duration, now: Instant) -> (u32, u32) {
        let width = (window / BUCKETS).as_nanos().max(1);
        let elapsed = now.saturating_duration_since(self.origin).as_nanos();
        // Epochs begin at the number of buckets, so that unused buckets (epoch 0) are always outside the window.
        let epoch = u64::try_from(elapsed / width)
            .unwrap_or(u64::MAX)
            .saturating_add(u64::from(BUCKETS));
        let index = usize::try_from(epoch % u64::from(BUCKETS)).unwrap_or(0);
        if let Some(bucket) = self.buckets.get_mut(index) {
            if bucket.epoch != epoch {
                *bucket = Bucket {
                    epoch,
                    ..Bucket::default()
                };
            }
            bucket.calls = bucket.calls.saturating_add(1);
            bucket.failures = bucket.failures.saturating_add(u32::from(failed));
        }
        let oldest = epoch.saturating_sub(u64::from(BUCKETS) - 1);
        self.buckets
            .iter()
            .filter(|bucket| bucket.epoch >= oldest)
            .fold((0, 0), |(calls, failures), bucket| {
                (calls + bucket.calls, failures + bucket.failures)
            })
    }
}

/// A change of the circuit by the result of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// It opened, for so long.
    Opened(Duration),
    /// The vendor is back.
    Closed,
}

/// The permission for one attempt. Dropped without a verdict it counts as neither a success nor a failure, and a
/// probe's place is free again: the caller cancelled the call.
#[derive(Debug)]
pub(crate) struct Permit {
    breaker: Option<Arc<Breaker>>,
    generation: u64,
    probe: bool,
}

impl Permit {
    pub(crate) fn verdict(mut self, failed: bool, now: Instant) -> Option<Change> {
        let breaker = self.breaker.take()?;
        breaker.verdict(self.generation, failed, now)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let (Some(breaker), true) = (self.breaker.take(), self.probe) {
            breaker.give_back(self.generation);
        }
    }
}

#[cfg(test)]
mod tests;
