//! The receiver: takes one delivery from its first byte to its response, on the `http` crate's types.

use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

use anyvendor_core::{
    resilience::{Clock, Observer, WebhookReport},
    webhook::{
        DEFAULT_MAX_BODY, DedupeStore, WebhookError, WebhookEvent, WebhookHead, WebhookVerifier,
    },
};
use anyvendor_http::{Mode, SystemClock};
use bytes::Bytes;
use http::{Request, Response, request::Parts};
use http_body::Body;
use http_body_util::Full;

use super::{
    body,
    dedupe::MemoryDedupe,
    endpoint::{Endpoint, EndpointParts},
    handler::WebhookHandler,
    judge::{Delivery, Judged},
    places::Places,
    processor::{DeliverySummary, EventProcessor},
    response,
};
use crate::connect::Vendors;

/// Time limit for reading a body; a slower sender would only hold places. Our default.
const READ_LIMIT: Duration = Duration::from_secs(10);
/// Time limit for the handler. Vendors time out earlier, send again and find the event held or settled. Our default.
const HANDLER_LIMIT: Duration = Duration::from_secs(30);
/// Places for deliveries in flight, of 1 MiB each. Our default.
const MAX_IN_FLIGHT: usize = 512;
/// Additional time for reading a body, for each MiB after the first. Our default.
const READ_LIMIT_MORE: Duration = Duration::from_secs(1);
/// How many events of one delivery are handled concurrently. Our default.
const MAX_CONCURRENT_EVENTS: usize = 16;
/// What a body of more than 1 MiB costs while its events are read, compared with its length: a copy of it, and texts that
/// grow up to threefold when they are decoded.
const READING_COST: usize = 4;

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
    mode: Mode,
    processor: EventProcessor,
    observer: Option<Arc<dyn Observer>>,
    read_limit: Duration,
}

