//! One call over all its attempts.

mod report;

use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tracing::{Instrument, field::Empty, info_span};

use super::{
    AuthRejection, CallOptions, Operation, OperationClass, Request, ResponseHead, Retries,
    RetryDirective,
    attempt::{Accepted, Attempt},
    breaker::Permit,
    budget::Lease,
    classify::Failure,
    clock::Instant,
    deadline::Deadline,
    retry::{AttemptFailure, Decision, RetryContext, decide, next_poll, settles},
    shared::{InFlight, Shared},
    timer::within,
};
use crate::error::{Delivery, Error, Kind, RateLimitScope, RetryStop, TimeoutPhase};

/// Keeps the end of an attempt within the range of an `Instant`. Our default (no vendor source).
const LONGEST_ATTEMPT: Duration = Duration::from_secs(365 * 24 * 3_600);

/// What one attempt owns while it is in flight; all of it is released when dropped.
struct Admission<'a> {
    breaker: Permit,
    _bulkhead: Option<SemaphorePermit<'a>>,
    _in_flight: InFlight<'a>,
    started: Instant,
}

/// One call over all its attempts.
pub(super) struct Call<'a> {
    shared: &'a Shared,
    operation: &'a Operation,
    request: Request,
    options: &'a CallOptions,
    deadline: Deadline,
    /// How many attempts were sent.
    pub(super) attempts: u32,
    /// An attempt was lost, and no response has settled its effect since.
    unknown: bool,
    /// Whether the one chance to authorize again is used up.
    reauthorized: bool,
    /// The generation of the credential that the last attempt used.
    generation: u64,
    /// The tokens of the retry that is in flight.
    lease: Option<Lease>,
}

impl<'a> Call<'a> {
    pub(super) fn new(
        shared: &'a Shared,
        operation: &'a Operation,
        request: Request,
        options: &'a CallOptions,
        deadline: Deadline,
    ) -> Self {
        Self {
            shared,
            operation,
            request,
            options,
            deadline,
            attempts: 0,
            unknown: false,
            reauthorized: false,
            generation: 0,
            lease: None,
        }
    }

