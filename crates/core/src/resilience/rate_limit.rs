//! Our own limit on attempts per time: several windows together, first come first served, no background task.
//!
//! GCRA: each window remembers the theoretical arrival time of the next attempt; an attempt may come at most a whole
//! window early. See ITU-T I.371, or the generic cell rate algorithm in any textbook on traffic shaping.

use std::{
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use schemars::JsonSchema;
use serde::Deserialize;

use super::{clock::Instant, duration_text};

/// A limit of so many attempts per time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RateWindow {
    /// How many attempts are allowed.
    pub limit: NonZeroU32,
    /// The length of the window.
    #[serde(deserialize_with = "duration_text::deserialize")]
    #[schemars(with = "String")]
    pub per: Duration,
}

/// The rate limiter of one connection.
#[derive(Debug)]
pub(crate) struct RateLimiter {
    windows: Vec<RateWindow>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// One theoretical arrival time per window.
    arrivals: Vec<Option<Instant>>,
    /// The vendor asked us to pause until then.
    paused_until: Option<Instant>,
}

impl RateLimiter {
    pub(crate) fn new(windows: Vec<RateWindow>) -> Self {
        let arrivals = vec![None; windows.len()];
        Self {
            windows,
            state: Mutex::new(State {
                arrivals,
                paused_until: None,
            }),
        }
    }

    /// Reserves a slot if it comes within `max_wait`, and returns how long to wait for it. Otherwise returns how long
    /// the wait would have been, and reserves nothing.
    pub(crate) fn reserve(&self, now: Instant, max_wait: Duration) -> Result<Duration, Duration> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut turn = state
            .paused_until
            .filter(|until| *until > now)
            .unwrap_or(now);
        for (window, arrival) in self.windows.iter().zip(&state.arrivals) {
            let step = window.per / window.limit.get();
            let early = window.per.saturating_sub(step);
            if let Some(allowed) = arrival.and_then(|arrival| arrival.checked_sub(early)) {
                turn = turn.max(allowed);
            }
        }
        let wait = turn.saturating_duration_since(now);
        if wait > max_wait {
            return Err(wait);
        }
        for (window, arrival) in self.windows.iter().zip(&mut state.arrivals) {
            let step = window.per / window.limit.get();
            let base = arrival.map_or(turn, |arrival| arrival.max(turn));
            *arrival = Some(base.checked_add(step).unwrap_or(base));
        }
        Ok(wait)
    }

    /// Pauses all attempts, since the vendor asked for it.
    pub(crate) fn pause(&self, until: Instant) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.paused_until = Some(state.paused_until.map_or(until, |other| other.max(until)));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop, proptest};

    use super::*;
    use crate::resilience::clock::{Clock, TestClock};

    fn window(limit: u32, per: Duration) -> RateWindow {
        RateWindow {
            limit: NonZeroU32::new(limit).unwrap(),
            per,
        }
    }

    #[test]
    fn a_burst_of_the_limit_and_then_a_steady_pace() {
        let limiter = RateLimiter::new(vec![window(5, Duration::from_secs(1))]);
        let now = TestClock.monotonic();
        for _ in 0..5 {
            assert_eq!(limiter.reserve(now, Duration::ZERO), Ok(Duration::ZERO));
        }
        assert_eq!(
            limiter.reserve(now, Duration::ZERO),
            Err(Duration::from_millis(200))
        );
        assert_eq!(
            limiter.reserve(now, Duration::from_secs(1)),
            Ok(Duration::from_millis(200))
        );
        assert_eq!(
            limiter.reserve(now, Duration::from_secs(1)),
            Ok(Duration::from_millis(400))
        );
    }

    #[test]
    fn the_strictest_window_decides_and_a_pause_holds_all() {
        let windows = vec![
            window(100, Duration::from_secs(1)),
            window(1, Duration::from_secs(60)),
        ];
        let limiter = RateLimiter::new(windows);
        let now = TestClock.monotonic();
        assert!(limiter.reserve(now, Duration::ZERO).is_ok());
        assert_eq!(
            limiter.reserve(now, Duration::ZERO),
            Err(Duration::from_secs(60))
        );
        limiter.pause(now + Duration::from_secs(90));
        assert_eq!(
            limiter.reserve(now, Duration::ZERO),
            Err(Duration::from_secs(90))
        );
    }

    proptest! {
        /// Compared with a plain log of the past: never more than the limit and the burst in any window.
        #[test]
        fn it_never_lets_through_more_than_a_log_would(gaps in prop::collection::vec(0_u64..400, 1..200)) {
            let per = Duration::from_secs(1);
            let limiter = RateLimiter::new(vec![window(4, per)]);
            let mut now = TestClock.monotonic();
            let mut passed: Vec<Instant> = Vec::new();
            for gap in gaps {
                now += Duration::from_millis(gap);
                if limiter.reserve(now, Duration::ZERO).is_ok() {
                    passed.push(now);
                }
                let recent = passed.iter().filter(|at| now.saturating_duration_since(**at) < per).count();
                // GCRA allows a full burst and, over the same window, the steady pace.
                assert!(recent <= 8, "{recent} in one second");
            }
            let span = now.saturating_duration_since(passed[0]).as_secs_f64();
            assert!(passed.len() as f64 <= 4.0 + span * 4.0 + 1.0, "{} in {span} s", passed.len());
        }
    }
}
