//! Reports that an application can count: one per attempt and per call, with labels that never contain data.

use std::{fmt, time::Duration};

use http::StatusCode;
use serde::Serialize;

use super::duration_text::as_millis;
use crate::error::{Delivery, RetryStop};

/// Receives reports. It is called during the call, so it must be quick and must not block.
///
/// # For callers
/// An application implements it to feed its metrics.
///
/// ```
/// use std::sync::atomic::{AtomicU32, Ordering};
/// use anyvendor_core::resilience::{AttemptReport, CallReport, Observer};
///
/// #[derive(Debug, Default)]
/// struct FailedCalls(AtomicU32);
///
/// impl Observer for FailedCalls {
///     fn attempt(&self, _: &AttemptReport) {}
///
///     fn call(&self, report: &CallReport) {
///         if report.error.is_some() {
///             self.0.fetch_add(1, Ordering::Relaxed);
///         }
///     }
/// }
/// ```
pub trait Observer: fmt::Debug + Send + Sync {
    /// Reports that an attempt ended.
    fn attempt(&self, report: &AttemptReport);
    /// Reports that a call ended.
    fn call(&self, report: &CallReport);
    /// Reports one step of a request that several vendors can handle. Ignored by default.
    fn route(&self, report: &RouteReport) {
        let _ = report;
    }
    /// Reports the response to a webhook delivery. Ignored by default.
    fn webhook(&self, report: &WebhookReport) {
        let _ = report;
    }
}

fn _dyn_safe(_: &dyn Observer) {}

/// A report of one webhook delivery and our response to it.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct WebhookReport {
    /// The name of the vendor.
    pub vendor: &'static str,
    /// The HTTP status that the vendor received.
    pub status: StatusCode,
    /// Why the delivery was rejected; `None` if it was accepted.
    pub error: Option<&'static str>,
    /// How many events the handler accepted.
    pub handled: u32,
    /// How many events were duplicates.
    pub duplicates: u32,
    /// How many events were not handed on: of the other mode, or of an account that the endpoint does not list.
    pub ignored: u32,
    /// How many events the handler could not process now.
    pub failed: u32,
    /// Whether the delivery was signed longer ago than the usual window.
    pub late: bool,
}

impl WebhookReport {
    /// Creates a report of a delivery of which no event was handled yet.
    #[must_use]
    pub fn new(vendor: &'static str, status: StatusCode, error: Option<&'static str>) -> Self {
        Self {
            vendor,
            status,
            error,
            handled: 0,
            duplicates: 0,
            ignored: 0,
            failed: 0,
            late: false,
        }
    }
}

/// A report of one step of a request that several vendors can handle.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct RouteReport {
    /// The domain, such as `payment`.
    pub domain: &'static str,
    /// The operation, such as `create`.
    pub operation: &'static str,
    /// The vendor of this step.
    pub vendor: &'static str,
    /// The outcome of this step.
    pub step: RouteStep,
    /// The kind of the failure, or the reason for skipping; `None` for a success.
    pub error: Option<&'static str>,
}

impl RouteReport {
    /// Creates a report from its parts.
    #[must_use]
    pub fn new(
        domain: &'static str,
        operation: &'static str,
        vendor: &'static str,
        step: RouteStep,
        error: Option<&'static str>,
    ) -> Self {
        Self {
            domain,
            operation,
            vendor,
            step,
            error,
        }
    }
}

/// The outcome of one vendor's turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RouteStep {
    /// The vendor responded, so the request is done.
    Answered,
    /// The vendor does not support this request, and was skipped.
    Skipped,
    /// The vendor certainly did nothing, so the next one is tried.
    FailedOver,
    /// The vendor failed, and no other may be tried.
    Stopped,
    /// The vendor was called, and the record of its key could not be changed afterwards.
    StoreFailed,
}

impl RouteStep {
    /// The step in snake case, for labels.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Skipped => "skipped",
            Self::FailedOver => "failed_over",
            Self::Stopped => "stopped",
            Self::StoreFailed => "store_failed",
        }
    }
}

/// A report of one attempt. All texts are `&'static str`: no id, path or message can become a label.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct AttemptReport {
    /// The name of the vendor.
    pub vendor: &'static str,
    /// The name of the operation.
    pub operation: &'static str,
    /// The number of the attempt within the call, from 1.
    pub attempt: u32,
    /// The status, if the vendor responded.
    pub status: Option<StatusCode>,
    /// The kind of the failure; `None` for a success.
    pub error: Option<&'static str>,
    /// How long the attempt took.
    pub elapsed: Duration,
}

/// A report of one call.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct CallReport {
    /// The name of the vendor.
    pub vendor: &'static str,
    /// The name of the operation.
    pub operation: &'static str,
    /// How many attempts the call took.
    pub attempts: u32,
    /// The kind of the failure; `None` for a success.
    pub error: Option<&'static str>,
    /// What is known about the effect of a failed call.
    pub delivery: Option<Delivery>,
    /// Why the call was not retried.
    pub stop: Option<RetryStop>,
    /// How long the call took, waits included.
    pub elapsed: Duration,
}

/// The health of a connection. Durations are written as whole milliseconds.
///
/// # Examples
/// ```
/// use anyvendor_core::resilience::{BreakerState, Health};
///
/// fn is_ready(health: &Health) -> bool {
///     matches!(health.breaker, BreakerState::Closed | BreakerState::HalfOpen)
/// }
/// # let _ = is_ready;
/// ```
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Health {
    /// The name of the vendor.
    pub vendor: &'static str,
    /// The state of the circuit breaker.
    pub breaker: super::BreakerState,
    /// How many tokens are left in the retry budget.
    pub budget: u32,
    /// How many attempts are in flight.
    pub in_flight: usize,
    /// The vendor's quotas, as in its last response.
    pub quota: Vec<super::QuotaWindow>,
    /// How long all calls still wait because the vendor asked for it.
    #[serde(rename = "paused_for_ms", serialize_with = "as_millis")]
    pub paused_for: Option<Duration>,
    /// The kind of the last failed call.
    pub last_error: Option<&'static str>,
}
