//! Injected time: a monotonic clock for durations, a wall clock for dates and signatures, and timers.

use std::{fmt, future::Future, pin::Pin, time::Duration};

use jiff::Timestamp;

/// A point on a monotonic clock.
pub use std::time::Instant;

/// A wait that completes by itself.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The clock that the pipeline reads and waits on. Core needs no async runtime: everything that waits uses this.
///
/// # For adapter authors
/// Crates outside this workspace can implement it, for a test or another runtime. `anyvendor-http` has one on tokio and
/// one that is moved by hand.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The time for durations; it never goes back.
    fn monotonic(&self) -> Instant;

    /// The time for dates and signatures; it may jump at any time.
    fn wall(&self) -> Timestamp;

    /// Waits between attempts or for the rate limiter. A test's clock may complete it immediately and advance by
    /// `duration`.
    fn sleep(&self, duration: Duration) -> Sleep;

    /// Limits work in flight, such as an attempt. It must run for `duration` of real time even if
    /// [`sleep`](Self::sleep) does not, since the peer on the network does not follow a test's clock.
    fn timer(&self, duration: Duration) -> Sleep;
}

fn _dyn_safe(_: &dyn Clock) {}

/// A clock on tokio, for unit tests that pause and step tokio's time.
#[cfg(test)]
#[derive(Debug, Clone, Copy)]
pub(crate) struct TestClock;

#[cfg(test)]
impl Clock for TestClock {
    #[expect(clippy::disallowed_methods, reason = "tests pause this clock")]
    fn monotonic(&self) -> Instant {
        tokio::time::Instant::now().into_std()
    }

    fn wall(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        // tidy: sleep: this clock is paused and stepped by its tests
        Box::pin(tokio::time::sleep(duration))
    }

    fn timer(&self, duration: Duration) -> Sleep {
        self.sleep(duration)
    }
}
