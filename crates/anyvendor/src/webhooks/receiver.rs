//! One delivery from its first byte to its response, on the `http` crate's types.

use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

use anyvendor_core::{
    resilience::{Clock, Observer, WebhookReport},
    webhook::{DEFAULT_MAX_BODY, WebhookError, WebhookEvent, WebhookRequest, WebhookVerifier},
};
use anyvendor_http::SystemClock;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header, request::Parts};
use http_body::Body;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use tokio::{sync::Semaphore, time::timeout};

use super::{
    dedupe::{DedupeStore, MemoryDedupe},
    handler::WebhookHandler,
    settle::{DeliverySummary, EventProcessor},
};
use crate::connect::Vendors;

/// Vendors post over a network to a waiting server; a body that takes longer is somebody holding a place. Own choice.
const READ_LIMIT: Duration = Duration::from_secs(10);
/// Vendors give up waiting earlier, send again and find the event held or settled. Own choice.
const HANDLER_LIMIT: Duration = Duration::from_secs(30);
/// Places for deliveries under way at once, each of 1 MiB; a longer one takes several. Own choice.
const MAX_IN_FLIGHT: usize = 512;
/// What a body may take longer for each place beyond its first. Own choice.
const READ_LIMIT_MORE: Duration = Duration::from_secs(1);
/// Events of one delivery handled at once. Own choice.
const AT_ONCE: usize = 16;

/// Receives webhooks: verifies them, knows duplicates, hands events over. Cheap to clone.
#[derive(Clone)]
pub struct Receiver(Arc<Inner>);

struct Inner {
    endpoints: BTreeMap<String, Endpoint>,
    processor: EventProcessor,
    observer: Option<Arc<dyn Observer>>,
    permits: Arc<Semaphore>,
    /// How many there are, taken and free.
    max_in_flight: usize,
    read_limit: Duration,
}

struct Endpoint {
    name: Arc<str>,
    verifier: Arc<dyn WebhookVerifier>,
}

/// Puts a receiver together with parts of the application's own.
pub struct ReceiverBuilder {
    inner: Inner,
}

impl Receiver {
    /// A receiver of the endpoints that the configuration names, which remembers events in memory.
    #[must_use]
    pub fn new(vendors: &Vendors, handler: impl WebhookHandler) -> Self {
        Self::builder(vendors, handler).build()
    }

