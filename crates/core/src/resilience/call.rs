//! The one function that every request goes through.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{sync::Semaphore, time::Instant};
use tracing::{Instrument, field::Empty, info_span};

use super::{
    Answer, AnswerHead, Authorizer, CallOptions, Classifier, Health, Observer, Operation,
    OperationClass, Policy, QuotaHeaders, QuotaWindow, Refusal, Request, StreamingAnswer,
    VendorProfile,
    attempt::{Accepted, Attempt},
    backoff::{FullJitter, Jitter},
    breaker::Breaker,
    budget::{Budget, Lease},
    classify::Failure,
    clock::{Clock, SystemClock},
    observe::{AttemptReport, CallReport},
    quota::QuotaMonitor,
    rate_limit::RateLimiter,
    retry::{Decision, Setback, Situation, decide, settles},
};
use crate::{
    error::{Delivery, Error, Kind, RateLimitScope, RetryStop},
    transport::Transport,
};

/// Keeps the end of an attempt within what an `Instant` can say, whatever the policy asks for. Own choice.
const LONGEST_ATTEMPT: Duration = Duration::from_secs(365 * 24 * 3_600);

/// Setters of the builder, which all look alike.
macro_rules! builder_setters {
    ($($(#[$doc:meta])+ $field:ident: $type:ty;)+) => {
        $($(#[$doc])+ #[must_use] pub fn $field(mut self, $field: $type) -> Self { self.$field = $field; self })+
    };
}

/// The call pipeline of one connection: one vendor, one credential. Cheap to clone; the clones share breaker, budget and
/// limits.
#[derive(Debug, Clone)]
pub struct Pipeline(pub(super) Arc<Shared>);

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) vendor: &'static str,
    pub(super) transport: Arc<dyn Transport>,
    pub(super) authorizer: Arc<dyn Authorizer>,
    pub(super) classifier: Arc<dyn Classifier>,
    pub(super) policy: Policy,
    pub(super) profile: VendorProfile,
    pub(super) clock: Arc<dyn Clock>,
    jitter: Arc<dyn Jitter>,
    observer: Option<Arc<dyn Observer>>,
    breaker: Arc<Breaker>,
    budget: Arc<Budget>,
    limiter: RateLimiter,
    bulkhead: Option<Semaphore>,
    pub(super) quota: QuotaMonitor,
    in_flight: AtomicUsize,
    last_error: Mutex<Option<&'static str>>,
}

/// Puts a [`Pipeline`] together.
#[derive(Debug)]
pub struct PipelineBuilder {
    vendor: &'static str,
    transport: Arc<dyn Transport>,
    authorizer: Arc<dyn Authorizer>,
    classifier: Arc<dyn Classifier>,
    policy: Policy,
    profile: VendorProfile,
    clock: Arc<dyn Clock>,
    jitter: Arc<dyn Jitter>,
    observer: Option<Arc<dyn Observer>>,
    quota: Vec<QuotaHeaders>,
}

impl PipelineBuilder {
    builder_setters! {
        /// Sets how calls behave on a bad day.
        policy: Policy;
        /// Sets what the vendor's documents promise.
        profile: VendorProfile;
        /// Sets where time comes from.
        clock: Arc<dyn Clock>;
        /// Sets where random delays come from.
        jitter: Arc<dyn Jitter>;
        /// Sets which headers tell the vendor's limits.
        quota: Vec<QuotaHeaders>;
    }

    /// Sets who is told of attempts and calls.
    #[must_use]
    pub fn observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// Checks the policy and builds the pipeline.
    ///
    /// # Errors
    /// `Config` for a policy out of range.
    pub fn build(self) -> Result<Pipeline, Error> {
        self.policy.check()?;
        let now = self.clock.monotonic();
        let permits = self
            .policy
            .max_concurrency
            .map(|max| usize::try_from(max.get()).unwrap_or(usize::MAX));
        Ok(Pipeline(Arc::new(Shared {
            vendor: self.vendor,
            transport: self.transport,
            authorizer: self.authorizer,
            classifier: self.classifier,
            profile: self.profile,
            breaker: Breaker::new(self.policy.breaker, Arc::clone(&self.jitter), now),
            budget: Budget::new(self.policy.budget, now),
            limiter: RateLimiter::new(self.policy.rate_limit.clone()),
            bulkhead: permits.map(|permits| Semaphore::new(permits.min(Semaphore::MAX_PERMITS))),
            quota: QuotaMonitor::new(self.quota),
            policy: self.policy,
            clock: self.clock,
            jitter: self.jitter,
            observer: self.observer,
            in_flight: AtomicUsize::new(0),
            last_error: Mutex::new(None),
        })))
    }
}

impl Pipeline {
    /// Begins a pipeline; the defaults are those of [`Policy`].
    #[must_use]
    pub fn builder(
        vendor: &'static str,
        transport: Arc<dyn Transport>,
        authorizer: Arc<dyn Authorizer>,
        classifier: Arc<dyn Classifier>,
    ) -> PipelineBuilder {
        PipelineBuilder {
            vendor,
            transport,
            authorizer,
            classifier,
            policy: Policy::default(),
            profile: VendorProfile::default(),
            clock: Arc::new(SystemClock),
            jitter: Arc::new(FullJitter),
            observer: None,
            quota: Vec::new(),
        }
    }

    /// Sends a request, as often as is safe, and reads the answer whole.
    ///
    /// # Errors
    /// Says in [`Error::delivery`] what is known of the effect, and in [`Error::stop`] why it was not tried again.
    pub async fn call(
        &self,
        operation: &Operation,
        request: Request,
        options: &CallOptions,
    ) -> Result<Answer, Error> {
        let (head, accepted) = self.run(operation, request, options, false).await?;
        match accepted {
            Accepted::Whole(body) => Ok(Answer { head, body }),
            Accepted::Streaming(_) => Ok(Answer {
                head,
                body: bytes::Bytes::new(),
            }),
        }
    }

    /// Sends a request, as often as is safe, and gives a successful answer's body as a stream. Each wait for its next
    /// piece is limited by the policy's idle timeout; the reader's own slowness does not count.
    ///
    /// # Errors
    /// Those of [`call`](Self::call); later ones come out of the stream.
    pub async fn call_streaming(
        &self,
        operation: &Operation,
        request: Request,
        options: &CallOptions,
    ) -> Result<StreamingAnswer, Error> {
        let (head, accepted) = self.run(operation, request, options, true).await?;
        let body: crate::transport::ByteStream = match accepted {
            Accepted::Streaming(body) => body,
            Accepted::Whole(body) => Box::pin(futures_util::stream::iter([Ok(body)])),
        };
        Ok(StreamingAnswer { head, body })
    }

    /// The vendor's name.
    #[must_use]
    pub fn vendor(&self) -> &'static str {
        self.0.vendor
    }

    /// Where time comes from.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.clock
    }

    /// How the connection is doing.
    #[must_use]
    pub fn health(&self) -> Health {
        let shared = &self.0;
        Health {
            vendor: shared.vendor,
            breaker: shared.breaker.state(),
            budget: shared.budget.level(shared.clock.monotonic()),
            in_flight: shared.in_flight.load(Ordering::Relaxed),
            quota: shared.quota.windows(),
            last_error: *shared
                .last_error
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Opens the circuit by hand, until [`reset`](Self::reset): every call is refused as not sent.
    pub fn isolate(&self) {
        self.0.breaker.isolate();
    }

    /// Closes the circuit by hand and forgets past failures.
    pub fn reset(&self) {
        self.0.breaker.reset();
    }

    async fn run(
        &self,
        operation: &Operation,
        request: Request,
        options: &CallOptions,
        streaming: bool,
    ) -> Result<(AnswerHead, Accepted), Error> {
        if operation.class == OperationClass::Keyed && request.key.is_none() {
            // Without its key it would be repeated as if it had one.
            return Err(Error::invalid("idempotency_key", "is missing; give one")
                .with_vendor(self.0.vendor)
                .with_operation(operation.name));
        }
        let span = info_span!(
            "anyvendor.call",
            vendor = self.0.vendor,
            operation = operation.name,
            attempts = Empty,
            "error.type" = Empty,
        );
        let shared = Arc::clone(&self.0);
        async move {
            let started = shared.clock.monotonic();
            let mut call = Call::new(&shared, operation, request, options, started);
            let result = call.run(streaming).await;
            let elapsed = shared.clock.monotonic().saturating_duration_since(started);
            let attempts = call.attempts;
            let error = result.as_ref().err();
            if let Some(error) = error {
                *shared
                    .last_error
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner) = Some(error.kind().as_str());
                tracing::Span::current().record("error.type", error.kind().as_str());
            }
            tracing::Span::current().record("attempts", attempts);
            if let Some(observer) = &shared.observer {
                observer.call(&CallReport {
                    vendor: shared.vendor,
                    operation: operation.name,
                    attempts,
                    error: error.map(|error| error.kind().as_str()),
                    delivery: error.map(Error::delivery),
                    stop: error.and_then(Error::stop),
                    elapsed,
                });
            }
            result.map_err(|error| error.with_effort(attempts, elapsed))
        }
        .instrument(span)
        .await
    }
}

/// One call, over all its attempts.
struct Call<'a> {
    shared: &'a Shared,
    operation: &'a Operation,
    request: Request,
    options: &'a CallOptions,
    /// When the caller's time is up; `None` is never.
    deadline: Option<Instant>,
    /// How many attempts went on the wire.
    attempts: u32,
    /// An attempt was lost whose effect nothing has settled since.
    unknown: bool,
    /// The one chance to authorize anew is used up.
    reauthorized: bool,
    /// Of the credential that the last attempt bore.
    generation: u64,
    /// What the retry under way cost.
    lease: Option<Lease>,
}

