//! What the vendor's headers say about its quotas: when to retry, and how much is left.

use std::{sync::Mutex, sync::PoisonError, time::Duration};

use http::{HeaderMap, header::DATE};
use jiff::Timestamp;
use serde::Serialize;

use super::duration_text::as_millis;

/// The unit of a reset header. Declared per vendor: all three units occur under the same header name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResetUnit {
    /// Seconds since 1970.
    EpochSeconds,
    /// Milliseconds since 1970.
    EpochMillis,
    /// Seconds from now.
    DeltaSeconds,
}

/// The headers that report one window of a vendor's quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuotaHeaders {
    /// The name of the window in [`Health`](super::Health).
    pub window: &'static str,
    /// The header that reports the limit.
    pub limit: &'static str,
    /// The header that reports what is left.
    pub remaining: &'static str,
    /// The header that reports the reset.
    pub reset: &'static str,
    /// The unit of the reset header.
    pub reset_unit: ResetUnit,
}

/// A window of a vendor's quota, as in its last response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct QuotaWindow {
    /// The name of the window.
    pub name: &'static str,
    /// The size of the quota.
    pub limit: Option<u64>,
    /// How much is left.
    pub remaining: Option<u64>,
    /// When the quota resets, counted from the response.
    #[serde(rename = "resets_in_ms", serialize_with = "as_millis")]
    pub resets_in: Option<Duration>,
}

/// Keeps the last reported state of each window.
#[derive(Debug, Default)]
pub(crate) struct QuotaMonitor {
    families: Vec<QuotaHeaders>,
    last: Mutex<Vec<QuotaWindow>>,
}

impl QuotaMonitor {
    pub(crate) fn new(families: Vec<QuotaHeaders>) -> Self {
        Self {
            families,
            last: Mutex::new(Vec::new()),
        }
    }

    /// Reads the quota headers of a response.
    pub(crate) fn read(&self, headers: &HeaderMap, now: Timestamp) -> Vec<QuotaWindow> {
        if self.families.is_empty() {
            return Vec::new();
        }
        let seen: Vec<_> = self
            .families
            .iter()
            .filter_map(|family| family.read(headers, now))
            .collect();
        if !seen.is_empty() {
            self.last
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone_from(&seen);
        }
        seen
    }

    pub(crate) fn windows(&self) -> Vec<QuotaWindow> {
        self.last
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl QuotaHeaders {
    fn read(&self, headers: &HeaderMap, now: Timestamp) -> Option<QuotaWindow> {
        let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<u64>().ok();
        let (limit, remaining) = (number(self.limit), number(self.remaining));
        let resets_in = number(self.reset).map(|reset| self.reset_unit.until(reset, now));
        (limit.is_some() || remaining.is_some()).then_some(QuotaWindow {
            name: self.window,
            limit,
            remaining,
            resets_in,
        })
    }
}

impl ResetUnit {
    /// How long until the reset; a past reset is zero.
    fn until(self, reset: u64, now: Timestamp) -> Duration {
        let reset = i64::try_from(reset).unwrap_or(i64::MAX);
        let moment = match self {
            Self::DeltaSeconds => return Duration::from_secs(reset.unsigned_abs()),
            Self::EpochSeconds => Timestamp::from_second(reset),
            Self::EpochMillis => Timestamp::from_millisecond(reset),
        };
        moment.map_or(Duration::MAX, |moment| {
            Duration::try_from(moment.duration_since(now)).unwrap_or_default()
        })
    }
}

/// Reads `Retry-After`: seconds, or a date counted from the response's own `Date`. Tolerant: fractions are rounded up,
/// past dates are zero, too large numbers are very long, and anything else is ignored.
///
/// See RFC 9110, section 10.2.3.
#[must_use]
pub fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers
        .get(http::header::RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    if let Some((whole, fraction)) = text.split_once('.') {
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if !whole.is_empty() && !fraction.is_empty() && digits(whole) && digits(fraction) {
            return Some(Duration::from_secs(
                whole.parse::<u64>().unwrap_or(u64::MAX).saturating_add(1),
            ));
        }
    }
    let seconds = |text: &str| {
        let time = httpdate::parse_http_date(text).ok()?;
        Some(time.duration_since(std::time::UNIX_EPOCH).ok()?.as_secs())
    };
    let until = seconds(text)?;
    // The vendor's clock, not ours, says how far away its date is.
    let from = headers
        .get(DATE)
        .and_then(|date| seconds(date.to_str().ok()?.trim()))
        .unwrap_or_else(|| u64::try_from(now.as_second()).unwrap_or(0));
    Some(Duration::from_secs(until.saturating_sub(from)))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::{any, prop, proptest};

    use super::*;

    fn read(value: &str, date: Option<&str>) -> Option<u64> {
        let mut headers = HeaderMap::new();
        headers.insert("retry-after", HeaderValue::from_str(value).unwrap());
        if let Some(date) = date {
            headers.insert("date", HeaderValue::from_str(date).unwrap());
        }
        retry_after(&headers, Timestamp::from_second(1_760_000_000).unwrap())
            .map(|wait| wait.as_secs())
    }

    #[test]
    fn t04_retry_after_is_parsed_and_capped() {
        assert_eq!(read("0", None), Some(0));
        assert_eq!(read("120", None), Some(120));
        assert_eq!(read("1.5", None), Some(2));
        assert_eq!(read("99999999999999999999", None), Some(u64::MAX));
        for garbage in [
            "-1",
            "",
            "soon",
            "1,2",
            "1e3",
            "0x10",
            "1.",
            ".5",
            "NaN",
            "2147483648s",
        ] {
            assert_eq!(read(garbage, None), None, "{garbage:?}");
        }
        // 1760000000 is 2025-10-09 08:53:20.
        assert_eq!(read("Thu, 09 Oct 2025 08:54:20 GMT", None), Some(60));
        assert_eq!(
            read("Thu, 09 Oct 2025 08:00:00 GMT", None),
            Some(0),
            "what is past is now"
        );
        let skewed = Some("Thu, 09 Oct 2025 09:54:00 GMT");
        assert_eq!(
            read("Thu, 09 Oct 2025 09:54:20 GMT", skewed),
            Some(20),
            "the vendor's own clock counts"
        );
    }

    proptest! {
        #[test]
        fn t04_retry_after_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                let mut headers = HeaderMap::new();
                headers.insert("retry-after", value);
                let _ = retry_after(&headers, Timestamp::UNIX_EPOCH);
            }
        }
    }

    #[test]
    fn t05_reset_unit_is_declared() {
        let now = Timestamp::from_second(1_760_000_000).unwrap();
        let read = |unit, reset: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("x-limit", HeaderValue::from_static("100"));
            headers.insert("x-reset", HeaderValue::from_str(reset).unwrap());
            let family = QuotaHeaders {
                window: "requests",
                limit: "x-limit",
                remaining: "x-remaining",
                reset: "x-reset",
                reset_unit: unit,
            };
            family
                .read(&headers, now)
                .unwrap()
                .resets_in
                .unwrap()
                .as_secs()
        };
        assert_eq!(read(ResetUnit::EpochSeconds, "1760000030"), 30);
        assert_eq!(read(ResetUnit::EpochMillis, "1760000030000"), 30);
        assert_eq!(read(ResetUnit::DeltaSeconds, "30"), 30);
        assert_eq!(
            read(ResetUnit::EpochSeconds, "1500000000"),
            0,
            "a past reset is now"
        );
        assert_eq!(
            read(ResetUnit::EpochSeconds, "18446744073709551615"),
            u64::MAX
        );
    }
}
