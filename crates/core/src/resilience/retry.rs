//! Whether and when to retry: a pure decision over what is known about the last attempt.

use std::{sync::Arc, time::Duration};

use http::StatusCode;

use super::{
    backoff::{Jitter, ceiling},
    budget::{Budget, Lease},
    classify::{Failure, RetryDirective},
    clock::Instant,
    operation::OperationClass,
    options::{CallOptions, Duplicates, Retries},
    policy::{Policy, VendorProfile},
};
use crate::error::{Delivery, Kind, RetryStop, TransportPhase};

/// What is known about an attempt that failed.
#[derive(Debug)]
pub(crate) struct AttemptFailure {
    /// The failure itself, as classified.
    pub(crate) failure: Failure,
    /// What this attempt says about whether the vendor acted.
    pub(crate) delivery: Delivery,
    /// The status, if the vendor responded.
    pub(crate) status: Option<StatusCode>,
    /// The vendor's id of the request.
    pub(crate) request_id: Option<String>,
    /// The vendor's clock when it responded.
    pub(crate) date: Option<jiff::Timestamp>,
    /// How long the vendor asks to wait.
    pub(crate) server_delay: Option<Duration>,
    /// The peer left the request unprocessed, according to the protocol.
    pub(crate) unprocessed: bool,
    /// The body of the response was cut off; the status said success.
    pub(crate) cut_success: bool,
    /// Our own limit of the attempt ended it.
    pub(crate) out_of_time: bool,
    /// No credentials could be had, which has a circuit of its own.
    pub(crate) of_credentials: bool,
}

impl AttemptFailure {
    /// Creates a failure before anything was sent, or of the network.
    pub(crate) fn new(failure: Failure, delivery: Delivery) -> Self {
        Self {
            failure,
            delivery,
            status: None,
            request_id: None,
            date: None,
            server_delay: None,
            unprocessed: false,
            cut_success: false,
            out_of_time: false,
            of_credentials: false,
        }
    }

    /// Whether the vendor, or the way to it, is failing: what the breaker counts.
    pub(crate) fn counts_for_breaker(&self) -> bool {
        if self.unprocessed || self.cut_success {
            return false;
        }
        match &self.failure.kind {
            Kind::Unavailable => !self.gave_up_waiting(),
            Kind::Transport { .. } | Kind::Timeout { .. } => true,
            _ => false,
        }
    }
}

impl AttemptFailure {
    /// 408 and 425: the vendor is healthy, but the request came too slowly or too early.
    fn gave_up_waiting(&self) -> bool {
        matches!(self.status.map(|status| status.as_u16()), Some(408 | 425))
    }
}

/// Which of the two base delays applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tempo {
    Transient,
    Throttled,
}

/// The retry table of the design: may this class be sent again after this failure?
pub(crate) fn table(
    class: OperationClass,
    duplicates: Duplicates,
    profile: VendorProfile,
    failed: &AttemptFailure,
) -> Result<Tempo, RetryStop> {
    let failure = &failed.failure;
    // A write that must not be repeated, and may have been done.
    let guarded = class == OperationClass::Unkeyed && duplicates == Duplicates::Forbidden;
    let may_have_acted = failed.delivery == Delivery::Unknown;
    let (tempo, harmless) = match &failure.kind {
        Kind::RateLimited { .. } => (
            Tempo::Throttled,
            profile.throttled_before_work || failure.hint.before_work,
        ),
        Kind::Unavailable => {
            let has_retry_after = failed.status == Some(StatusCode::SERVICE_UNAVAILABLE)
                && failed.server_delay.is_some();
            let stored = class == OperationClass::Keyed
                && profile.keyed_500_requires_directive
                && failed.status == Some(StatusCode::INTERNAL_SERVER_ERROR)
                && failure.hint.retry != RetryDirective::Yes;
            if stored {
                return Err(RetryStop::NotRetryable);
            }
            let before_work = failure.hint.before_work
                || (has_retry_after && profile.unavailable_with_retry_after_before_work);
            (
                if has_retry_after {
                    Tempo::Throttled
                } else {
                    Tempo::Transient
                },
                before_work,
            )
        }
        Kind::Transport { .. } | Kind::Timeout { .. } => (Tempo::Transient, !may_have_acted),
        _ if failure.hint.retry == RetryDirective::Yes => (Tempo::Transient, !may_have_acted),
        _ => return Err(RetryStop::NotRetryable),
    };
    if failure.hint.retry == RetryDirective::No {
        return Err(RetryStop::VendorSaidNo);
    }
    if guarded && !harmless {
        Err(RetryStop::NotIdempotent)
    } else {
        Ok(tempo)
    }
}

/// How long to wait before asking again what became of our own key that is still in flight; `None` if that does not fit
/// into the remaining time. Asking is no attempt: it changes nothing, and takes nothing from the budget.
pub(crate) fn next_poll(
    context: &RetryContext<'_>,
    failed: &AttemptFailure,
    polls: u32,
    jitter: &dyn Jitter,
) -> Option<Duration> {
    let base = context.policy.throttled_base_delay;
    let longest = ceiling(
        base,
        polls,
        context.policy.max_delay.min(base.saturating_mul(8)),
    );
    let pause = longest / 2 + jitter.up_to(longest / 2);
    let least = failed.server_delay.unwrap_or(base / 10);
    match context.remaining {
        // The last poll comes well before the deadline.
        Some(left) => Some(pause.min(left / 2).max(least)).filter(|pause| *pause < left),
        None => Some(pause.max(least)),
    }
}

