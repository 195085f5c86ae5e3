//! The pace, the queue and the pauses, on tokio's paused clock.

use std::sync::Arc;

use futures_util::{FutureExt, future::join_all};
use proptest::prelude::{prop, proptest};

use super::*;
use crate::resilience::clock::TestClock;

fn window(limit: u32, per: Duration) -> RateWindow {
    RateWindow {
        limit: NonZeroU32::new(limit).unwrap(),
        per,
    }
}

const SECOND: Duration = Duration::from_secs(1);

fn try_now(limiter: &RateLimiter) -> Result<(), Duration> {
    limiter
        .acquire(&TestClock, Duration::ZERO)
        .now_or_never()
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_burst_of_the_limit_and_then_a_steady_pace() {
    let limiter = RateLimiter::new(vec![window(5, SECOND)]);
    let start = TestClock.monotonic();
    for _ in 0..5 {
        assert_eq!(try_now(&limiter), Ok(()));
    }
    assert_eq!(try_now(&limiter), Err(Duration::from_millis(200)));
    for turn in 1..=2 {
        assert_eq!(limiter.acquire(&TestClock, SECOND).await, Ok(()));
        let waited = TestClock.monotonic() - start;
        assert_eq!(waited, Duration::from_millis(200) * turn);
    }
}

#[tokio::test(start_paused = true)]
async fn the_strictest_window_decides_and_a_pause_holds_all() {
    let windows = vec![window(100, SECOND), window(1, Duration::from_secs(60))];
    let limiter = RateLimiter::new(windows);
    assert_eq!(try_now(&limiter), Ok(()));
    assert_eq!(try_now(&limiter), Err(Duration::from_secs(60)));
    assert!(limiter.pause(TestClock.monotonic(), Duration::from_secs(90)));
    assert_eq!(try_now(&limiter), Err(Duration::from_secs(90)));
    assert!(
        !limiter.pause(TestClock.monotonic(), SECOND),
        "a shorter one is no news"
    );
}

/// Callers who gave up keep nothing from those who come later.
#[tokio::test(start_paused = true)]
async fn f14_who_leaves_the_queue_takes_no_slot_along() {
    let limiter = Arc::new(RateLimiter::new(vec![window(10, SECOND)]));
    let patience = Duration::from_secs(31);
    let callers = join_all((0..310).map(|_| limiter.acquire(&TestClock, patience)));
    let served = tokio::time::timeout(SECOND, callers).await;
    assert!(
        served.is_err(),
        "most of them are still waiting when they leave"
    );
    let asked = TestClock.monotonic();
    assert_eq!(
        limiter.acquire(&TestClock, Duration::from_secs(20)).await,
        Ok(())
    );
    assert!(TestClock.monotonic() - asked <= Duration::from_millis(100));
}

/// Nobody queues for longer than it has time, and who cannot be served in time is told at once.
#[tokio::test(start_paused = true)]
async fn f14_how_far_ahead_one_may_queue_is_bounded() {
    let limiter = Arc::new(RateLimiter::new(vec![window(10, SECOND)]));
    let start = TestClock.monotonic();
    let patience = Duration::from_secs(2);
    let results = join_all((0..1_000).map(|_| limiter.acquire(&TestClock, patience))).await;
    let served = results.iter().filter(|result| result.is_ok()).count();
    assert!((29..=31).contains(&served), "{served}");
    assert!(TestClock.monotonic() - start <= patience);
}

/// The pause ends for all at the same instant, and they do not all come in that instant.
#[tokio::test(start_paused = true)]
async fn f15_the_return_after_a_pause_is_spread() {
    let limiter = Arc::new(RateLimiter::new(Vec::new()));
    limiter.pause(TestClock.monotonic(), Duration::from_secs(3));
    let start = TestClock.monotonic();
    let callers = (0..500).map(|_| {
        let limiter = Arc::clone(&limiter);
        async move {
            limiter
                .acquire(&TestClock, Duration::from_secs(30))
                .await
                .unwrap();
            TestClock.monotonic() - start
        }
    });
    let mut times = join_all(callers).await;
    times.sort_unstable();
    assert!(times[0] >= Duration::from_secs(3), "nobody comes early");
    let slot = Duration::from_millis(5);
    let most = times.iter().map(|at| {
        let same = times
            .iter()
            .filter(|other| **other >= *at && **other < *at + slot);
        same.count()
    });
    assert!(most.max().unwrap() <= 2, "5 ms hold at most 2 of 500");
    assert!(times[499] <= Duration::from_secs(6) + slot);
    // Afterwards nothing is held back any more.
    assert_eq!(try_now(&limiter), Ok(()));
    assert_eq!(try_now(&limiter), Ok(()));
}

/// Only those who waited for the pause are released one by one, however many come after them.
#[tokio::test(start_paused = true)]
async fn f15_the_release_ends_although_more_callers_come() {
    let limiter = Arc::new(RateLimiter::new(Vec::new()));
    limiter.pause(TestClock.monotonic(), SECOND);
    let start = TestClock.monotonic();
    // Eight jobs that call again and again: each call queues while the others wait.
    let jobs = (0..8).map(|_| {
        let limiter = Arc::clone(&limiter);
        async move {
            for _ in 0..100 {
                limiter
                    .acquire(&TestClock, Duration::from_secs(30))
                    .await
                    .unwrap();
                tokio::task::yield_now().await;
            }
        }
    });
    join_all(jobs).await;
    assert!(TestClock.monotonic() - start <= 2 * SECOND + SECOND / 10);
}

proptest! {
    /// Compared with a plain log of the past: never more than the limit and the burst in any window.
    #[test]
    fn it_never_lets_through_more_than_a_log_would(gaps in prop::collection::vec(0_u64..400, 1..200)) {
        let limiter = RateLimiter::new(vec![window(4, SECOND)]);
        let mut now = TestClock.monotonic();
        let mut passed: Vec<Instant> = Vec::new();
        for gap in gaps {
            now += Duration::from_millis(gap);
            if limiter.try_take(now).is_ok() {
                passed.push(now);
            }
            let recent = passed.iter().filter(|at| now.saturating_duration_since(**at) < SECOND).count();
            // GCRA allows a full burst and, over the same window, the steady pace.
            assert!(recent <= 8, "{recent} in one second");
        }
        let span = now.saturating_duration_since(passed[0]).as_secs_f64();
        assert!(passed.len() as f64 <= 4.0 + span * 4.0 + 1.0, "{} in {span} s", passed.len());
    }
}
