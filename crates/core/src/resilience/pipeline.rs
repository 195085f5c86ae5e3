//! The pipeline as adapters hold it: how it is put together, and its doors.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use tokio::sync::Semaphore;
use tracing::{Instrument, field::Empty, info_span};

use super::{
    Authorizer, CallOptions, Classifier, Health, Observer, Operation, OperationClass, Policy,
    QuotaHeaders, Request, Response, ResponseHead, StreamingResponse, VendorProfile,
    attempt::Accepted,
    backoff::{FullJitter, Jitter},
    breaker::Breaker,
    budget::Budget,
    call::Call,
    clock::Clock,
    deadline::Deadline,
    observe::CallReport,
    quota::QuotaMonitor,
    rate_limit::RateLimiter,
    shared::Shared,
};
use crate::{error::Error, transport::Transport};

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
        /// Sets where random delays come from.
        jitter: Arc<dyn Jitter>;
        /// Sets which headers tell the vendor's limits.
        quota: Vec<QuotaHeaders>;
    }

    /// Sets the observer of attempts and calls.
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
        clock: Arc<dyn Clock>,
    ) -> PipelineBuilder {
        PipelineBuilder {
            vendor,
            transport,
            authorizer,
            classifier,
            policy: Policy::default(),
            profile: VendorProfile::default(),
            clock,
            jitter: Arc::new(FullJitter),
            observer: None,
            quota: Vec::new(),
        }
    }

    /// Sends a request, as often as is safe, and reads the response whole.
    ///
    /// # Errors
    /// Says in [`Error::delivery`] what is known of the effect, and in [`Error::stop`] why it was not tried again.
    pub async fn call(
        &self,
        operation: &Operation,
        request: Request,
        options: &CallOptions,
    ) -> Result<Response, Error> {
        let (head, accepted) = self.run(operation, request, options, false).await?;
        match accepted {
            Accepted::Whole(body) => Ok(Response { head, body }),
            Accepted::Streaming(_) => Ok(Response {
                head,
                body: bytes::Bytes::new(),
            }),
        }
    }

    /// Sends a request, as often as is safe, and gives a successful response's body as a stream. Each wait for its next
    /// piece is limited by the policy's idle timeout; the reader's own slowness does not count.
    ///
    /// # Errors
    /// Those of [`call`](Self::call); later ones come out of the stream.
    pub async fn call_streaming(
        &self,
        operation: &Operation,
        request: Request,
        options: &CallOptions,
    ) -> Result<StreamingResponse, Error> {
        let (head, accepted) = self.run(operation, request, options, true).await?;
        let body: crate::transport::ByteStream = match accepted {
            Accepted::Streaming(body) => body,
            Accepted::Whole(body) => Box::pin(futures_util::stream::iter([Ok(body)])),
        };
        Ok(StreamingResponse { head, body })
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

    /// Starts one time limit over several requests: the caller's timeout counts for all of them together.
    #[must_use]
    pub fn deadline(&self, options: &CallOptions) -> Deadline {
        Deadline::start(Arc::clone(&self.0.clock), options.clone())
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
    ) -> Result<(ResponseHead, Accepted), Error> {
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
