//! One call of the application over all the requests that it takes: one deadline, and one answer to what was written.

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};

use tracing::{Instrument, Span, field::Empty, info_span};

use super::{
    Operation, OperationClass, Request, Response, StreamingResponse,
    attempt::Accepted,
    call::Call,
    clock::Instant,
    deadline::Deadline,
    observe::CallReport,
    options::CallOptions,
    request::{ResponseHead, Standing},
    shared::Shared,
};
use crate::error::{Delivery, Error};

/// The requests that serve one call of the application, such as the look-up and the capture of a payment. Made by
/// [`Pipeline::reading`](super::Pipeline::reading) and
/// [`Pipeline::writing`](super::Pipeline::writing), at the top of a provider's method.
///
/// - The caller's timeout runs from the start of the call. The policy's total timeout covers the time that all requests take
///   together, without transfers of bulk data and without what the application does in between.
/// - What an error says about delivery is about the call's writing request: a look-up before it that fails is `NotSent`,
///   and after a write has been accepted nothing is `NotSent` any more.
///
/// # Examples
/// ```
/// use anyvendor_core::{Error, resilience::{CallOptions, Operation, OperationClass, Pipeline, Request}};
/// use http::Method;
///
/// const LOOK_UP: Operation = Operation::new("payment.capture", &Method::GET, "/pay", OperationClass::Safe);
/// const CAPTURE: Operation = Operation::new("payment.capture", &Method::POST, "/pay", OperationClass::Unkeyed);
///
/// async fn capture(pipeline: &Pipeline, options: &CallOptions) -> Result<(), Error> {
///     let url: url::Url = "https://api.acme.example/pay".parse().expect("a constant");
///     let scope = pipeline.writing(options);
///     scope.call(&LOOK_UP, Request::new(url.clone())).await?;
///     scope.call(&CAPTURE, Request::new(url).with_form("all=1")).await?;
///     Ok(())
/// }
/// ```
#[derive(Clone)]
pub struct CallScope {
    shared: Arc<Shared>,
    options: CallOptions,
    started: Instant,
    writes: bool,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    /// The most that became of the writing requests so far: [`UNSENT`], [`REFUSED`], [`DONE`] or [`LOST`].
    written: AtomicU8,
    /// The time spent in requests that the policy's total timeout covers.
    spent: Mutex<Duration>,
}

/// No writing request was sent.
const UNSENT: u8 = 0;
/// The vendor refused every writing request that was sent.
const REFUSED: u8 = 1;
/// A writing request was accepted.
const DONE: u8 = 2;
/// The outcome of a writing request is unknown, whatever happens to later ones.
const LOST: u8 = 3;

impl CallScope {
    pub(super) fn new(shared: &Arc<Shared>, options: &CallOptions, writes: bool) -> Self {
        Self {
            started: shared.clock.monotonic(),
            shared: Arc::clone(shared),
            options: options.clone(),
            writes,
            state: Arc::default(),
        }
    }

    /// A part of the call whose effect is independent of the other parts, such as one request of a bulk: it has the same
    /// deadline, and its errors speak about this part alone.
    #[must_use]
    pub fn part(&self) -> Self {
        let state = State {
            spent: Mutex::new(self.spent()),
            ..State::default()
        };
        Self {
            state: Arc::new(state),
            ..self.clone()
        }
    }

    /// Sends a request, as often as is safe, and reads the complete response.
    ///
    /// # Errors
    /// [`Error::delivery`] says what is known about the effect of the whole call so far, and [`Error::stop`] why the
    /// request was not retried.
    pub async fn call(&self, operation: &Operation, request: Request) -> Result<Response, Error> {
        self.run(operation, request, false).await.map(whole)
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
    ) -> Result<StreamingResponse, Error> {
        self.run(operation, request, true).await.map(streamed)
    }

    /// The options of the call, as the application gave them.
    #[must_use]
    pub fn options(&self) -> &CallOptions {
        &self.options
    }

    /// The options with the time that is left, for a call that is handed on to another pipeline.
    #[must_use]
    pub fn remaining_options(&self) -> CallOptions {
        let options = self.options.clone();
        match options.timeout {
            Some(timeout) => {
                let now = self.shared.clock.monotonic();
                let elapsed = now.saturating_duration_since(self.started);
                options.with_timeout(timeout.saturating_sub(elapsed))
            }
            None => options,
        }
    }

