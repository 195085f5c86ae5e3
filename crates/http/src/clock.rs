//! Core's clock on tokio, and a clock that a test moves by hand.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyvendor_core::resilience::{Clock, Instant, Sleep};
use jiff::Timestamp;

/// The clocks of this machine. The monotonic one is tokio's, so that it follows a test's paused time.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the only place that reads the machine's clocks"
    )]
    fn monotonic(&self) -> Instant {
        tokio::time::Instant::now().into_std()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the only place that reads the machine's clocks"
    )]
    fn wall(&self) -> Timestamp {
        Timestamp::now()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(duration))
    }

    fn timer(&self, duration: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// A clock that moves only when a test advances it. Sleeping advances it and returns immediately.
///
/// ```
/// use std::time::Duration;
///
/// use anyvendor_core::resilience::Clock;
/// use anyvendor_http::ManualClock;
///
/// let start = "2026-01-01T00:00:00Z".parse().unwrap();
/// let clock = ManualClock::at(start);
/// clock.advance(Duration::from_secs(90));
/// assert_eq!(clock.wall(), start + Duration::from_secs(90));
/// assert_eq!(clock.passed(), Duration::from_secs(90));
/// ```
///
/// The pipeline's waits and deadlines follow it. The timer of an attempt in flight is tokio's and runs for what this clock
/// says is left, so a silent peer is still given up; pause tokio's clock to step that timer.
#[derive(Debug)]
pub struct ManualClock {
    origin: Instant,
    passed: AtomicU64,
    wall: Mutex<Timestamp>,
}

impl ManualClock {
    /// A clock that starts at this date.
    #[must_use]
    pub fn at(wall: Timestamp) -> Self {
        Self {
            origin: SystemClock.monotonic(),
            passed: AtomicU64::new(0),
            wall: Mutex::new(wall),
        }
    }

    /// Moves both clocks forward.
    pub fn advance(&self, duration: Duration) {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        self.passed.fetch_add(nanos, Ordering::SeqCst);
        let mut wall = self.wall.lock().unwrap_or_else(PoisonError::into_inner);
        *wall = wall.checked_add(duration).unwrap_or(Timestamp::MAX);
    }

    /// Sets only the wall clock, as an operator or a time server does.
    pub fn set_wall(&self, wall: Timestamp) {
        *self.wall.lock().unwrap_or_else(PoisonError::into_inner) = wall;
    }

    /// How much time passed on this clock since it was created.
    #[must_use]
    pub fn passed(&self) -> Duration {
        Duration::from_nanos(self.passed.load(Ordering::SeqCst))
    }
}

impl Clock for ManualClock {
    fn monotonic(&self) -> Instant {
        self.origin
            .checked_add(self.passed())
            .unwrap_or(self.origin)
    }

    fn wall(&self) -> Timestamp {
        *self.wall.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        self.advance(duration);
        Box::pin(tokio::task::yield_now())
    }

    fn timer(&self, duration: Duration) -> Sleep {
        SystemClock.timer(duration)
    }
}
