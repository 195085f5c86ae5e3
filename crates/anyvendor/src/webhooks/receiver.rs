//! The receiver: takes one delivery from its first byte to its response, on the `http` crate's types.

use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

use anyvendor_core::{
    resilience::{Clock, Observer, WebhookReport},
    webhook::{DEFAULT_MAX_BODY, WebhookError, WebhookEvent, WebhookRequest, WebhookVerifier},
};
use anyvendor_http::SystemClock;
use bytes::Bytes;
use http::{Request, Response, StatusCode, request::Parts};
use http_body::Body;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use tokio::{sync::Semaphore, time::timeout};

use super::{
    dedupe::{DedupeStore, MemoryDedupe},
    handler::WebhookHandler,
    processor::{DeliverySummary, EventProcessor},
    response::{self, Rejection},
};
use crate::connect::Vendors;

/// Time limit for reading a body; a slower sender would only hold a permit. Our default.
const READ_LIMIT: Duration = Duration::from_secs(10);
/// Time limit for the handler. Vendors time out earlier, send again and find the event held or settled. Our default.
const HANDLER_LIMIT: Duration = Duration::from_secs(30);
/// Permits for deliveries in flight, of 1 MiB each; a delivery that may be longer takes several. Our default.
const MAX_IN_FLIGHT: usize = 512;
/// Additional time for reading a body, for each permit after the first. Our default.
const READ_LIMIT_MORE: Duration = Duration::from_secs(1);
/// How many events of one delivery are handled concurrently. Our default.
const MAX_CONCURRENT_EVENTS: usize = 16;

/// Receives webhooks: verifies deliveries, recognizes duplicates and gives events to the handler. Cheap to clone.
///
/// [`router`](super::router) is the short way with axum (feature `axum`). On the `http` crate's types:
///
/// ```
/// use anyvendor::{
///     Config, Vendors,
///     http::Request,
///     webhooks::{Event, Receiver, WebhookEvent},
/// };
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let vendors = Vendors::connect(&Config::from_toml("mode = \"sandbox\"")?)?;
/// let receiver = Receiver::new(&vendors, |event: WebhookEvent| async move {
///     if let Event::Payment(payment) = &event.event {
///         println!("{:?}: {:?}", payment.reference, payment.change);
///     }
///     Ok(())
/// });
///
/// // The configuration names no endpoint, so this one is unknown.
/// let request = Request::post("/webhooks/stripe").body(http_body_util::Empty::<anyvendor::Bytes>::new())?;
/// let response = receiver.receive("stripe", request).await;
/// assert_eq!(response.status(), 404);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Receiver(Arc<Inner>);

struct Inner {
    endpoints: BTreeMap<String, Endpoint>,
    processor: EventProcessor,
    observer: Option<Arc<dyn Observer>>,
    permits: Arc<Semaphore>,
    /// The number of permits, taken and free.
    max_in_flight: usize,
    read_limit: Duration,
}

struct Endpoint {
    name: Arc<str>,
    verifier: Arc<dyn WebhookVerifier>,
}

/// Builds a [`Receiver`] with custom parts.
pub struct ReceiverBuilder {
    inner: Inner,
}

impl Receiver {
    /// A receiver for the endpoints of the configuration that records events in memory.
    #[must_use]
    pub fn new(vendors: &Vendors, handler: impl WebhookHandler) -> Self {
        Self::builder(vendors, handler).build()
    }

    /// Starts building a receiver with custom parts.
    #[must_use]
    pub fn builder(vendors: &Vendors, handler: impl WebhookHandler) -> ReceiverBuilder {
        let endpoint = |(name, verifier): (&String, &Arc<dyn WebhookVerifier>)| {
            let endpoint = Endpoint {
                name: name.as_str().into(),
                verifier: Arc::clone(verifier),
            };
            (name.clone(), endpoint)
        };
        ReceiverBuilder {
            inner: Inner {
                endpoints: vendors.webhooks().iter().map(endpoint).collect(),
                processor: EventProcessor {
                    handler: Arc::new(handler),
                    dedupe: Arc::new(MemoryDedupe::default()),
                    clock: Arc::new(SystemClock),
                    handler_limit: HANDLER_LIMIT,
                    max_concurrent_events: MAX_CONCURRENT_EVENTS,
                },
                observer: vendors.observer(),
                permits: Arc::new(Semaphore::new(MAX_IN_FLIGHT)),
                max_in_flight: MAX_IN_FLIGHT,
                read_limit: READ_LIMIT,
            },
        }
    }

