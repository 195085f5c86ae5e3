//! The pipeline under load and on a bad day: impatient callers, slow vendors, one deadline for all.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use anyvendor_core::{
    Delivery, Error, Kind,
    error::RateLimitScope,
    resilience::{
        Authorizer, BreakerState, ByStatus, CallOptions, Classifier, Clock, Failure, FullJitter,
        Instant, NoCredentials, NoJitter, Operation, OperationClass, Pipeline, Policy, Request,
        ResponseView, Sleep,
    },
};
use anyvendor_http::SystemClock;
use anyvendor_testkit::{RecordingTransport, transport::response};
use futures_util::future::join_all;
use http::{HeaderMap, Method};

use crate::script::{Plain, operation, request};

pub(crate) const SECOND: Duration = Duration::from_secs(1);

/// Measures on tokio's clock, which the tests pause.
#[derive(Clone, Copy)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self(SystemClock.monotonic())
    }

    pub(crate) fn elapsed(self) -> Duration {
        SystemClock.monotonic() - self.0
    }
}

/// Waits on tokio's clock, which the tests pause.
pub(crate) fn later(time: Duration) -> Sleep {
    SystemClock.sleep(time)
}

/// A vendor that needs so long for each response, which `respond` gives by the number of the request.
pub(crate) fn slow(
    time: Duration,
    respond: impl Fn(u32) -> (u16, &'static str) + Send + Sync + Clone + 'static,
) -> Arc<RecordingTransport> {
    let count = Arc::new(AtomicU32::new(0));
    RecordingTransport::with_failures(move |_| {
        let (respond, number) = (respond.clone(), count.fetch_add(1, Ordering::SeqCst));
        async move {
            later(time).await;
            let (status, body) = respond(number);
            Ok(response(status, &[], body))
        }
    })
}

pub(crate) fn pipeline(
    transport: &Arc<RecordingTransport>,
    authorizer: Arc<dyn Authorizer>,
) -> Pipeline {
    let (transport, clock) = (Arc::clone(transport), Arc::new(SystemClock));
    Pipeline::builder("acme", transport, authorizer, Arc::new(InFlight), clock)
        .jitter(Arc::new(NoJitter))
        .build()
        .unwrap()
}

/// Knows the response that says that the key is still in use.
#[derive(Debug)]
struct InFlight;

impl Classifier for InFlight {
    fn classify(&self, response: ResponseView<'_>) -> Option<Failure> {
        if response.status.as_u16() == 409 {
            let kind = Kind::IdempotencyInFlight;
            return Some(Failure::new(kind, "in use"));
        }
        ByStatus.classify(response)
    }

    fn request_id(&self, _: &HeaderMap) -> Option<String> {
        None
    }
}

pub(crate) async fn call(
    pipeline: &Pipeline,
    class: OperationClass,
    options: &CallOptions,
) -> Result<(), Error> {
    let operation = operation(class);
    let call = pipeline.call(&operation, request(class), options);
    call.await.map(|_| ())
}

/// A charge that takes longer than one attempt: its key is asked for until it is done.
#[tokio::test(start_paused = true)]
async fn f12_a_charge_slower_than_an_attempt_is_told_when_it_is_done() {
    let begun = Stopwatch::start();
    let done = move || begun.elapsed() >= 15 * SECOND;
    let transport = RecordingTransport::with_failures({
        let first = AtomicU32::new(0);
        move |_| {
            let is_first = first.fetch_add(1, Ordering::SeqCst) == 0;
            async move {
                if is_first {
                    // The first request takes 15 s, longer than an attempt may take.
                    later(15 * SECOND).await;
                }
                Ok(if done() {
                    response(200, &[], "{}")
                } else {
                    response(409, &[], "in use")
                })
            }
        }
    });
    let pipeline = pipeline(&transport, Arc::new(NoCredentials));
    call(&pipeline, OperationClass::Keyed, &CallOptions::default())
        .await
        .unwrap();
    let took = begun.elapsed();
    assert!((15 * SECOND..20 * SECOND).contains(&took), "{took:?}");
    let asked = transport.sent().len();
    assert!(
        (3..=8).contains(&asked),
        "the pauses grow: {asked} requests"
    );
    let keys: Vec<_> = transport
        .sent()
        .iter()
        .map(|sent| sent.header("idempotency-key").map(str::to_owned))
        .collect();
    assert!(
        keys.iter().all(|key| key.is_some() && *key == keys[0]),
        "always the same key"
    );
}

/// It ends at the deadline, unknown; and without retries the first response counts.
#[tokio::test(start_paused = true)]
async fn f12_asking_for_a_key_ends_with_the_deadline() {
    let transport = slow(SECOND / 10, |_| (409, "in use"));
    let pipeline = pipeline(&transport, Arc::new(NoCredentials));
    let begun = Stopwatch::start();
    let error = call(&pipeline, OperationClass::Keyed, &CallOptions::default())
        .await
        .unwrap_err();
    let took = begun.elapsed();
    assert!((25 * SECOND..=30 * SECOND).contains(&took), "{took:?}");
    assert_eq!(error.kind(), &Kind::IdempotencyInFlight);
    assert_eq!(error.delivery(), Delivery::Unknown);
    let once = CallOptions::default().without_retries();
    let before = transport.sent().len();
    call(&pipeline, OperationClass::Keyed, &once)
        .await
        .unwrap_err();
    assert_eq!(transport.sent().len() - before, 1);
}

/// Callers with less patience than the vendor takes do not open the circuit for the others.
#[tokio::test(start_paused = true)]
async fn f13_impatient_callers_do_not_open_the_circuit() {
    let transport = slow(Duration::from_millis(300), |_| (200, "{}"));
    let pipeline = pipeline(&transport, Arc::new(NoCredentials));
    let hasty = CallOptions::default()
        .with_timeout(Duration::from_millis(200))
        .without_retries();
    for _ in 0..100 {
        call(&pipeline, OperationClass::Keyed, &hasty)
            .await
            .unwrap_err();
    }
    assert_eq!(pipeline.health().breaker, BreakerState::Closed);
    call(&pipeline, OperationClass::Keyed, &CallOptions::default())
        .await
        .unwrap();
}

/// The policy's own limit does count.
#[tokio::test(start_paused = true)]
async fn f13_our_own_limit_opens_the_circuit() {
    let transport = slow(Duration::from_secs(3_600), |_| (200, "{}"));
    let pipeline = pipeline(&transport, Arc::new(NoCredentials));
    let patient = CallOptions::default().without_retries();
    let calls = (0..40).map(|_| call(&pipeline, OperationClass::Keyed, &patient));
    assert!(join_all(calls).await.iter().all(Result::is_err));
    assert_eq!(pipeline.health().breaker, BreakerState::Open);
}

/// A limit of one resource does not pause the connection, and a limit of the account does.
#[tokio::test(start_paused = true)]
async fn f15_a_limit_of_one_resource_pauses_nobody_else() {
    #[derive(Debug)]
    struct Limited(RateLimitScope);
    impl Classifier for Limited {
        fn classify(&self, response: ResponseView<'_>) -> Option<Failure> {
            let failure = ByStatus.classify(response)?;
            let kind = Kind::RateLimited {
                scope: self.0,
                retry_after: None,
            };
            Some(Failure { kind, ..failure })
        }
        fn request_id(&self, _: &HeaderMap) -> Option<String> {
            None
        }
    }
    for (scope, pauses) in [
        (RateLimitScope::Resource, false),
        (RateLimitScope::Vendor, true),
    ] {
        let transport = RecordingTransport::with_failures(|sent| {
            let status = if sent.url.path() == "/things" {
                429
            } else {
                200
            };
            async move { Ok(response(status, &[("retry-after", "5")], "{}")) }
        });
        let clock = Arc::new(SystemClock);
        let (network, limited) = (Arc::clone(&transport), Arc::new(Limited(scope)));
        let pipeline = Pipeline::builder("acme", network, Arc::new(NoCredentials), limited, clock)
            .jitter(Arc::new(FullJitter))
            .build()
            .unwrap();
        let once = CallOptions::default().without_retries();
        call(&pipeline, OperationClass::Keyed, &once)
            .await
            .unwrap_err();
        assert_eq!(pipeline.health().paused_for.is_some(), pauses, "{scope:?}");
        const OTHER: Operation =
            Operation::new("other", &Method::GET, "/other", OperationClass::Safe);
        let url = "https://acme.example/other".parse().unwrap();
        let begun = Stopwatch::start();
        let request = Request::new(url);
        pipeline
            .call(&OTHER, request, &CallOptions::default())
            .await
            .unwrap();
        let waited = begun.elapsed() >= 5 * SECOND;
        assert_eq!(waited, pauses, "{scope:?}");
    }
}

/// The caller's timeout is for the whole call, however many requests it takes.
#[tokio::test(start_paused = true)]
async fn f16_one_deadline_for_all_requests_of_a_call() {
    let transport = slow(Duration::from_millis(900), |_| (200, "{}"));
    let pipeline = pipeline(&transport, Arc::new(NoCredentials));
    let options = CallOptions::default().with_timeout(SECOND);
    let scope = pipeline.writing(&options);
    let begun = Stopwatch::start();
    let safe = OperationClass::Safe;
    scope.call(&operation(safe), request(safe)).await.unwrap();
    let keyed = OperationClass::Keyed;
    let error = scope
        .call(&operation(keyed), request(keyed))
        .await
        .unwrap_err();
    assert!(begun.elapsed() <= SECOND, "{:?}", begun.elapsed());
    assert_eq!(error.delivery(), Delivery::Unknown, "it was sent: {error}");
    let error = scope
        .call(&operation(keyed), request(keyed))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), &Kind::DeadlineExceeded);
    assert_eq!(
        error.delivery(),
        Delivery::Unknown,
        "the earlier one may have acted"
    );
    assert_eq!(transport.sent().len(), 2);
}

/// The policy's total timeout is for the whole call too, but not for what the application does in between.
#[tokio::test(start_paused = true)]
async fn f16_our_total_covers_the_requests_together() {
    let transport = slow(6 * SECOND, |_| (200, "{}"));
    let clock = Arc::new(SystemClock);
    let policy = Policy::default().with_timeouts(10 * SECOND, 15 * SECOND);
    let network = Arc::clone(&transport);
    let pipeline = Pipeline::builder(
        "acme",
        network,
        Arc::new(NoCredentials),
        Arc::new(Plain),
        clock,
    )
    .policy(policy)
    .build()
    .unwrap();
    let options = CallOptions::default();
    let scope = pipeline.reading(&options);
    let safe = OperationClass::Safe;
    scope.call(&operation(safe), request(safe)).await.unwrap();
    later(60 * SECOND).await;
    scope.call(&operation(safe), request(safe)).await.unwrap();
    let begun = Stopwatch::start();
    scope
        .call(&operation(safe), request(safe))
        .await
        .unwrap_err();
    assert_eq!(begun.elapsed(), 3 * SECOND);
}
