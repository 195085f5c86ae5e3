//! What an application may count: one report per attempt and per call, with labels that are never data.

use std::{fmt, time::Duration};

use http::StatusCode;

use crate::error::{Delivery, RetryStop};

/// Receives reports. Called on the path of the call, so it must be quick and must not block.
pub trait Observer: fmt::Debug + Send + Sync {
    /// An attempt ended.
    fn attempt(&self, report: &AttemptReport);
    /// A call ended.
    fn call(&self, report: &CallReport);
}

/// One attempt. All texts are `&'static str`: no id, path or message can become a label.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct AttemptReport {
    /// The vendor.
    pub vendor: &'static str,
    /// The operation.
    pub operation: &'static str,
    /// Which attempt of the call, from 1.
    pub attempt: u32,
    /// The status, if the vendor answered.
    pub status: Option<StatusCode>,
    /// The kind of the failure; `None` for a success.
    pub error: Option<&'static str>,
    /// How long it took.
    pub elapsed: Duration,
}

/// One call.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct CallReport {
    /// The vendor.
    pub vendor: &'static str,
    /// The operation.
    pub operation: &'static str,
    /// How many attempts it took.
    pub attempts: u32,
    /// The kind of the failure; `None` for a success.
    pub error: Option<&'static str>,
    /// What is known of a failed call's effect.
    pub delivery: Option<Delivery>,
    /// Why it was not tried again.
    pub stop: Option<RetryStop>,
    /// How long it took, waits included.
    pub elapsed: Duration,
}

/// How a connection is doing.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Health {
    /// The vendor.
    pub vendor: &'static str,
    /// The circuit breaker.
    pub breaker: super::BreakerState,
    /// Tokens left in the retry budget.
    pub budget: u32,
    /// Attempts under way.
    pub in_flight: usize,
    /// The vendor's limits, as its last answer told them.
    pub quota: Vec<super::QuotaWindow>,
    /// The kind of the last failed call.
    pub last_error: Option<&'static str>,
}
