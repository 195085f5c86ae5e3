//! Time, injected: a monotonic clock for durations, a wall clock for dates and signatures.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use tokio::time::Instant;

/// Where the pipeline reads the time and waits. Open: tests bring their own.
pub trait Clock: fmt::Debug + Send + Sync {
    /// For durations; never goes back.
    fn monotonic(&self) -> Instant;

    /// For dates and signatures; may be set at any time.
    fn wall(&self) -> Timestamp;

    /// Waits.
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// The clocks of this machine. The monotonic one is tokio's, so that a test's paused time steps it.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that asks the machine"
    )]
    fn monotonic(&self) -> Instant {
        Instant::now()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that asks the machine"
    )]
    fn wall(&self) -> Timestamp {
        Timestamp::now()
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// A clock that stands still until it is told to go on, for tests. Sleeping moves it on at once.
///
/// The pipeline's waits and deadlines follow it; the timer of an attempt in flight is tokio's and runs for what the clock
/// says is left, so a silent peer is still given up. Pause tokio's clock to step that timer.
#[derive(Debug)]
pub struct ManualClock {
    origin: Instant,
    passed: AtomicU64,
    wall: Mutex<Timestamp>,
}

impl ManualClock {
    /// A clock that shows this date.
    #[must_use]
    pub fn at(wall: Timestamp) -> Self {
        Self {
            origin: SystemClock.monotonic(),
            passed: AtomicU64::new(0),
            wall: Mutex::new(wall),
        }
    }

    /// Moves both clocks on.
    pub fn advance(&self, duration: Duration) {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        self.passed.fetch_add(nanos, Ordering::SeqCst);
        let mut wall = self.wall.lock().unwrap_or_else(PoisonError::into_inner);
        *wall = wall.checked_add(duration).unwrap_or(Timestamp::MAX);
    }

    /// Sets the wall clock alone, as an operator or a time server does.
    pub fn set_wall(&self, wall: Timestamp) {
        *self.wall.lock().unwrap_or_else(PoisonError::into_inner) = wall;
    }

    /// How long it went on since it was made.
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

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.advance(duration);
        Box::pin(tokio::task::yield_now())
    }
}
