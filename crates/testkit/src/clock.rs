//! Clocks for tests that never wait.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyvendor_core::resilience::{Clock, Instant, Sleep};
use anyvendor_http::{ManualClock, SystemClock};
use jiff::Timestamp;

/// The wall clock of [`manual_clock`], in seconds since 1970: 2026-01-01T00:00:00Z.
pub const NOW: i64 = 1_767_225_600;

/// A clock that shows [`NOW`] and moves only when a call sleeps or the test advances it.
///
/// # Panics
///
/// Never: [`NOW`] is a valid time.
#[must_use]
pub fn manual_clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(Timestamp::from_second(NOW).unwrap()))
}

/// The clock of this machine, except that a sleep ends immediately: the monotonic time jumps by its length.
///
/// The date stays the real one, for signatures that an independent server checks against its own clock.
#[derive(Debug, Default)]
pub struct SkippingClock(AtomicU64);

impl Clock for SkippingClock {
    fn monotonic(&self) -> Instant {
        SystemClock.monotonic() + Duration::from_nanos(self.0.load(Ordering::SeqCst))
    }

    fn wall(&self) -> Timestamp {
        SystemClock.wall()
    }

    fn timer(&self, duration: Duration) -> Sleep {
        SystemClock.timer(duration)
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        let nanos = u64::try_from(duration.as_nanos()).unwrap();
        self.0.fetch_add(nanos, Ordering::SeqCst);
        Box::pin(tokio::task::yield_now())
    }
}
