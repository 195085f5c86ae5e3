//! An observer that keeps every report.

use std::sync::Mutex;

use anyvendor_core::resilience::{AttemptReport, CallReport, Observer, RouteReport, WebhookReport};

/// One report, of whatever kind.
#[derive(Debug, Clone)]
pub enum Report {
    /// An attempt ended.
    Attempt(AttemptReport),
    /// A call ended.
    Call(CallReport),
    /// A routed request went one step further.
    Route(RouteReport),
    /// A webhook delivery was answered.
    Webhook(WebhookReport),
}

/// Keeps every report of the pipeline, the router and the webhook receiver.
#[derive(Debug, Default)]
pub struct RecordingObserver(Mutex<Vec<Report>>);

impl RecordingObserver {
    /// All reports so far, in order.
    #[must_use]
    pub fn reports(&self) -> Vec<Report> {
        self.0.lock().unwrap().clone()
    }

    /// The attempts so far.
    #[must_use]
    pub fn attempts(&self) -> Vec<AttemptReport> {
        self.only(|report| match report {
            Report::Attempt(report) => Some(report),
            _ => None,
        })
    }

    /// The calls so far.
    #[must_use]
    pub fn calls(&self) -> Vec<CallReport> {
        self.only(|report| match report {
            Report::Call(report) => Some(report),
            _ => None,
        })
    }

    /// The steps of routed requests so far.
    #[must_use]
    pub fn routes(&self) -> Vec<RouteReport> {
        self.only(|report| match report {
            Report::Route(report) => Some(report),
            _ => None,
        })
    }

    /// The webhook deliveries so far.
    #[must_use]
    pub fn webhooks(&self) -> Vec<WebhookReport> {
        self.only(|report| match report {
            Report::Webhook(report) => Some(report),
            _ => None,
        })
    }

    fn only<R>(&self, pick: impl Fn(Report) -> Option<R>) -> Vec<R> {
        self.reports().into_iter().filter_map(pick).collect()
    }

    fn keep(&self, report: Report) {
        self.0.lock().unwrap().push(report);
    }
}

impl Observer for RecordingObserver {
    fn attempt(&self, report: &AttemptReport) {
        self.keep(Report::Attempt(*report));
    }

    fn call(&self, report: &CallReport) {
        self.keep(Report::Call(*report));
    }

    fn route(&self, report: &RouteReport) {
        self.keep(Report::Route(*report));
    }

    fn webhook(&self, report: &WebhookReport) {
        self.keep(Report::Webhook(*report));
    }
}
