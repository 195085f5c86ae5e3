//! How old a signature may be, and how far in the future.

use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

use super::error::WebhookError;
use crate::{error::Error, resilience::duration_text};

/// How old a signature may be, and how far in the future; both ends are included.
///
/// The past limits the life of a stolen delivery: 300 s, as in the Standard Webhooks libraries. The future allows for
/// clocks that differ: 60 s, our default (no vendor source). They differ so that a forged clock cannot double that
/// life.
///
/// # Examples
/// ```
/// use anyvendor_core::webhook::{WebhookError, Window};
/// use jiff::Timestamp;
///
/// let now = Timestamp::from_second(1_760_000_000).unwrap();
/// let window = Window::default();
/// assert!(window.admit(1_760_000_000 - 300, now).is_ok());
/// assert!(matches!(window.admit(1_760_000_000 - 301, now), Err(WebhookError::TooOld)));
/// assert!(matches!(window.admit(1_760_000_000 + 61, now), Err(WebhookError::TooNew)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Window {
    /// How old a signature may be, such as `300s`.
    #[serde(deserialize_with = "duration_text::deserialize")]
    #[schemars(with = "String")]
    pub past: Duration,
    /// How far in the future a signature may be, such as `60s`.
    #[serde(deserialize_with = "duration_text::deserialize")]
    #[schemars(with = "String")]
    pub future: Duration,
}

impl Default for Window {
    fn default() -> Self {
        Self::new(Duration::from_secs(300), Duration::from_secs(60))
    }
}

/// The longest past: twice the three days that vendors retry for, and a day. Our default (no vendor source).
const MAX_PAST: Duration = Duration::from_hours(7 * 24);
/// The longest future. Our default (no vendor source).
const MAX_FUTURE: Duration = Duration::from_hours(1);

impl Window {
    /// Creates a window of these lengths, in whole seconds.
    #[must_use]
    pub const fn new(past: Duration, future: Duration) -> Self {
        Self { past, future }
    }

    /// Rejects a window that checks nothing: without a past (several vendors' libraries use 0 for "do not check"), with a
    /// past of more than 7 days, or with a future of more than an hour.
    ///
    /// # Errors
    /// `Config` that names the field.
    pub fn check(&self) -> Result<(), Error> {
        if self.past.is_zero() {
            return Err(Error::config(
                "window.past",
                "must be at least 1s; there is no way to switch the check off",
            ));
        }
        if self.past > MAX_PAST {
            return Err(Error::config(
                "window.past",
                "must be at most 168h; no vendor sends a delivery again for longer",
            ));
        }
        if self.future > MAX_FUTURE {
            return Err(Error::config(
                "window.future",
                "must be at most 1h; set this machine's clock instead",
            ));
        }
        Ok(())
    }

    /// Checks a time of signing, in seconds of Unix time, against the window, and returns it.
    ///
    /// # Errors
    /// `TooOld` or `TooNew` if it is outside the window.
    pub fn admit(&self, signed_at: i64, now: Timestamp) -> Result<Timestamp, WebhookError> {
        // Saturating, since a forged number may be arbitrary: extremes stay on the correct side of the window.
        let age = now.as_second().saturating_sub(signed_at);
        let limit = |length: Duration| i64::try_from(length.as_secs()).unwrap_or(i64::MAX);
        if age > limit(self.past) {
            return Err(WebhookError::TooOld);
        }
        if age < -limit(self.future) {
            return Err(WebhookError::TooNew);
        }
        Timestamp::from_second(signed_at).map_err(|_| WebhookError::TooOld)
    }

    /// Whether a time of signing is outside the usual window: late, or replayed.
    #[must_use]
    pub fn is_late(signed_at: Timestamp, now: Timestamp) -> bool {
        Self::default().admit(signed_at.as_second(), now).is_err()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t06_webhook_window_is_asymmetric() {
        let now = Timestamp::from_second(1_760_000_000).unwrap();
        let admit = |offset: i64| Window::default().admit(1_760_000_000 + offset, now);
        for inside in [-300, -299, 0, 59, 60] {
            assert_eq!(admit(inside).unwrap().as_second(), 1_760_000_000 + inside);
        }
        assert!(matches!(admit(-301), Err(WebhookError::TooOld)));
        assert!(matches!(admit(61), Err(WebhookError::TooNew)));
        for (second, old) in [
            (i64::MIN, true),
            (0, true),
            (i64::MAX, false),
            (1 << 53, false),
        ] {
            match Window::default().admit(second, now) {
                Err(WebhookError::TooOld) => assert!(old, "{second}"),
                Err(WebhookError::TooNew) => assert!(!old, "{second}"),
                other => panic!("{second}: {other:?}"),
            }
        }
        let endless = Window::new(Duration::MAX, Duration::MAX);
        assert!(endless.admit(i64::MIN, now).is_err() && endless.admit(i64::MAX, now).is_err());
        assert!(Window::is_late(
            Timestamp::from_second(1_759_999_699).unwrap(),
            now
        ));
        assert!(!Window::is_late(
            Timestamp::from_second(1_759_999_700).unwrap(),
            now
        ));
    }

    #[test]
    fn sf14_a_window_that_checks_nothing_is_refused() {
        let check = |past, future| {
            let window = Window::new(past, future);
            window.check().map_err(|error| error.field())
        };
        let (second, hour) = (Duration::from_secs(1), Duration::from_hours(1));
        assert_eq!(check(7 * 24 * hour, hour), Ok(()));
        assert_eq!(
            check(7 * 24 * hour + second, hour),
            Err(Some("window.past"))
        );
        assert_eq!(check(1_000_000 * hour, hour), Err(Some("window.past")));
        assert_eq!(check(hour, hour + second), Err(Some("window.future")));
    }

    #[test]
    fn a_window_without_a_past_is_refused() {
        let none = Window::new(Duration::ZERO, Duration::from_secs(60));
        assert_eq!(none.check().unwrap_err().field(), Some("window.past"));
        let read: Window = serde_json::from_str(r#"{"past": "25h"}"#).unwrap();
        assert_eq!(
            read,
            Window::new(Duration::from_secs(90_000), Duration::from_secs(60))
        );
        assert!(serde_json::from_str::<Window>(r#"{"past": 300}"#).is_err());
    }
}
