//! The retry budget: all calls of a connection share it, so that an outage does not multiply the load.
//!
//! A retry leases tokens when it is decided, before its delay, and returns them when it succeeds. The cost of failed
//! retries is regained by calls that succeed at the first attempt and, slowly, by time.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use schemars::JsonSchema;
use serde::Deserialize;

use super::clock::Instant;

/// Settings of the retry budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct BudgetConfig {
    /// The maximum number of tokens; 0 disables retries. Default 500, as in smithy-rs.
    pub capacity: u32,
    /// The cost of a retry. Default 14, as in smithy-rs (retry 2.1).
    pub cost: u32,
    /// The cost of a retry after the vendor throttled us. Default 5, as in smithy-rs (retry 2.1).
    pub throttled_cost: u32,
    /// How many tokens a call earns that succeeds at the first attempt. Default 1, as in smithy-rs.
    pub income: u32,
    /// How many tokens return per second, so that a client with little traffic is not locked out after an outage.
    /// Default 1, our default (no vendor source): an empty budget allows a probe every 14 seconds and is full again
    /// after 500.
    pub refill_per_second: u32,
}

impl Default for BudgetConfig {
    fn default() -> Self {
        Self {
            capacity: 500,
            cost: 14,
            throttled_cost: 5,
            income: 1,
            refill_per_second: 1,
        }
    }
}

/// The tokens that all calls share.
#[derive(Debug)]
pub(crate) struct Budget {
    config: BudgetConfig,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    tokens: u32,
    refilled: Instant,
}

impl Budget {
    pub(crate) fn new(config: BudgetConfig, now: Instant) -> Arc<Self> {
        Arc::new(Self {
            config,
            state: Mutex::new(State {
                tokens: config.capacity,
                refilled: now,
            }),
        })
    }

    /// Takes the tokens of one retry; `None` if there are too few.
    pub(crate) fn lease(self: &Arc<Self>, throttled: bool, now: Instant) -> Option<Lease> {
        let cost = if throttled {
            self.config.throttled_cost
        } else {
            self.config.cost
        };
        let mut state = self.refilled(now);
        state.tokens = state.tokens.checked_sub(cost)?;
        Some(Lease {
            budget: Arc::clone(self),
            cost,
        })
    }

    /// Records a call that succeeded at the first attempt.
    pub(crate) fn earn(&self, now: Instant) {
        self.give(self.config.income, now);
    }

    /// How many tokens there are.
    pub(crate) fn level(&self, now: Instant) -> u32 {
        self.refilled(now).tokens
    }

    fn give(&self, tokens: u32, now: Instant) {
        let mut state = self.refilled(now);
        state.tokens = state
            .tokens
            .saturating_add(tokens)
            .min(self.config.capacity);
    }

    fn refilled(&self, now: Instant) -> std::sync::MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let seconds = now.saturating_duration_since(state.refilled).as_secs();
        if seconds > 0 {
            let tokens = u32::try_from(seconds)
                .unwrap_or(u32::MAX)
                .saturating_mul(self.config.refill_per_second);
            state.tokens = state
                .tokens
                .saturating_add(tokens)
                .min(self.config.capacity);
            state.refilled = state
                .refilled
                .checked_add(Duration::from_secs(seconds))
                .unwrap_or(now);
        }
        state
    }
}

/// The tokens that one retry has leased.
#[derive(Debug)]
pub(crate) struct Lease {
    budget: Arc<Budget>,
    cost: u32,
}

impl Lease {
    /// Returns the tokens because the retry succeeded. Tokens of a dropped lease are spent.
    pub(crate) fn give_back(self, now: Instant) {
        self.budget.give(self.cost, now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resilience::clock::{Clock, TestClock};

    #[test]
    fn t14_budget_empties_and_recovers() {
        let start = TestClock.monotonic();
        let budget = Budget::new(
            BudgetConfig {
                capacity: 30,
                ..BudgetConfig::default()
            },
            start,
        );
        let first = budget.lease(false, start).unwrap();
        assert!(budget.lease(false, start).is_some());
        assert!(
            budget.lease(false, start).is_none(),
            "2 tokens do not pay for a retry"
        );
        assert!(budget.lease(true, start).is_none());
        first.give_back(start);
        assert_eq!(budget.level(start), 16);
        budget.earn(start);
        assert_eq!(budget.level(start), 17);
        let later = start + Duration::from_secs(3600);
        assert_eq!(budget.level(later), 30, "time fills it, up to its capacity");
    }

    #[test]
    fn a_refill_keeps_the_fraction_of_a_second() {
        let start = TestClock.monotonic();
        let budget = Budget::new(
            BudgetConfig {
                capacity: 14,
                ..BudgetConfig::default()
            },
            start,
        );
        drop(budget.lease(false, start).unwrap());
        assert_eq!(budget.level(start + Duration::from_millis(1_900)), 1);
        assert_eq!(budget.level(start + Duration::from_millis(2_000)), 2);
    }
}
