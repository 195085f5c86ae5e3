//! Times in PayPal's format, which is that of RFC 3339.

use jiff::Timestamp;

/// A time from one of PayPal's bodies.
pub(crate) fn time(text: Option<&str>) -> Option<Timestamp> {
    text?.parse().ok()
}

/// A time as a query has it: in seconds.
pub(crate) fn to_second(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