/// What the decision needs in addition to the failure.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RetryContext<'a> {
    pub(crate) policy: &'a Policy,
    pub(crate) profile: VendorProfile,
    pub(crate) options: &'a CallOptions,
    pub(crate) class: OperationClass,
    pub(crate) replayable: bool,
    /// How many attempts were made, including the failed one.
    pub(crate) attempts: u32,
    /// How much of the call's time is left; `None` means no limit.
    pub(crate) remaining: Option<Duration>,
    pub(crate) now: Instant,
}

/// The decision on retrying.
#[derive(Debug)]
pub(crate) enum Decision {
    Retry { delay: Duration, lease: Lease },
    Stop(RetryStop),
}

/// Checks, in this order: retries enabled, table, body, attempts, the server's delay, the time left, and last the
/// budget, so that a rejected retry costs nothing.
pub(crate) fn decide(
    context: &RetryContext<'_>,
    failed: &AttemptFailure,
    budget: &Arc<Budget>,
    jitter: &dyn Jitter,
) -> Decision {
    let policy = context.policy;
    if context.options.retries == Retries::Off {
        return Decision::Stop(RetryStop::Disabled);
    }
    let tempo = match table(
        context.class,
        context.options.duplicates,
        context.profile,
        failed,
    ) {
        Ok(tempo) => tempo,
        Err(stop) => return Decision::Stop(stop),
    };
    if !context.replayable {
        return Decision::Stop(RetryStop::BodyNotReplayable);
    }
    if context.attempts >= policy.attempts {
        return Decision::Stop(RetryStop::AttemptsExhausted);
    }
    let base = match tempo {
        Tempo::Transient => policy.base_delay,
        Tempo::Throttled => policy.throttled_base_delay,
    };
    let own_delay = jitter.up_to(ceiling(base, context.attempts, policy.max_delay));
    let delay = match failed.server_delay {
        Some(server) if server > policy.max_server_delay => {
            return Decision::Stop(RetryStop::RetryAfterTooLong);
        }
        // At least what the vendor asks for; the jitter is added, so that no client comes early.
        Some(server) => server.saturating_add(jitter.up_to(base)),
        None => own_delay,
    };
    if context
        .remaining
        .is_some_and(|remaining| delay >= remaining)
    {
        return Decision::Stop(RetryStop::DeadlineTooShort);
    }
    let cheap = tempo == Tempo::Throttled || failed.unprocessed || failed.gave_up_waiting();
    match budget.lease(cheap, context.now) {
        Some(lease) => Decision::Retry { delay, lease },
        None => Decision::Stop(RetryStop::BudgetEmpty),
    }
}

/// Whether a response settles what earlier attempts with the same key left open: only the vendor's own answer to this very
/// key does. What is rejected before the key is looked at (credentials, limits, locks, redirects, server errors) says
/// nothing about the earlier attempts.
pub(crate) fn settles(class: OperationClass, failed: &AttemptFailure) -> bool {
    let failure = &failed.failure;
    let before_the_key = matches!(
        failed.status.map(|status| status.as_u16()),
        None | Some(200..=399 | 401 | 403 | 405 | 407 | 408 | 421 | 423 | 425 | 429 | 451 | 500..)
    );
    class == OperationClass::Keyed
        && failed.delivery == Delivery::Refused
        && failure.hint.authentic
        && failure.hint.retry != RetryDirective::Yes
        && !failure.hint.before_work
        && !before_the_key
        && matches!(
            failure.kind,
            Kind::InvalidRequest
                | Kind::NotFound
                | Kind::Conflict
                | Kind::IdempotencyMismatch
                | Kind::Declined
                | Kind::Unsupported
                | Kind::Other
        )
}

/// What a failed response says about whether the vendor acted.
pub(crate) fn delivery_of_response(
    class: OperationClass,
    profile: VendorProfile,
    status: StatusCode,
    failure: &Failure,
    has_retry_after: bool,
) -> Delivery {
    let waits = status == StatusCode::SERVICE_UNAVAILABLE && has_retry_after;
    let throttled = matches!(failure.kind, Kind::RateLimited { .. });
    let before_work = failure.hint.before_work
        || (waits && profile.unavailable_with_retry_after_before_work)
        || (throttled && profile.throttled_before_work);
    // RFC 9110, 15.5.2 and 15.5.8: the request "has not been applied because it lacks valid authentication credentials".
    let unauthenticated = matches!(status.as_u16(), 401 | 407);
    let silent = matches!(failure.kind, Kind::Unavailable | Kind::IdempotencyInFlight);
    let refused = before_work || unauthenticated || (failure.hint.authentic && !silent);
    if class == OperationClass::Safe || refused {
        Delivery::Refused
    } else {
        Delivery::Unknown
    }
}

/// Whether nothing can have been sent in this phase.
pub(crate) fn before_sending(phase: TransportPhase) -> bool {
    matches!(
        phase,
        TransportPhase::Dns | TransportPhase::Connect | TransportPhase::Tls
    )
}

#[cfg(test)]
mod tests;
