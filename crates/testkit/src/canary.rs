//! Looks for values in log lines and in printed errors that must never be there.
//!
//! A test sends "canaries" wherever a secret or personal data goes, captures everything that is logged and printed, and asserts that
//! no canary is in it:
//!
//! ```
//! use anyvendor_testkit::canary::{Printed, assert_absent};
//!
//! let printed = Printed::listen("trace");
//! // Calls that succeed and calls that fail, with `canary` in every secret field.
//! assert_absent(&printed.text(), &["canary"]);
//! ```

pub use anyvendor_conformance::{Printed, all_prints};

/// Fails with the lines that contain one of the canaries.
///
/// # Panics
///
/// If there is such a line.
#[track_caller]
pub fn assert_absent(text: &str, canaries: &[&str]) {
    let leaks: Vec<_> = text
        .lines()
        .filter(|line| canaries.iter().any(|canary| line.contains(canary)))
        .collect();
    assert!(leaks.is_empty(), "{leaks:#?}");
}