/// Builds a [`Receiver`] with custom parts.
pub struct ReceiverBuilder {
    endpoints: BTreeMap<String, EndpointParts>,
    mode: Mode,
    handler: Arc<dyn WebhookHandler>,
    dedupe: Option<Arc<dyn DedupeStore>>,
    clock: Arc<dyn Clock>,
    observer: Option<Arc<dyn Observer>>,
    max_in_flight: usize,
    max_concurrent_events: usize,
    handler_limit: Duration,
    read_limit: Duration,
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
            let parts = EndpointParts {
                verifier: Arc::clone(verifier),
                any_mode: vendors.any_mode(name),
            };
            (name.clone(), parts)
        };
        ReceiverBuilder {
            endpoints: vendors.webhooks().iter().map(endpoint).collect(),
            mode: vendors.mode(),
            handler: Arc::new(handler),
            dedupe: None,
            clock: Arc::new(SystemClock),
            observer: vendors.observer(),
            max_in_flight: MAX_IN_FLIGHT,
            max_concurrent_events: MAX_CONCURRENT_EVENTS,
            handler_limit: HANDLER_LIMIT,
            read_limit: READ_LIMIT,
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
            return response::response(WebhookError::UnknownEndpoint.status());
        };
        let result = self.process(endpoint, parts, body).await;
        if let Err(error) = &result {
            endpoint.log(error, self.0.processor.clock.monotonic());
        }
        let (status, reason) = response::status(&result);
        if let Some(observer) = &self.0.observer {
            let mut report = WebhookReport::new(endpoint.verifier.vendor(), status, reason);
            let summary = result.unwrap_or_default();
            report.handled = summary.handled;
            report.duplicates = summary.duplicates;
            report.ignored = summary.ignored;
            report.failed = summary.failed;
            report.late = summary.late;
            observer.webhook(&report);
        }
        response::response(status)
    }

    async fn process<B>(
        &self,
        endpoint: &Endpoint,
        parts: Parts,
        body: B,
    ) -> Result<DeliverySummary, WebhookError>
    where
        B: Body + Send,
        B::Data: Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let Inner {
            processor,
            read_limit,
            ..
        } = &*self.0;
        let (verifier, clock) = (&endpoint.verifier, processor.clock.as_ref());
        let target = parts.uri.path_and_query();
        let target = target.map_or("/", |target| target.as_str()).to_owned();
        // Before anything is kept for the sender.
        verifier.precheck(&WebhookHead::new(&parts.method, &target, &parts.headers))?;
        let mut taken = endpoint.places.none();
        let limit = verifier.max_body();
        let more = u32::try_from(limit / DEFAULT_MAX_BODY).unwrap_or(u32::MAX);
        let time = READ_LIMIT_MORE.saturating_mul(more.saturating_sub(1));
        let time = read_limit.saturating_add(time);
        let body = Box::pin(body::read(body, limit, time, clock, &mut taken)).await?;
        if body.len() > DEFAULT_MAX_BODY {
            taken.charge(body.len().saturating_mul(READING_COST))?;
        }
        let delivery = Delivery {
            method: parts.method,
            target,
            headers: parts.headers,
            body,
        };
        let judged = delivery.judge(verifier, clock.wall()).await?;
        let Judged {
            events,
            late,
            signed,
        } = judged;
        let signed = signed.as_ref();
        processor.check_content(&endpoint.name, signed).await?;
        let (events, ignored) = self.wanted(endpoint, events);
        let lost = DeliverySummary {
            failed: count(events.len()),
            late,
            ignored,
            ..DeliverySummary::default()
        };
        // A separate task: a vendor that disconnects must not stop the handler halfway.
        let (receiver, name) = (self.clone(), Arc::clone(&endpoint.name));
        let processing = tokio::spawn(async move {
            let summary = receiver.0.processor.process(name, events, late).await;
            drop(taken);
            DeliverySummary { ignored, ..summary }
        });
        // The processor catches the handler's panics, so only a store that panicked gets here.
        Ok(processing.await.unwrap_or(lost))
    }

    /// The events that are handed on, and how many are not: those of the other mode, and those that the settings leave out.
    fn wanted(&self, endpoint: &Endpoint, events: Vec<WebhookEvent>) -> (Vec<WebhookEvent>, u32) {
        let all = events.len();
        let is_wanted = |event: &WebhookEvent| {
            let why = endpoint.ignores(event, self.0.mode);
            if let Some(why) = why {
                let id = event.id.as_ref();
                tracing::info!(
                    endpoint = &*endpoint.name,
                    event = %event.log_name(),
                    id = id.map_or(event.dedupe_key.as_str(), |id| id.id()),
                    why,
                    "webhook event ignored"
                );
            }
            why.is_none()
        };
        let events: Vec<_> = events.into_iter().filter(is_wanted).collect();
        let ignored = count(all - events.len());
        (events, ignored)
    }
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
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
        self.dedupe = Some(dedupe);
        self
    }

    /// Sets the clock of time limits, ages and the default store.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Sets the observer of deliveries; by default, the one that the vendors were connected with.
    #[must_use]
    pub fn observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// Adds an endpoint, or replaces the one of this name.
    #[must_use]
    pub fn endpoint(mut self, name: &str, verifier: Arc<dyn WebhookVerifier>) -> Self {
        let parts = EndpointParts {
            verifier,
            any_mode: false,
        };
        self.endpoints.insert(name.to_owned(), parts);
        self
    }

    /// Hands on the events of both modes at the endpoint of this name, as `any_mode = true` in its table does. Otherwise an
    /// event that the vendor marks as of the other mode gets a 200 and is counted as ignored: in live mode, a test event is
    /// no money. Has no effect if there is no such endpoint.
    #[must_use]
    pub fn any_mode(mut self, endpoint: &str) -> Self {
        if let Some(parts) = self.endpoints.get_mut(endpoint) {
            parts.any_mode = true;
        }
        self
    }

    /// Sets how long the handler may take for one event before it is stopped; 30 s by default. Vendors time out earlier and
    /// send again: Twilio after 15 s.
    #[must_use]
    pub fn handler_limit(mut self, limit: Duration) -> Self {
        self.handler_limit = limit;
        self
    }

    /// Sets how many deliveries may be in flight; 512 by default. More are rejected with 503. A delivery counts from the first
    /// byte of its body, and once more for each further MiB that arrives; while the events of one of more than 1 MiB are read
    /// (inbound email), it counts four times. Half of the places belong to single endpoints, in equal parts, at least one each;
    /// the other half is shared.
    #[must_use]
    pub fn max_in_flight(mut self, count: usize) -> Self {
        self.max_in_flight = count;
        self
    }

    /// Sets how many events of one delivery are handled concurrently; 16 by default, at least 1.
    #[must_use]
    pub fn max_concurrent_events(mut self, count: usize) -> Self {
        self.max_concurrent_events = count.max(1);
        self
    }

    /// Sets how long a body may take to arrive; 10 s by default. For each MiB after the first that an endpoint allows, a second
    /// is added. In addition, a sender has 2 s to begin, and must then keep 16 KiB/s on average.
    #[must_use]
    pub fn read_limit(mut self, limit: Duration) -> Self {
        self.read_limit = limit;
        self
    }

    /// Builds the receiver.
    #[must_use]
    pub fn build(self) -> Receiver {
        let mut places = Places::divide(self.max_in_flight, self.endpoints.len());
        let endpoints = self.endpoints.into_iter().map(|(name, parts)| {
            let endpoint = Endpoint::new(&name, parts, places());
            (name, endpoint)
        });
        let dedupe = self.dedupe.unwrap_or_else(|| {
            let clock = Arc::clone(&self.clock);
            Arc::new(MemoryDedupe::default().with_clock(clock))
        });
        Receiver(Arc::new(Inner {
            endpoints: endpoints.collect(),
            mode: self.mode,
            processor: EventProcessor {
                handler: self.handler,
                dedupe,
                clock: self.clock,
                handler_limit: self.handler_limit,
                max_concurrent_events: self.max_concurrent_events,
            },
            observer: self.observer,
            read_limit: self.read_limit,
        }))
    }
}

impl fmt::Debug for ReceiverBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReceiverBuilder")
            .field("endpoints", &self.endpoints.keys())
            .finish_non_exhaustive()
    }
}
