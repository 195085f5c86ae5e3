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
    /// A request that several vendors can take went one step. Most observers count calls alone.
    fn route(&self, report: &RouteReport) {
        let _ = report;
    }
    /// A webhook's delivery was answered. Most observers count calls alone.
    fn webhook(&self, report: &WebhookReport) {
        let _ = report;
    }
}

/// One delivery to an endpoint of ours, answered.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct WebhookReport {
    /// The vendor.
    pub vendor: &'static str,
    /// What the vendor was told.
    pub status: StatusCode,
    /// Why it was not taken; `None` when it was.
    pub error: Option<&'static str>,
    /// How many events the handler took.
    pub handled: u32,
    /// How many were known already.
    pub duplicates: u32,
    /// How many the handler could not take now.
    pub failed: u32,
    /// Whether it was signed longer ago than the usual window.
    pub late: bool,
}

impl WebhookReport {
    /// A report of a delivery of which nothing was handled yet.
    #[must_use]
    pub fn new(vendor: &'static str, status: StatusCode, error: Option<&'static str>) -> Self {
        Self {
            vendor,
            status,
            error,
            handled: 0,
            duplicates: 0,
            failed: 0,
            late: false,
        }
    }
}

/// One step of a request that several vendors can take.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct RouteReport {
    /// The domain, such as `payment`.
    pub domain: &'static str,
    /// The operation, such as `create`.
    pub operation: &'static str,
    /// The vendor of this step.
    pub vendor: &'static str,
    /// What became of it.
    pub step: RouteStep,
    /// The kind of the failure or of the reason to skip; `None` for a success.
    pub error: Option<&'static str>,
}

impl RouteReport {
    /// A report of these parts.
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

/// What became of one vendor's turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RouteStep {
    /// It answered: the request is done.
    Answered,
    /// It cannot take this request, and was not asked.
    Skipped,
    /// It certainly did nothing: the next is asked.
    FailedOver,
    /// It failed, and nobody else may be asked.
    Stopped,
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
        }
    }
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
