//! What the end of an attempt means for the guards, the span, the log and the observer.

use std::time::Duration;

use tracing::Span;

use super::{Admission, Call};
use crate::{
    error::{Kind, RateLimitScope},
    resilience::{
        AttemptReport, QuotaWindow, ResponseHead, attempt::Accepted, breaker::Change,
        clock::Instant, retry::AttemptFailure,
    },
};

impl Call<'_> {
    /// Reports to the guards, the span and the observer how an attempt ended.
    pub(super) fn report(
        &self,
        admission: Admission<'_>,
        result: &Result<(ResponseHead, Accepted), AttemptFailure>,
        says_nothing: bool,
        span: &Span,
    ) {
        let shared = self.shared;
        let ended = shared.clock.monotonic();
        let (status, kind) = match result {
            Ok((head, _)) => (Some(head.status), None),
            Err(failed) => (failed.status, Some(failed.failure.kind.as_str())),
        };
        if let Some(status) = status {
            span.record("http.response.status_code", status.as_u16());
        }
        if let Some(kind) = kind {
            span.record("error.type", kind);
        }
        if !says_nothing {
            let failed = result
                .as_ref()
                .is_err_and(AttemptFailure::counts_for_breaker);
            let change = admission.breaker.verdict(failed, ended);
            self.log_breaker(change);
        }
        if let Some(observer) = &shared.observer {
            observer.attempt(&AttemptReport {
                vendor: shared.vendor,
                operation: self.operation.name,
                attempt: self.attempts,
                status,
                error: kind,
                elapsed: ended.saturating_duration_since(admission.started),
            });
        }
        match result {
            Ok((head, _)) => {
                let quota = shared.quota.read(&head.headers, shared.clock.wall());
                self.apply_quota(&quota, ended);
            }
            // A limit of one resource says nothing about the others.
            Err(failed) if limits_the_connection(&failed.failure.kind) => {
                let pause = failed.server_delay.unwrap_or_default();
                self.pause(pause.min(shared.policy.max_server_delay), ended);
            }
            Err(_) => {}
        }
    }

    fn log_breaker(&self, change: Option<Change>) {
        let vendor = self.shared.vendor;
        match change {
            Some(Change::Opened(length)) => {
                let open_ms = u64::try_from(length.as_millis()).unwrap_or(u64::MAX);
                tracing::warn!(
                    vendor,
                    open_ms,
                    "the circuit is open: calls are rejected unsent"
                );
            }
            Some(Change::Closed) => tracing::info!(vendor, "the circuit is closed again"),
            None => {}
        }
    }

    /// Pauses all calls of the connection.
    fn pause(&self, length: Duration, now: Instant) {
        if self.shared.limiter.pause(now, length) {
            let vendor = self.shared.vendor;
            let pause_ms = u64::try_from(length.as_millis()).unwrap_or(u64::MAX);
            tracing::info!(vendor, pause_ms, "paused, as the vendor asks");
        }
    }

    /// When the vendor says that its quota is used up, pauses until the reset, if that is within the longest wait.
    fn apply_quota(&self, windows: &[QuotaWindow], now: Instant) {
        for window in windows {
            if let (Some(0), Some(wait)) = (window.remaining, window.resets_in)
                && wait <= self.shared.policy.max_server_delay
            {
                self.pause(wait, now);
            }
        }
    }
}

/// Whether a limit applies to all calls of the connection.
fn limits_the_connection(kind: &Kind) -> bool {
    match kind {
        Kind::RateLimited { scope, .. } => *scope != RateLimitScope::Resource,
        _ => false,
    }
}
