//! The pipeline as adapters use it: how it is built, and its entry points.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
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

/// The call pipeline of one connection: one vendor, one credential. Cheap to clone; the clones share breaker, budget
/// and limits.
///
/// # For adapter authors
/// An adapter builds one from its configuration and sends every request through it. `anyvendor-http` has the transport
/// and the clock for production; here both are fakes.
///
/// ```
/// use std::{sync::Arc, time::{Duration, Instant}};
/// use anyvendor_core::resilience::{
///     ByStatus, CallOptions, Clock, NoCredentials, Operation, OperationClass, Pipeline, Request, Sleep,
/// };
/// use anyvendor_core::transport::{Incoming, Outgoing, OutgoingBody, Transport, TransportError};
/// use http::{HeaderMap, Method, StatusCode};
///
/// #[derive(Debug)]
/// struct Fake(Instant);
///
/// #[async_trait::async_trait]
/// impl Transport for Fake {
///     async fn send(&self, _: Outgoing) -> Result<Incoming, TransportError> {
///         let body = OutgoingBody::from(bytes::Bytes::from("{\"paid\":true}")).into_stream();
///         Ok(Incoming::new(StatusCode::OK, HeaderMap::new(), body))
///     }
/// }
///
/// impl Clock for Fake {
///     fn monotonic(&self) -> Instant { self.0 }
///     fn wall(&self) -> jiff::Timestamp { jiff::Timestamp::UNIX_EPOCH }
///     fn sleep(&self, _: Duration) -> Sleep { Box::pin(std::future::ready(())) }
///     fn timer(&self, _: Duration) -> Sleep { Box::pin(std::future::pending()) }
/// }
///
/// # #[allow(clippy::disallowed_methods)]
/// # fn now() -> Instant { Instant::now() }
/// let fake = Arc::new(Fake(now()));
/// let clock = Arc::clone(&fake) as Arc<dyn Clock>;
/// let pipeline =
///     Pipeline::builder("acme", fake, Arc::new(NoCredentials), Arc::new(ByStatus), clock).build()?;
/// const GET: Operation = Operation::new("payment.get", &Method::GET, "/pay", OperationClass::Safe);
/// let request = Request::new("https://api.acme.example/pay".parse().unwrap());
/// let response =
///     futures_util::FutureExt::now_or_never(pipeline.call(&GET, request, &CallOptions::default()));
/// let body: serde_json::Value = response.unwrap()?.json()?;
/// assert_eq!(body["paid"], true);
/// # Ok::<(), anyvendor_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Pipeline(pub(super) Arc<Shared>);

/// Builds a [`Pipeline`] from its parts.
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
        /// Sets how calls behave when the vendor or the network fails.
        policy: Policy;
        /// Sets what the vendor's documents promise.
        profile: VendorProfile;
        /// Sets the source of random delays.
        jitter: Arc<dyn Jitter>;
        /// Sets the headers that report the vendor's quotas.
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
    /// `Config` for a policy with a value out of range.
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

// Short on purpose: every provider prints its pipeline.
impl fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pipeline")
            .field("vendor", &self.0.vendor)
            .field("breaker", &self.0.breaker.state())
            .finish_non_exhaustive()
    }
}

impl Pipeline {
    /// Starts a builder; the defaults are those of [`Policy`].
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

    /// Sends a request, as often as is safe, and reads the complete response.
    ///
    /// # Errors
    /// [`Error::delivery`] says what is known about the effect, and [`Error::stop`] why the call was not retried.
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

    /// Sends a request, as often as is safe, and returns the body of a successful response as a stream. Each wait for
    /// the next piece is limited by the policy's idle timeout; a slow reader does not count.
    ///
    /// # Errors
    /// The errors of [`call`](Self::call); later ones come out of the stream.
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

    /// The name of the vendor.
    #[must_use]
    pub fn vendor(&self) -> &'static str {
        self.0.vendor
    }

    /// The clock that the pipeline uses.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.clock
    }

    /// Starts one time limit over several requests: the caller's timeout counts for all of them together.
    #[must_use]
    pub fn deadline(&self, options: &CallOptions) -> Deadline {
        Deadline::start(Arc::clone(&self.0.clock), options.clone())
    }

    /// The current health of the connection.
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

    /// Opens the circuit by hand until [`reset`](Self::reset): every call is rejected as not sent.
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