    /// Responds to one delivery to the endpoint of this name. The response has no body: a forger learns only the status.
    ///
    /// The request's URI must be the one that the client sent, before any router changed it. The handler continues if this
    /// future is dropped, as servers do when the client disconnects.
    pub async fn receive<B>(&self, endpoint: &str, request: Request<B>) -> Response<Full<Bytes>>
    where
        B: Body + Send,
        B::Data: Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let (parts, body) = request.into_parts();
        let Some(endpoint) = self.0.endpoints.get(endpoint) else {
            return response::response(StatusCode::NOT_FOUND);
        };
        let result = self.process(endpoint, &parts, body).await;
        let (status, reason) = response::status(&result);
        if let Some(observer) = &self.0.observer {
            let mut report = WebhookReport::new(endpoint.verifier.vendor(), status, reason);
            let summary = result.unwrap_or_default();
            report.handled = summary.handled;
            report.duplicates = summary.duplicates;
            report.failed = summary.failed;
            report.late = summary.late;
            observer.webhook(&report);
        }
        response::response(status)
    }

    async fn process<B>(
        &self,
        endpoint: &Endpoint,
        parts: &Parts,
        body: B,
    ) -> Result<DeliverySummary, Rejection>
    where
        B: Body + Send,
        B::Data: Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let verifier = &endpoint.verifier;
        if !verifier.accepts_method(&parts.method) {
            return Err(Rejection::Method);
        }
        let limit = verifier.max_body();
        let needed = self.permits_for(limit);
        let Ok(permits) = Arc::clone(&self.0.permits).try_acquire_many_owned(needed) else {
            return Err(Rejection::Busy);
        };
        let time_limit = self.0.read_limit + READ_LIMIT_MORE * needed.saturating_sub(1);
        let body = read(limit, time_limit, body).await?;
        let target = parts
            .uri
            .path_and_query()
            .map_or("/", |target| target.as_str());
        let request = WebhookRequest::new(&parts.method, target, &parts.headers, &body);
        let (events, late) = match self.verify(verifier.as_ref(), request).await {
            Ok(verified) => verified,
            Err(error) => {
                tracing::warn!(endpoint = &*endpoint.name, %error, "webhook rejected");
                return Err(Rejection::NotVerified(error));
            }
        };
        let lost = DeliverySummary {
            failed: u32::try_from(events.len()).unwrap_or(u32::MAX),
            late,
            ..DeliverySummary::default()
        };
        // A separate task: a vendor that disconnects must not stop the handler halfway.
        let (receiver, name) = (self.clone(), Arc::clone(&endpoint.name));
        let processing = tokio::spawn(async move {
            let summary = receiver.0.processor.process(name, events, late).await;
            drop(permits);
            summary
        });
        // The processor catches the handler's panics, so only a store that panicked gets here.
        Ok(processing.await.unwrap_or(lost))
    }

    /// How many permits a body of at most this length takes: they limit the memory in use, whatever the kind of delivery. A
    /// body that needs more permits than there are takes all of them.
    fn permits_for(&self, limit: usize) -> u32 {
        let permits = limit
            .div_ceil(DEFAULT_MAX_BODY)
            .clamp(1, self.0.max_in_flight.max(1));
        u32::try_from(permits).unwrap_or(u32::MAX)
    }

    /// Verifies a delivery; gives its events, and whether it is late.
    async fn verify(
        &self,
        verifier: &dyn WebhookVerifier,
        request: WebhookRequest<'_>,
    ) -> Result<(Vec<WebhookEvent>, bool), WebhookError> {
        let now = self.0.processor.clock.wall();
        let prefetched = verifier.prefetch(&request).await?;
        let verified = verifier.verify(request, &prefetched, now)?;
        Ok((verifier.events(&verified), verified.is_late()))
    }
}

/// Reads a whole body of limited length in limited time.
async fn read<B>(limit: usize, time_limit: Duration, body: B) -> Result<Bytes, Rejection>
where
    B: Body + Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    if usize::try_from(body.size_hint().lower()).is_ok_and(|length| length > limit) {
        return Err(Rejection::BodyTooLarge);
    }
    let body = Box::pin(Limited::new(body, limit).collect());
    match timeout(time_limit, body).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Rejection::BodyTooLarge),
        Ok(Err(_)) => Err(Rejection::BodyCut),
        Err(_) => Err(Rejection::BodySlow),
    }
}

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("endpoints", &self.0.endpoints.keys())
            .finish_non_exhaustive()
    }
}

impl ReceiverBuilder {
    /// Sets the store of events; a [`MemoryDedupe`] by default. Several processes need a store that they share.
    #[must_use]
    pub fn dedupe(mut self, dedupe: Arc<dyn DedupeStore>) -> Self {
        self.inner.processor.dedupe = dedupe;
        self
    }

    /// Sets the clock.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.inner.processor.clock = clock;
        self
    }

    /// Sets the observer of deliveries; by default, the one that the vendors were connected with.
    #[must_use]
    pub fn observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.inner.observer = Some(observer);
        self
    }

    /// Adds an endpoint, or replaces the one of this name.
    #[must_use]
    pub fn endpoint(mut self, name: &str, verifier: Arc<dyn WebhookVerifier>) -> Self {
        let endpoint = Endpoint {
            name: name.into(),
            verifier,
        };
        self.inner.endpoints.insert(name.to_owned(), endpoint);
        self
    }

    /// Sets how long the handler may take for one event before it is stopped; 30 s by default. Vendors time out earlier and
    /// send again: Twilio after 15 s.
    #[must_use]
    pub fn handler_limit(mut self, limit: Duration) -> Self {
        self.inner.processor.handler_limit = limit;
        self
    }

    /// Sets how many deliveries may be in flight; 512 by default. More are rejected with 503. A delivery that may be longer
    /// than 1 MiB (inbound email) counts once for each MiB.
    #[must_use]
    pub fn max_in_flight(mut self, count: usize) -> Self {
        self.inner.max_in_flight = count.min(Semaphore::MAX_PERMITS);
        self.inner.permits = Arc::new(Semaphore::new(self.inner.max_in_flight));
        self
    }

    /// Sets how many events of one delivery are handled concurrently; 16 by default, at least 1.
    #[must_use]
    pub fn max_concurrent_events(mut self, count: usize) -> Self {
        self.inner.processor.max_concurrent_events = count.max(1);
        self
    }

    /// Sets how long a body may take to arrive; 10 s by default. For each MiB after the first that an endpoint allows, a second
    /// is added.
    #[must_use]
    pub fn read_limit(mut self, limit: Duration) -> Self {
        self.inner.read_limit = limit;
        self
    }

    /// Builds the receiver.
    #[must_use]
    pub fn build(self) -> Receiver {
        Receiver(Arc::new(self.inner))
    }
}

impl fmt::Debug for ReceiverBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReceiverBuilder")
            .field("endpoints", &self.inner.endpoints.keys())
            .finish_non_exhaustive()
    }
}
