//! How long to wait before the next attempt: exponential, with full jitter.

use std::{fmt, time::Duration};

/// Random delays, injected so that tests are repeatable.
pub trait Jitter: fmt::Debug + Send + Sync {
    /// A duration between zero and `limit`, both included.
    fn up_to(&self, limit: Duration) -> Duration;
}

fn _dyn_safe(_: &dyn Jitter) {}

/// Delays spread evenly over the whole range, so that clients that failed together do not retry together.
#[derive(Debug, Clone, Copy, Default)]
pub struct FullJitter;

impl Jitter for FullJitter {
    fn up_to(&self, limit: Duration) -> Duration {
        let nanos = u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX);
        Duration::from_nanos(fastrand::u64(0..=nanos))
    }
}

/// Always the longest delay, for tests.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoJitter;

impl Jitter for NoJitter {
    fn up_to(&self, limit: Duration) -> Duration {
        limit
    }
}

/// The longest delay before retry number `retry` (1 is the first): `base * 2^(retry - 1)`, at most `cap`.
pub(crate) fn ceiling(base: Duration, retry: u32, cap: Duration) -> Duration {
    let doublings = retry.saturating_sub(1);
    let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
    base.saturating_mul(factor).min(cap)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::*;

    proptest! {
        #[test]
        fn t27_delay_stays_in_range(retry in any::<u32>(), base in any::<u64>(), cap in any::<u64>()) {
            let cap = Duration::from_nanos(cap);
            let longest = ceiling(Duration::from_nanos(base), retry, cap);
            assert!(longest <= cap);
            assert!(FullJitter.up_to(longest) <= longest);
        }
    }

    #[test]
    fn it_doubles_up_to_the_cap() {
        let delays: Vec<_> = (1..=5)
            .map(|retry| {
                ceiling(Duration::from_millis(50), retry, Duration::from_millis(300)).as_millis()
            })
            .collect();
        assert_eq!(delays, [50, 100, 200, 300, 300]);
    }
}
