//! The pipeline as adapters use it: how it is built, and its entry points.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::sync::Semaphore;

use super::{
    Authorizer, CallOptions, Classifier, Health, Observer, Operation, Policy, QuotaHeaders,
    Request, Response, StreamingResponse, VendorProfile,
    backoff::{FullJitter, Jitter},
    breaker::Breaker,
    budget::Budget,
    clock::Clock,
    quota::QuotaMonitor,
    rate_limit::RateLimiter,
    scope::{CallScope, run_alone, streamed, whole},
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

    /// Sends the only request of a call, as often as is safe, and reads the complete response. A call that takes several
    /// requests makes a scope for them, with [`reading`](Self::reading) or [`writing`](Self::writing).
    ///
    /// # Errors
    /// [`Error::delivery`] says what is known about the effect, and [`Error::stop`] why the call was not retried.
    pub async fn call(
        &self,
        operation: &Operation,
        request: Request,
        options: &CallOptions,
    ) -> Result<Response, Error> {
        let response = run_alone(&self.0, operation, request, options, false);
        response.await.map(whole)
    }

    /// Sends the only request of a call like [`call`](Self::call), and returns the body of a successful response as a
    /// stream.
    ///
    /// # Errors
    /// The errors of [`call`](Self::call); later ones come out of the stream.
    pub async fn call_streaming(
        &self,
        operation: &Operation,
        request: Request,
        options: &CallOptions,
    ) -> Result<StreamingResponse, Error> {
        let response = run_alone(&self.0, operation, request, options, true);
        response.await.map(streamed)
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

    /// Starts a call that only reads, with one time limit over all its requests.
    #[must_use]
    pub fn reading(&self, options: &CallOptions) -> CallScope {
        CallScope::new(&self.0, options, false)
    }

    /// Starts a call that writes, with one time limit over all its requests: look-ups that it makes before the write are
    /// part of the write.
    #[must_use]
    pub fn writing(&self, options: &CallOptions) -> CallScope {
        CallScope::new(&self.0, options, true)
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
            paused_for: shared.limiter.paused_for(shared.clock.monotonic()),
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
}
