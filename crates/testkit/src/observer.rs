//! An observer that keeps every report.

use std::sync::Mutex;

use anyvendor_core::resilience::{AttemptReport, CallReport, Observer, RouteReport, WebhookReport};

/// Keeps every report of the pipeline, the router and the webhook receiver, each kind in its order.
#[derive(Debug, Default)]
pub struct RecordingObserver {
    attempts: Mutex<Vec<AttemptReport>>,
    calls: Mutex<Vec<CallReport>>,
    routes: Mutex<Vec<RouteReport>>,
    webhooks: Mutex<Vec<WebhookReport>>,
}

impl RecordingObserver {
    /// The attempts so far.
    #[must_use]
    pub fn attempts(&self) -> Vec<AttemptReport> {
        self.attempts.lock().unwrap().clone()
    }

    /// The calls so far.
    #[must_use]
    pub fn calls(&self) -> Vec<CallReport> {
        self.calls.lock().unwrap().clone()
    }

    /// The steps of routed requests so far.
    #[must_use]
    pub fn routes(&self) -> Vec<RouteReport> {
        self.routes.lock().unwrap().clone()
    }

    /// The webhook deliveries so far.
    #[must_use]
    pub fn webhooks(&self) -> Vec<WebhookReport> {
        self.webhooks.lock().unwrap().clone()
    }
}

impl Observer for RecordingObserver {
    fn attempt(&self, report: &AttemptReport) {
        self.attempts.lock().unwrap().push(report.clone());
    }

    fn call(&self, report: &CallReport) {
        self.calls.lock().unwrap().push(report.clone());
    }

    fn route(&self, report: &RouteReport) {
        self.routes.lock().unwrap().push(*report);
    }

    fn webhook(&self, report: &WebhookReport) {
        self.webhooks.lock().unwrap().push(*report);
    }
}