    pub(super) async fn run(&mut self, streaming: bool) -> Result<(ResponseHead, Accepted), Error> {
        // Attempts that count against the policy: neither the free attempt after authorizing again does, nor asking what
        // became of our own key.
        let mut counted = 0;
        let mut polls = 0;
        loop {
            counted += 1;
            let admission = self.admit().await?;
            let failed = match self.send(admission, streaming).await {
                Ok(success) => {
                    self.settle_budget();
                    return Ok(success);
                }
                Err(failed) => failed,
            };
            self.record_outcome(&failed);
            if self.may_reauthorize(&failed) && self.reauthorize(&failed).await? {
                counted -= 1;
                continue;
            }
            let now = self.shared.clock.monotonic();
            let context = RetryContext {
                policy: &self.shared.policy,
                profile: self.shared.profile,
                options: self.options,
                class: self.operation.class,
                replayable: self.request.body.is_replayable(),
                attempts: counted,
                remaining: self.remaining(now),
                now,
            };
            let jitter = self.shared.jitter.as_ref();
            let delay = if self.is_our_key_in_flight(&failed) {
                counted -= 1;
                polls += 1;
                match next_poll(&context, &failed, polls, jitter) {
                    Some(delay) => delay,
                    None => return Err(self.error(failed, RetryStop::DeadlineTooShort)),
                }
            } else {
                match decide(&context, &failed, &self.shared.budget, jitter) {
                    Decision::Stop(stop) => return Err(self.error(failed, stop)),
                    Decision::Retry { delay, lease } => {
                        self.lease = Some(lease);
                        delay
                    }
                }
            };
            tracing::debug!(
                vendor = self.shared.vendor,
                operation = self.operation.name,
                attempt = self.attempts,
                error = failed.failure.kind.as_str(),
                status = failed.status.map(|status| status.as_u16()),
                wait_ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX),
                "attempt failed; trying again"
            );
            self.shared.clock.sleep(delay).await;
        }
    }

    /// Whether an earlier attempt of this call, or another call with its key, is still being processed.
    fn is_our_key_in_flight(&self, failed: &AttemptFailure) -> bool {
        failed.failure.kind == Kind::IdempotencyInFlight
            && self.operation.class == OperationClass::Keyed
            && self.options.retries == Retries::Policy
            && failed.failure.hint.retry != RetryDirective::No
            && self.request.body.is_replayable()
    }

    /// Asks every guard for permission to send one attempt. An error is our own rejection, after which nothing is
    /// retried.
    async fn admit(&self) -> Result<Admission<'a>, Error> {
        let shared = self.shared;
        let now = shared.clock.monotonic();
        let breaker = shared.breaker.try_acquire(now).map_err(|retry_after| {
            let kind = Kind::CircuitOpen { retry_after };
            let stop = if self.attempts > 0 {
                RetryStop::CircuitOpened
            } else {
                RetryStop::NotRetryable
            };
            self.rejection(kind, stop, "the circuit is open after too many failures")
                .with_retry_after(retry_after)
        })?;
        self.wait_for_turn().await?;
        let bulkhead = match &shared.bulkhead {
            Some(bulkhead) => Some(self.permit(bulkhead).await?),
            None => None,
        };
        let in_flight = InFlight::new(&shared.in_flight);
        let started = shared.clock.monotonic();
        if self.remaining(started).is_some_and(|left| left.is_zero()) {
            return Err(self.rejection(
                Kind::DeadlineExceeded,
                RetryStop::DeadlineTooShort,
                "the caller's time ran out before the request could be sent",
            ));
        }
        Ok(Admission {
            breaker,
            _bulkhead: bulkhead,
            _in_flight: in_flight,
            started,
        })
    }

    /// Sends one admitted attempt and reports its result to every guard, the span and the observer.
    async fn send(
        &mut self,
        admission: Admission<'a>,
        streaming: bool,
    ) -> Result<(ResponseHead, Accepted), AttemptFailure> {
        let shared = self.shared;
        let limit = if self.operation.attempt_limit {
            shared.policy.attempt_timeout
        } else {
            shared.policy.bulk_attempt_timeout
        };
        let is_callers_limit = self.deadline.is_callers(admission.started, limit);
        let time = self
            .remaining(admission.started)
            .map_or(limit, |left| left.min(limit))
            .min(LONGEST_ATTEMPT);
        let span = info_span!(
            "anyvendor.attempt",
            otel.name = Empty,
            otel.kind = "client",
            vendor = shared.vendor,
            http.request.method = self.operation.method.as_str(),
            url.template = self.operation.template,
            http.request.resend_count = self.attempts,
            http.response.status_code = Empty,
            error.type = Empty,
        );
        let attempt = Attempt {
            shared,
            operation: self.operation,
            time,
            streaming,
        };
        let result = attempt
            .send(&mut self.request, &mut self.attempts, &mut self.generation)
            .instrument(span.clone())
            .await;
        // Neither a caller with little patience nor the issuer of the credentials says anything about the vendor's health.
        let says_nothing = result
            .as_ref()
            .is_err_and(|failed| failed.of_credentials || (is_callers_limit && failed.out_of_time));
        self.report(admission, &result, says_nothing, &span);
        result
    }

    /// Waits for the rate limiter, if the wait fits into the remaining time.
    async fn wait_for_turn(&self) -> Result<(), Error> {
        let shared = self.shared;
        let remaining = self.remaining(shared.clock.monotonic());
        // A call without a deadline does not queue for ever either.
        let max_wait = remaining.unwrap_or(shared.policy.max_server_delay);
        let turn = shared.limiter.acquire(shared.clock.as_ref(), max_wait);
        turn.await.map_err(|wait| {
            let kind = Kind::RateLimited {
                scope: RateLimitScope::Local,
                retry_after: Some(wait),
            };
            let message = "the next slot of our rate limiter is after the caller's deadline";
            self.rejection(kind, RetryStop::DeadlineTooShort, message)
                .with_retry_after(wait)
        })
    }

    /// Waits for one of the policy's permits to be in flight, for as long as the caller has time.
    async fn permit<'s>(&self, bulkhead: &'s Semaphore) -> Result<SemaphorePermit<'s>, Error> {
        let full = || {
            self.rejection(
                Kind::Overloaded,
                RetryStop::NotRetryable,
                "too many calls are in flight",
            )
        };
        let acquired = match self.remaining(self.shared.clock.monotonic()) {
            Some(left) => within(self.shared.clock.as_ref(), left, bulkhead.acquire())
                .await
                .ok_or_else(full)?,
            None => bulkhead.acquire().await,
        };
        acquired.map_err(|_| full())
    }

    fn may_reauthorize(&self, failed: &AttemptFailure) -> bool {
        let asked = failed.failure.kind == Kind::Unauthenticated || failed.failure.hint.reauthorize;
        asked && !self.reauthorized && failed.status.is_some() && self.request.body.is_replayable()
    }

    /// Uses the one chance; `true` means that another attempt may succeed.
    async fn reauthorize(&mut self, failed: &AttemptFailure) -> Result<bool, Error> {
        self.reauthorized = true;
        let rejection = AuthRejection {
            status: failed.status.unwrap_or_default(),
            date: failed.date,
            vendor_code: failed.failure.vendor_code.as_deref(),
            now: self.shared.clock.wall(),
            generation: self.generation,
        };
        let recovering = self.shared.authorizer.recover(rejection);
        let recovered = match self.remaining(self.shared.clock.monotonic()) {
            Some(left) => within(self.shared.clock.as_ref(), left, recovering).await,
            None => Some(recovering.await),
        };
        // Whatever happens to the credentials, the vendor has rejected this request.
        let error = match recovered {
            Some(Ok(may_succeed)) => return Ok(may_succeed),
            Some(Err(error)) => error.with_delivery(failed.delivery),
            None => {
                let phase = TimeoutPhase::Total;
                let message = "the credentials could not be renewed in time";
                Error::new(Kind::Timeout { phase }, failed.delivery, message)
                    .with_stop(RetryStop::DeadlineTooShort)
            }
        };
        Err(self.with_context(error))
    }

    /// Records what the attempt says about whether the vendor acted.
    fn record_outcome(&mut self, failed: &AttemptFailure) {
        match failed.delivery {
            Delivery::Unknown => self.unknown = true,
            Delivery::Refused if settles(self.operation.class, failed) => self.unknown = false,
            Delivery::Refused | Delivery::Accepted | Delivery::NotSent => {}
        }
    }

    fn settle_budget(&mut self) {
        let now = self.shared.clock.monotonic();
        match self.lease.take() {
            Some(lease) => lease.give_back(now),
            None => self.shared.budget.earn(now),
        }
    }

    fn remaining(&self, now: Instant) -> Option<Duration> {
        self.deadline.remaining(now)
    }

    /// Creates our own rejection: this attempt was not sent, but an earlier one may have been.
    fn rejection(&self, kind: Kind, stop: RetryStop, message: &'static str) -> Error {
        self.with_context(Error::unsent(kind, message).with_stop(stop))
    }

    fn error(&self, failed: AttemptFailure, stop: RetryStop) -> Error {
        let Failure {
            kind,
            vendor_code,
            message,
            field,
            ..
        } = failed.failure;
        let mut error = Error::new(kind, failed.delivery, message).with_stop(stop);
        if let Some(code) = vendor_code {
            error = error.with_vendor_code(code);
        }
        if let Some(field) = field {
            error = error.with_field(field);
        }
        if let Some(status) = failed.status {
            error = error.with_status(status);
        }
        if let Some(id) = failed.request_id {
            error = error.with_request_id(id);
        }
        if let Some(wait) = failed.server_delay {
            error = error.with_retry_after(wait);
        }
        self.with_context(error)
    }

    /// Adds the context that every error of this call has.
    fn with_context(&self, error: Error) -> Error {
        let mut error = error
            .with_vendor(self.shared.vendor)
            .with_operation(self.operation.name);
        if self.unknown {
            error = error.with_delivery(Delivery::Unknown);
        }
        if let Some(key) = &self.request.key {
            error = error.with_idempotency_key(key.clone());
        }
        error
    }
}