impl<'a> Call<'a> {
    fn new(
        shared: &'a Shared,
        operation: &'a Operation,
        request: Request,
        options: &'a CallOptions,
        now: Instant,
    ) -> Self {
        let policy = operation
            .attempt_limit
            .then_some(shared.policy.total_timeout);
        let total = match (options.timeout, policy) {
            (Some(caller), Some(policy)) => Some(caller.min(policy)),
            (caller, policy) => caller.or(policy),
        };
        let deadline = total.and_then(|total| now.checked_add(total));
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

    async fn run(&mut self, streaming: bool) -> Result<(AnswerHead, Accepted), Error> {
        // Attempts that count against the policy: the free one after authorizing anew does not.
        let mut counted = 0;
        loop {
            counted += 1;
            let setback = match self.attempt(streaming).await? {
                Ok(success) => {
                    self.settle_budget();
                    return Ok(success);
                }
                Err(setback) => setback,
            };
            self.note(&setback);
            if self.may_reauthorize(&setback) && self.reauthorize(&setback).await? {
                counted -= 1;
                continue;
            }
            let now = self.shared.clock.monotonic();
            let situation = Situation {
                policy: &self.shared.policy,
                profile: self.shared.profile,
                options: self.options,
                class: self.operation.class,
                replayable: self.request.body.is_replayable(),
                attempts: counted,
                remaining: self.remaining(now),
                now,
            };
            match decide(
                &situation,
                &setback,
                &self.shared.budget,
                self.shared.jitter.as_ref(),
            ) {
                Decision::Stop(stop) => return Err(self.error(setback, stop)),
                Decision::Retry { delay, lease } => {
                    self.lease = Some(lease);
                    self.shared.clock.sleep(delay).await;
                }
            }
        }
    }

    /// One attempt through all stages. The outer error is a refusal of ours, after which nothing is tried again.
    async fn attempt(
        &mut self,
        streaming: bool,
    ) -> Result<Result<(AnswerHead, Accepted), Setback>, Error> {
        let shared = self.shared;
        let now = shared.clock.monotonic();
        let permit = shared.breaker.try_acquire(now).map_err(|retry_after| {
            let kind = Kind::CircuitOpen { retry_after };
            let stop = if self.attempts > 0 {
                RetryStop::CircuitOpened
            } else {
                RetryStop::NotRetryable
            };
            self.refusal(kind, stop, "the circuit is open after too many failures")
                .with_retry_after(retry_after)
        })?;
        self.wait_for_turn(now).await?;
        let _place = match &shared.bulkhead {
            Some(bulkhead) => Some(self.place(bulkhead).await?),
            None => None,
        };
        let _counted = InFlight::new(&shared.in_flight);
        let started = shared.clock.monotonic();
        if self.remaining(started).is_some_and(|left| left.is_zero()) {
            return Err(self.refusal(
                Kind::DeadlineExceeded,
                RetryStop::DeadlineTooShort,
                "the caller's time ran out before the request could be sent",
            ));
        }
        let limit = if self.operation.attempt_limit {
            shared.policy.attempt_timeout
        } else {
            shared.policy.bulk_attempt_timeout
        };
        let left = self
            .remaining(started)
            .map_or(limit, |left| left.min(limit));
        // Timers run on tokio's clock, which an injected one need not follow.
        let now = SystemClock.monotonic();
        let until = now.checked_add(left.min(LONGEST_ATTEMPT)).unwrap_or(now);
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
            until,
            streaming,
        };
        let result = attempt
            .send(&mut self.request, &mut self.attempts, &mut self.generation)
            .instrument(span.clone())
            .await;
        let ended = shared.clock.monotonic();
        let (status, kind) = match &result {
            Ok((head, _)) => (Some(head.status), None),
            Err(setback) => (setback.status, Some(setback.failure.kind.as_str())),
        };
        if let Some(status) = status {
            span.record("http.response.status_code", status.as_u16());
        }
        if let Some(kind) = kind {
            span.record("error.type", kind);
        }
        permit.verdict(result.as_ref().is_err_and(Setback::is_ill), ended);
        if let Some(observer) = &shared.observer {
            observer.attempt(&AttemptReport {
                vendor: shared.vendor,
                operation: self.operation.name,
                attempt: self.attempts,
                status,
                error: kind,
                elapsed: ended.saturating_duration_since(started),
            });
        }
        if let Ok((head, _)) = &result {
            self.heed_quota(
                &shared.quota.read(&head.headers, shared.clock.wall()),
                ended,
            );
        }
        if let Err(Setback {
            failure:
                Failure {
                    kind: Kind::RateLimited { .. },
                    ..
                },
            server_delay,
            ..
        }) = &result
        {
            let pause = server_delay
                .unwrap_or_default()
                .min(shared.policy.max_server_delay);
            shared
                .limiter
                .pause(ended.checked_add(pause).unwrap_or(ended));
        }
        Ok(result)
    }