    /// Begins a receiver with parts of the application's own.
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
                    at_once: AT_ONCE,
                },
                observer: vendors.observer(),
                permits: Arc::new(Semaphore::new(MAX_IN_FLIGHT)),
                max_in_flight: MAX_IN_FLIGHT,
                read_limit: READ_LIMIT,
            },
        }
    }

    /// Answers one delivery to an endpoint, given by its name. The response has no body: what a forger learns is a number.
    ///
    /// The request's URI must be the one that the client sent, whatever router it went through. The handler goes on if this
    /// is dropped halfway, as servers do when the client hangs up.
    pub async fn receive<B>(&self, endpoint: &str, request: Request<B>) -> Response<Full<Bytes>>
    where
        B: Body + Send,
        B::Data: Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let (parts, body) = request.into_parts();
        let Some(endpoint) = self.0.endpoints.get(endpoint) else {
            return response(StatusCode::NOT_FOUND);
        };
        let vendor = endpoint.verifier.vendor();
        let (status, why, summary, late) = match self.take(endpoint, &parts, body).await {
            Ok((summary, late)) => match summary.failed {
                0 => (StatusCode::OK, None, summary, late),
                _ => (
                    StatusCode::SERVICE_UNAVAILABLE,
                    Some("handler"),
                    summary,
                    late,
                ),
            },
            Err(refused) => (
                refused.status,
                Some(refused.why),
                DeliverySummary::default(),
                false,
            ),
        };
        if let Some(observer) = &self.0.observer {
            let mut report = WebhookReport::new(vendor, status, why);
            report.handled = summary.handled;
            report.duplicates = summary.duplicates;
            report.failed = summary.failed;
            report.late = late;
            observer.webhook(&report);
        }
        response(status)
    }

    async fn take<B>(
        &self,
        endpoint: &Endpoint,
        parts: &Parts,
        body: B,
    ) -> Result<(DeliverySummary, bool), Refused>
    where
        B: Body + Send,
        B::Data: Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let verifier = &endpoint.verifier;
        if !verifier.accepts_method(&parts.method) {
            return Err(Refused::new(StatusCode::METHOD_NOT_ALLOWED, "method"));
        }
        let limit = verifier.max_body();
        let needed = self.needed(limit);
        let Ok(place) = Arc::clone(&self.0.permits).try_acquire_many_owned(needed) else {
            return Err(Refused::new(StatusCode::SERVICE_UNAVAILABLE, "busy"));
        };
        let patience = self.0.read_limit + READ_LIMIT_MORE * needed.saturating_sub(1);
        let body = self.read(limit, patience, body).await?;
        let target = parts
            .uri
            .path_and_query()
            .map_or("/", |target| target.as_str());
        let request = WebhookRequest::new(&parts.method, target, &parts.headers, &body);
        let (events, late) = match self.verified(verifier.as_ref(), request).await {
            Ok(verified) => verified,
            Err(error) => {
                tracing::warn!(endpoint = &*endpoint.name, %error, "webhook not taken");
                return Err(Refused::new(error.status(), error.as_str()));
            }
        };
        // A task of its own: a vendor that hangs up must not stop the handler halfway.
        let (receiver, name) = (self.clone(), Arc::clone(&endpoint.name));
        let count = u32::try_from(events.len()).unwrap_or(u32::MAX);
        let settled = tokio::spawn(async move {
            let summary = receiver.0.processor.settle_all(name, events).await;
            drop(place);
            summary
        });
        // Handlers' panics are caught where they happen, so this is a store that panicked.
        let summary = settled.await.unwrap_or(DeliverySummary {
            failed: count,
            ..DeliverySummary::default()
        });
        Ok((summary, late))
    }

    /// How many permits a body of this length takes: what lies in memory at once is bound, whatever its kind. All there are,
    /// if that is fewer.
    fn needed(&self, limit: usize) -> u32 {
        let permits = limit
            .div_ceil(DEFAULT_MAX_BODY)
            .clamp(1, self.0.max_in_flight.max(1));
        u32::try_from(permits).unwrap_or(u32::MAX)
    }

    /// Reads the body to its end, its limit, or the end of our patience.
    async fn read<B>(&self, limit: usize, patience: Duration, body: B) -> Result<Bytes, Refused>
    where
        B: Body + Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let too_large = Refused::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large");
        if usize::try_from(body.size_hint().lower()).is_ok_and(|length| length > limit) {
            return Err(too_large);
        }
        let body = Box::pin(Limited::new(body, limit).collect());
        match timeout(patience, body).await {
            Ok(Ok(body)) => Ok(body.to_bytes()),
            Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large),
            Ok(Err(_)) => Err(Refused::new(StatusCode::BAD_REQUEST, "body_cut")),
            Err(_) => Err(Refused::new(StatusCode::REQUEST_TIMEOUT, "body_slow")),
        }
    }

    /// The events of a delivery that is the vendor's, and whether it is late.
    async fn verified(
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

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("endpoints", &self.0.endpoints.keys())
            .finish_non_exhaustive()
    }
}

/// Why a delivery was not taken: the response, and the word for metrics.
struct Refused {
    status: StatusCode,
    why: &'static str,
}

impl Refused {
    const fn new(status: StatusCode, why: &'static str) -> Self {
        Self { status, why }
    }
}

fn response(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    if status == StatusCode::SERVICE_UNAVAILABLE {
        let wait = HeaderValue::from_static("5");
        response.headers_mut().insert(header::RETRY_AFTER, wait);
    }
    response
}

impl ReceiverBuilder {
    /// Sets what remembers events; a [`MemoryDedupe`] unless set. Several processes need one that they share.
    #[must_use]
    pub fn dedupe(mut self, dedupe: Arc<dyn DedupeStore>) -> Self {
        self.inner.processor.dedupe = dedupe;
        self
    }

    /// Sets where time comes from.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.inner.processor.clock = clock;
        self
    }

    /// Sets who is told of deliveries; the connection's observer unless set.
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

    /// How long the handler may take for one event before it is stopped; 30 s unless set. Vendors give up earlier and send
    /// again: Twilio after 15 s.
    #[must_use]
    pub fn handler_limit(mut self, limit: Duration) -> Self {
        self.inner.processor.handler_limit = limit;
        self
    }

    /// How many deliveries may be under way at once; 512 unless set. More are answered with 503. One that may be longer than
    /// 1 MiB, which is mail that comes in, counts once for each.
    #[must_use]
    pub fn deliveries_at_once(mut self, count: usize) -> Self {
        self.inner.max_in_flight = count.min(Semaphore::MAX_PERMITS);
        self.inner.permits = Arc::new(Semaphore::new(self.inner.max_in_flight));
        self
    }

    /// How many events of one delivery are handled at once; 16 unless set, at least 1.
    #[must_use]
    pub fn events_at_once(mut self, count: usize) -> Self {
        self.inner.processor.at_once = count.max(1);
        self
    }

    /// How long a body may take to arrive; 10 s unless set, and a second more for each MiB beyond the first that it may have.
    #[must_use]
    pub fn read_limit(mut self, limit: Duration) -> Self {
        self.inner.read_limit = limit;
        self
    }

    /// The receiver.
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
