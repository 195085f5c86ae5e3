//! Our own limit on attempts per time, and the pauses that a vendor asks for: several windows together, first come first
//! served, no background task.
//!
//! GCRA: each window remembers the theoretical arrival time of the next attempt; an attempt may come at most a whole
//! window early. See ITU-T I.371, or the generic cell rate algorithm in any textbook on traffic shaping.
//!
//! Nobody reserves a slot ahead: callers queue, and only the first of the queue waits for its turn. Whoever leaves the
//! queue takes nothing along.

use std::{
    num::NonZeroU32,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use schemars::JsonSchema;
use serde::Deserialize;
use tokio::sync::Semaphore;

use super::{
    clock::{Clock, Instant},
    duration_text,
    timer::within,
};

/// After a pause, those who waited are released over as long as the pause was, and at most over this. Our default (no
/// vendor source).
const LONGEST_RELEASE: Duration = Duration::from_secs(5);

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

impl RateWindow {
    /// The steady distance of two attempts.
    fn step(self) -> Duration {
        self.per / self.limit.get()
    }
}

/// The rate limiter of one connection.
#[derive(Debug)]
pub(crate) struct RateLimiter {
    windows: Vec<RateWindow>,
    state: Mutex<State>,
    /// The permit of the first of the queue; tokio hands it out in the order of asking.
    first: Semaphore,
    /// How many callers are in the queue, the first included.
    waiting: AtomicU32,
    /// Without windows and pauses there is nothing to look at.
    is_used: AtomicBool,
}

#[derive(Debug)]
struct State {
    /// One theoretical arrival time per window.
    arrivals: Vec<Option<Instant>>,
    pause: Option<Pause>,
}

/// The vendor asked us to wait.
#[derive(Debug, Clone, Copy)]
struct Pause {
    until: Instant,
    /// Over how long the waiting callers are released afterwards.
    release: Duration,
    /// The callers who waited when it ended and are not released yet, and the distance of two releases; known when the
    /// first of them is released. Who comes later is not held back.
    waiting: Option<(u32, Duration)>,
}

impl RateLimiter {
    pub(crate) fn new(windows: Vec<RateWindow>) -> Self {
        let arrivals = vec![None; windows.len()];
        Self {
            is_used: AtomicBool::new(!windows.is_empty()),
            windows,
            state: Mutex::new(State {
                arrivals,
                pause: None,
            }),
            first: Semaphore::new(1),
            waiting: AtomicU32::new(0),
        }
    }

    /// Waits for a turn if it comes within `max_wait`. Otherwise returns how long the wait would be.
    pub(crate) async fn acquire(
        &self,
        clock: &dyn Clock,
        max_wait: Duration,
    ) -> Result<(), Duration> {
        if !self.is_used.load(Ordering::Acquire) {
            return Ok(());
        }
        let asked = clock.monotonic();
        if self.waiting.load(Ordering::Acquire) == 0 && self.try_take(asked).is_ok() {
            return Ok(());
        }
        let place = Place::at_the_end_of(&self.waiting);
        let expected = self.expected_wait(asked, place.ahead);
        if expected > max_wait {
            return Err(expected);
        }
        let first = within(clock, max_wait, self.first.acquire()).await;
        let Some(Ok(_first)) = first else {
            return Err(self.expected_wait(clock.monotonic(), 0));
        };
        loop {
            let now = clock.monotonic();
            let Err(wait) = self.try_take(now) else {
                return Ok(());
            };
            let waited = now.saturating_duration_since(asked);
            if waited.saturating_add(wait) > max_wait {
                return Err(wait);
            }
            clock.sleep(wait).await;
        }
    }

    /// Takes a slot if there is one now. Otherwise returns how long until the next.
    fn try_take(&self, now: Instant) -> Result<(), Duration> {
        let mut state = self.lock();
        let turn = self.turn(&state, now);
        if turn > now {
            return Err(turn.saturating_duration_since(now));
        }
        for (window, arrival) in self.windows.iter().zip(&mut state.arrivals) {
            let base = arrival.map_or(now, |arrival| arrival.max(now));
            *arrival = Some(base.checked_add(window.step()).unwrap_or(base));
        }
        state.pause = state.pause.take().and_then(|pause| {
            let (waiting, gap) = pause.waiting.unwrap_or_else(|| {
                let waiting = self.waiting.load(Ordering::Acquire).max(1);
                (waiting, pause.release / waiting)
            });
            let left = waiting - 1;
            (left > 0).then(|| Pause {
                until: now.checked_add(gap).unwrap_or(now),
                waiting: Some((left, gap)),
                ..pause
            })
        });
        Ok(())
    }

    /// When the next attempt may be made.
    fn turn(&self, state: &State, now: Instant) -> Instant {
        let paused = state.pause.map(|pause| pause.until);
        let mut turn = paused.map_or(now, |until| until.max(now));
        for (window, arrival) in self.windows.iter().zip(&state.arrivals) {
            let early = window.per.saturating_sub(window.step());
            if let Some(allowed) = arrival.and_then(|arrival| arrival.checked_sub(early)) {
                turn = turn.max(allowed);
            }
        }
        turn
    }

    /// How long a caller waits who has so many others before it.
    fn expected_wait(&self, now: Instant, ahead: u32) -> Duration {
        let state = self.lock();
        let turn = self.turn(&state, now);
        let slowest = self.windows.iter().map(|window| window.step()).max();
        let released = state.pause.and_then(|pause| pause.waiting);
        let gap = released.map_or(Duration::ZERO, |(_, gap)| gap);
        let step = slowest.unwrap_or_default().max(gap);
        let first = turn.saturating_duration_since(now);
        first.saturating_add(step.saturating_mul(ahead))
    }

    /// Pauses all attempts, since the vendor asked for it. Returns whether that is news.
    pub(crate) fn pause(&self, now: Instant, length: Duration) -> bool {
        let until = now.checked_add(length).unwrap_or(now);
        self.is_used.store(true, Ordering::Release);
        let mut state = self.lock();
        let is_news = state.pause.is_none_or(|pause| pause.until < until) && until > now;
        if is_news {
            state.pause = Some(Pause {
                until,
                release: length.min(LONGEST_RELEASE),
                waiting: None,
            });
        }
        is_news
    }

    /// How long the pause still lasts that the vendor asked for.
    pub(crate) fn paused_for(&self, now: Instant) -> Option<Duration> {
        let pause = self.lock().pause?;
        let left = pause.until.saturating_duration_since(now);
        (!left.is_zero()).then_some(left)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A caller's place in the queue, which it gives up when it is dropped.
struct Place<'a> {
    waiting: &'a AtomicU32,
    ahead: u32,
}

impl<'a> Place<'a> {
    fn at_the_end_of(waiting: &'a AtomicU32) -> Self {
        let ahead = waiting.fetch_add(1, Ordering::AcqRel);
        Self { waiting, ahead }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.waiting.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests;