    /// Waits for the limiter, if the wait fits into the time left.
    async fn wait_for_turn(&self, now: Instant) -> Result<(), Error> {
        let patience = self.remaining(now).unwrap_or(Duration::MAX);
        match self.shared.limiter.reserve(now, patience) {
            Ok(wait) if wait.is_zero() => Ok(()),
            Ok(wait) => {
                self.shared.clock.sleep(wait).await;
                Ok(())
            }
            Err(wait) => {
                let kind = Kind::RateLimited {
                    scope: RateLimitScope::Local,
                    retry_after: Some(wait),
                };
                let message = "our own limiter's next place is later than the caller's deadline";
                Err(self
                    .refusal(kind, RetryStop::DeadlineTooShort, message)
                    .with_retry_after(wait))
            }
        }
    }

    async fn place<'s>(
        &self,
        bulkhead: &'s Semaphore,
    ) -> Result<tokio::sync::SemaphorePermit<'s>, Error> {
        let full = || {
            self.refusal(
                Kind::Overloaded,
                RetryStop::NotRetryable,
                "too many calls are under way",
            )
        };
        let acquired = match self.remaining(self.shared.clock.monotonic()) {
            Some(left) => tokio::time::timeout(left, bulkhead.acquire())
                .await
                .map_err(|_| full())?,
            None => bulkhead.acquire().await,
        };
        acquired.map_err(|_| full())
    }

    /// A vendor that says nothing is left gets silence until its reset, as far as we wait at all.
    fn heed_quota(&self, windows: &[QuotaWindow], now: Instant) {
        for window in windows {
            if let (Some(0), Some(wait)) = (window.remaining, window.resets_in)
                && wait <= self.shared.policy.max_server_delay
            {
                self.shared
                    .limiter
                    .pause(now.checked_add(wait).unwrap_or(now));
            }
        }
    }

    fn may_reauthorize(&self, setback: &Setback) -> bool {
        let asked =
            setback.failure.kind == Kind::Unauthenticated || setback.failure.hint.reauthorize;
        asked && !self.reauthorized && setback.status.is_some() && self.request.body.is_replayable()
    }

    /// Uses the one chance; `true` means that another attempt may fare better.
    async fn reauthorize(&mut self, setback: &Setback) -> Result<bool, Error> {
        self.reauthorized = true;
        let refusal = Refusal {
            status: setback.status.unwrap_or_default(),
            date: setback.date,
            vendor_code: setback.failure.vendor_code.as_deref(),
            now: self.shared.clock.wall(),
            generation: self.generation,
        };
        self.shared
            .authorizer
            .recover(refusal)
            .await
            .map_err(|error| self.dress(error))
    }

    /// Keeps what the attempt says about the vendor having acted.
    fn note(&mut self, setback: &Setback) {
        match setback.delivery {
            Delivery::Unknown => self.unknown = true,
            Delivery::Answered if settles(self.operation.class, setback) => self.unknown = false,
            Delivery::Answered | Delivery::NotSent => {}
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
        self.deadline
            .map(|deadline| deadline.saturating_duration_since(now))
    }

    /// A refusal of ours: this attempt was not sent, but an earlier one may have been.
    fn refusal(&self, kind: Kind, stop: RetryStop, message: &'static str) -> Error {
        self.dress(Error::new(kind, message).with_stop(stop))
    }

    fn error(&self, setback: Setback, stop: RetryStop) -> Error {
        let Failure {
            kind,
            vendor_code,
            message,
            field,
            ..
        } = setback.failure;
        let mut error = Error::new(kind, message)
            .with_stop(stop)
            .with_delivery(setback.delivery);
        if let Some(code) = vendor_code {
            error = error.with_vendor_code(code);
        }
        if let Some(field) = field {
            error = error.with_field(field);
        }
        if let Some(status) = setback.status {
            error = error.with_status(status);
        }
        if let Some(id) = setback.request_id {
            error = error.with_request_id(id);
        }
        if let Some(wait) = setback.server_delay {
            error = error.with_retry_after(wait);
        }
        self.dress(error)
    }

    /// Adds what every error of this call says.
    fn dress(&self, error: Error) -> Error {
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

/// Counts an attempt as under way for as long as it lives.
struct InFlight<'a>(&'a AtomicUsize);

impl<'a> InFlight<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
#[path = "call_tests.rs"]
mod tests;
