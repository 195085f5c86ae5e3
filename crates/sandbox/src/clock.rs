//! The only module that reads the machine's clock. The times of all emulated objects come from here.

use std::time::Duration;

use jiff::Timestamp;

/// The current time.
#[expect(
    clippy::disallowed_methods,
    reason = "the only place that reads the machine's clock"
)]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// Seconds since 1970.
pub(crate) fn unix_seconds() -> i64 {
    now().as_second()
}

/// The time until `due`, in seconds since 1970; zero for what is not scheduled.
pub(crate) fn until(due: Option<i64>) -> Duration {
    let wait = due.unwrap_or_default().saturating_sub(unix_seconds());
    Duration::from_secs(u64::try_from(wait).unwrap_or_default())
}

/// As email headers write it, in GMT (`Thu, 24 Aug 2023 05:01:45 +0000`).
pub(crate) fn rfc2822(seconds: i64) -> String {
    let at = Timestamp::from_second(seconds).unwrap_or_default();
    at.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

/// As vendors write it in JSON (`2026-11-23T19:48:41Z`).
pub(crate) fn rfc3339(seconds: i64) -> String {
    Timestamp::from_second(seconds)
        .unwrap_or_default()
        .to_string()
}