    /// What is known about the effect of the call so far, for an error that an adapter creates itself: `NotSent` until a
    /// writing request is sent, `Refused` while the vendor refuses them, `Unknown` once one was accepted or lost.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        match self.state.written.load(Ordering::Acquire) {
            UNSENT => Delivery::NotSent,
            REFUSED => Delivery::Refused,
            _ => Delivery::Unknown,
        }
    }

    async fn run(
        &self,
        operation: &Operation,
        request: Request,
        streaming: bool,
    ) -> Result<(ResponseHead, Accepted), Error> {
        let began = self.shared.clock.monotonic();
        let left = self
            .shared
            .policy
            .total_timeout
            .saturating_sub(self.spent());
        let deadline = Deadline {
            caller: Deadline::after(self.started, self.options.timeout),
            policy: Deadline::after(began, operation.attempt_limit.then_some(left)),
        };
        let options = &self.options;
        let run = run(
            &self.shared,
            operation,
            request,
            options,
            (began, deadline),
            streaming,
        );
        let (result, took) = run.await;
        if operation.attempt_limit {
            let mut spent = self.lock_spent();
            *spent = spent.saturating_add(took);
        }
        // Neither a look-up nor a preparation is the work that the application asked for.
        let has_effect = operation.class != OperationClass::Safe && !operation.prepares;
        let is_aside = self.writes && !has_effect;
        match result {
            Ok((mut head, accepted)) => {
                if is_aside {
                    head.standing = Standing::Aside(self.delivery());
                } else if has_effect {
                    self.note(DONE);
                }
                Ok((head, accepted))
            }
            Err(error) => {
                let delivery = match error.delivery() {
                    _ if is_aside => self.delivery(),
                    Delivery::NotSent => self.delivery(),
                    Delivery::Refused => match self.note(REFUSED) {
                        LOST => Delivery::Unknown,
                        _ => Delivery::Refused,
                    },
                    Delivery::Accepted => {
                        self.note(DONE);
                        Delivery::Accepted
                    }
                    Delivery::Unknown => {
                        self.note(LOST);
                        Delivery::Unknown
                    }
                };
                Err(error.with_delivery(delivery))
            }
        }
    }

    /// Notes what became of a writing request, and returns the most that was known before.
    fn note(&self, what: u8) -> u8 {
        self.state.written.fetch_max(what, Ordering::AcqRel)
    }

    fn spent(&self) -> Duration {
        *self.lock_spent()
    }

    fn lock_spent(&self) -> MutexGuard<'_, Duration> {
        self.state
            .spent
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for CallScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallScope")
            .field("options", &self.options)
            .field("writes", &self.writes)
            .finish_non_exhaustive()
    }
}

/// Runs the only request of a call: with no other request beside it there is nothing to keep in a scope.
pub(super) async fn run_alone(
    shared: &Shared,
    operation: &Operation,
    request: Request,
    options: &CallOptions,
    streaming: bool,
) -> Result<(ResponseHead, Accepted), Error> {
    let began = shared.clock.monotonic();
    let total = operation
        .attempt_limit
        .then_some(shared.policy.total_timeout);
    let deadline = Deadline {
        caller: Deadline::after(began, options.timeout),
        policy: Deadline::after(began, total),
    };
    let run = run(
        shared,
        operation,
        request,
        options,
        (began, deadline),
        streaming,
    );
    run.await.0
}

/// A response that was read completely.
pub(super) fn whole((head, accepted): (ResponseHead, Accepted)) -> Response {
    let body = match accepted {
        Accepted::Whole(body) => body,
        Accepted::Streaming(_) => bytes::Bytes::new(),
    };
    Response { head, body }
}

/// A response whose body is a stream.
pub(super) fn streamed((head, accepted): (ResponseHead, Accepted)) -> StreamingResponse {
    let body: crate::transport::ByteStream = match accepted {
        Accepted::Streaming(body) => body,
        Accepted::Whole(body) => Box::pin(futures_util::stream::iter([Ok(body)])),
    };
    StreamingResponse { head, body }
}

/// Runs one request over all its attempts, in a span of its own, from when it began. Also returns how long it took.
async fn run(
    shared: &Shared,
    operation: &Operation,
    request: Request,
    options: &CallOptions,
    (began, deadline): (Instant, Deadline),
    streaming: bool,
) -> (Result<(ResponseHead, Accepted), Error>, Duration) {
    if operation.class == OperationClass::Keyed && request.key.is_none() {
        // Without its key it would be repeated as if it had one.
        let error = Error::invalid("idempotency_key", "is missing; give one")
            .with_vendor(shared.vendor)
            .with_operation(operation.name);
        return (Err(error), Duration::ZERO);
    }
    let span = info_span!(
        "anyvendor.call",
        vendor = shared.vendor,
        operation = operation.name,
        attempts = Empty,
        "error.type" = Empty,
    );
    async move {
        let mut call = Call::new(shared, operation, request, options, deadline);
        let result = call.run(streaming).await;
        let elapsed = shared.clock.monotonic().saturating_duration_since(began);
        let result = result.map_err(|error| error.with_effort(call.attempts, elapsed));
        report(
            shared,
            operation,
            call.attempts,
            elapsed,
            result.as_ref().err(),
        );
        (result, elapsed)
    }
    .instrument(span)
    .await
}

/// Reports a call that ended to the span, the log, the health and the observer.
fn report(
    shared: &Shared,
    operation: &Operation,
    attempts: u32,
    elapsed: Duration,
    error: Option<&Error>,
) {
    let span = Span::current();
    span.record("attempts", attempts);
    if let Some(error) = error {
        let kind = error.kind().as_str();
        span.record("error.type", kind);
        *shared
            .last_error
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(kind);
        log(shared.vendor, operation, error);
    }
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
}

/// A call that failed is worth a line; one whose outcome is unknown is worth a look.
fn log(vendor: &'static str, operation: &Operation, error: &Error) {
    let writes = operation.class != OperationClass::Safe;
    let operation = operation.name;
    let kind = error.kind().as_str();
    let status = error.status().map(|status| status.as_u16());
    let (code, request_id) = (error.vendor_code(), error.request_id());
    let attempts = error.attempts();
    let stop = error.stop().map(|stop| stop.as_str());
    if error.delivery() == Delivery::Unknown && writes {
        tracing::warn!(
            vendor,
            operation,
            error = kind,
            status,
            code,
            request_id,
            attempts,
            stop,
            "call failed, and its outcome is unknown"
        );
    } else {
        tracing::info!(
            vendor,
            operation,
            error = kind,
            status,
            code,
            request_id,
            attempts,
            stop,
            delivery = error.delivery().as_str(),
            "call failed"
        );
    }
}
