//! The only room that asks the machine for the time; what the doubles stamp on their objects comes from here.

use std::time::Duration;

use jiff::Timestamp;

/// Now.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that asks the machine"
)]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// Seconds since 1970.
pub(crate) fn unix_seconds() -> i64 {
    now().as_second()
}

/// How long it is until then, in seconds since 1970; nothing for what is not scheduled.
pub(crate) fn until(due: Option<i64>) -> Duration {
    let wait = due.unwrap_or_default().saturating_sub(unix_seconds());
    Duration::from_secs(u64::try_from(wait).unwrap_or_default())
}

/// As mail writes it, in GMT (`Thu, 24 Aug 2023 05:01:45 +0000`).
pub(crate) fn rfc2822(seconds: i64) -> String {
    let at = Timestamp::from_second(seconds).unwrap_or_default();
    at.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

/// Now, as the vendors print it in JSON (`2026-11-23T19:48:41Z`).
pub(crate) fn rfc3339(seconds: i64) -> String {
    Timestamp::from_second(seconds)
        .unwrap_or_default()
        .to_string()
}
