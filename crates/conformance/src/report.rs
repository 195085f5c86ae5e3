//! The result of a suite: each case by its name.

use std::{fmt, future::Future, panic::AssertUnwindSafe};

use anyvendor_core::{Error, Kind};
use futures_util::FutureExt;

/// Why a case failed, in one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseFailure(String);

impl CaseFailure {
    /// A failure with this message: what was seen instead.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for CaseFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Error> for CaseFailure {
    fn from(error: Error) -> Self {
        Self(format!("unexpected error: {error}"))
    }
}

impl From<anyvendor_core::values::ValueError> for CaseFailure {
    fn from(error: anyvendor_core::values::ValueError) -> Self {
        Self(format!("unexpected value error: {error}"))
    }
}

/// The result of a case.
pub(crate) type Case = Result<(), CaseFailure>;

/// One case and its result.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CaseReport {
    /// The name, as in the trait's documentation.
    pub name: &'static str,
    /// Why it failed, if it did.
    pub failure: Option<CaseFailure>,
}

/// The result of a suite.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Report {
    /// All cases that ran.
    pub cases: Vec<CaseReport>,
}

impl Report {
    pub(crate) async fn run(&mut self, name: &'static str, case: impl Future<Output = Case>) {
        let failure = match AssertUnwindSafe(case).catch_unwind().await {
            Ok(result) => result.err(),
            Err(_) => Some(CaseFailure::new("panicked")),
        };
        self.cases.push(CaseReport { name, failure });
    }

    /// The cases that failed.
    pub fn failures(&self) -> impl Iterator<Item = &CaseReport> {
        self.cases.iter().filter(|case| case.failure.is_some())
    }

    /// Panics, naming every failed case, unless `expected` cases ran and all passed.
    ///
    /// # Panics
    /// If a case failed or the number of cases differs: this is an assertion for tests.
    #[track_caller]
    pub fn assert_passed(&self, expected: usize) {
        let failures: Vec<String> = self
            .failures()
            .map(|case| match &case.failure {
                Some(failure) => format!("  {}: {failure}", case.name),
                None => String::new(),
            })
            .collect();
        assert!(
            failures.is_empty(),
            "{} of {} cases failed:\n{}",
            failures.len(),
            self.cases.len(),
            failures.join("\n")
        );
        let names: Vec<_> = self.cases.iter().map(|case| case.name).collect();
        assert_eq!(
            names.len(),
            expected,
            "the suite ran other cases than expected: {names:?}"
        );
    }
}

/// Fails the case unless the condition holds.
macro_rules! ensure {
    ($condition:expr, $($message:tt)+) => {
        if !$condition {
            return Err($crate::report::CaseFailure::new(format!($($message)+)));
        }
    };
}

/// Takes the value out of a pattern, or fails the case and shows the actual value.
macro_rules! take {
    ($value:expr, $pattern:pat => $out:expr) => {
        match $value {
            $pattern => $out,
            other => {
                return Err($crate::report::CaseFailure::new(format!(
                    "expected {}, got {other:?}",
                    stringify!($pattern)
                )));
            }
        }
    };
}

pub(crate) use {ensure, take};

/// Fails the case unless the call failed with one of these kinds.
pub(crate) fn expect_kind<T: fmt::Debug>(
    result: Result<T, Error>,
    kinds: &[Kind],
) -> Result<Error, CaseFailure> {
    match result {
        Err(error) if kinds.contains(error.kind()) => Ok(error),
        Err(error) => Err(CaseFailure::new(format!(
            "expected one of {kinds:?}, got {error}"
        ))),
        Ok(value) => Err(CaseFailure::new(format!(
            "expected one of {kinds:?}, got {value:?}"
        ))),
    }
}

/// Fails the case unless the call was rejected with one of these kinds before anything was sent.
pub(crate) fn expect_refused_unsent<T: fmt::Debug>(
    result: Result<T, Error>,
    kinds: &[Kind],
) -> Case {
    let error = expect_kind(result, kinds)?;
    ensure!(
        error.attempts() == 0,
        "rejected only after {} attempt(s): {error}",
        error.attempts()
    );
    ensure!(
        error.delivery() == anyvendor_core::Delivery::NotSent,
        "rejected before sending, but delivery is {:?}",
        error.delivery()
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_failing_and_a_panicking_case_are_reported_by_name() {
        let mut report = Report::default();
        report.run("passes", async { Ok(()) }).await;
        report
            .run("fails", async { Err(CaseFailure::new("no")) })
            .await;
        report.run("panics", async { panic!("on purpose") }).await;
        let failed: Vec<_> = report.failures().map(|case| case.name).collect();
        assert_eq!(failed, ["fails", "panics"]);
    }

    #[test]
    #[should_panic(expected = "other cases than expected")]
    fn a_suite_that_ran_nothing_does_not_pass() {
        Report::default().assert_passed(1);
    }
}
