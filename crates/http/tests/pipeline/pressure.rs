//! The pipeline under load and on a bad day: tokens that cannot be had, impatient callers, slow vendors, one deadline for all.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use anyvendor_core::{
    Delivery, Error, Kind,
    error::{RateLimitScope, TimeoutPhase},
    resilience::{
        AuthRejection, Authorizer, BreakerState, ByStatus, CallOptions, Classifier, Clock, Failure,
        FullJitter, NoCredentials, NoJitter, Operation, OperationClass, Pipeline, Policy, Request,
        ResponseView, Token, TokenCell, TokenSource, UnsignedRequest,
    },
};
use anyvendor_http::SystemClock;
use anyvendor_testkit::{RecordingTransport, transport::response};
use async_trait::async_trait;
use futures_util::future::join_all;
use http::{HeaderMap, Method};
use tokio::time::{Instant, sleep};

use crate::script::{Plain, operation, request};

const SECOND: Duration = Duration::from_secs(1);

/// A vendor that needs so long for each response, which `respond` gives by the number of the request.
fn slow(
    time: Duration,
    respond: impl Fn(u32) -> (u16, &'static str) + Send + Sync + Clone + 'static,
) -> Arc<RecordingTransport> {
    let count = Arc::new(AtomicU32::new(0));
    RecordingTransport::with_failures(move |_| {
        let (respond, number) = (respond.clone(), count.fetch_add(1, Ordering::SeqCst));
        async move {
            sleep(time).await;
            let (status, body) = respond(number);
            Ok(response(status, &[], body))
        }
    })
}

fn pipeline(transport: &Arc<RecordingTransport>, authorizer: Arc<dyn Authorizer>) -> Pipeline {
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

/// A token endpoint that the test scripts: each fetch takes a time, and then fails or succeeds.
#[derive(Debug)]
struct Endpoint {
    fetches: Arc<AtomicU32>,
    time: Duration,
    /// The fetches that succeed, by their number.
    good: fn(u32) -> bool,
    failure: Kind,
}

#[async_trait]
impl TokenSource for Endpoint {
    type Value = u32;

    async fn fetch(&self) -> Result<Token<u32>, Error> {
        let number = self.fetches.fetch_add(1, Ordering::SeqCst);
        sleep(self.time).await;
        if (self.good)(number) {
            return Ok(Token {
                value: number,
                expires_in: None,
            });
        }
        Err(Error::new(
            self.failure.clone(),
            Delivery::Refused,
            "no token",
        ))
    }
}

#[derive(Debug)]
struct Bearer(TokenCell<Endpoint>);

#[async_trait]
impl Authorizer for Bearer {
    async fn authorize(&self, _: UnsignedRequest<'_>) -> Result<u64, Error> {
        Ok(self.0.get().await?.1)
    }

    async fn recover(&self, rejection: AuthRejection<'_>) -> Result<bool, Error> {
        self.0.replace(rejection.generation).await.map(|_| true)
    }
}

fn bearer(time: Duration, good: fn(u32) -> bool, failure: Kind) -> (Arc<Bearer>, Arc<AtomicU32>) {
    let fetches = Arc::new(AtomicU32::new(0));
    let endpoint = Endpoint {
        fetches: Arc::clone(&fetches),
        time,
        good,
        failure,
    };
    let clock = Arc::new(SystemClock);
    let cell = TokenCell::new(endpoint, clock, Arc::new(NoJitter), Duration::from_secs(60));
    (Arc::new(Bearer(cell)), fetches)
}

async fn call(
    pipeline: &Pipeline,
    class: OperationClass,
    options: &CallOptions,
) -> Result<(), Error> {
    let operation = operation(class);
    let call = pipeline.call(&operation, request(class), options);
    call.await.map(|_| ())
}

/// The vendor revokes the token, and its token endpoint hangs.
#[tokio::test(start_paused = true)]
async fn f10_a_hanging_token_endpoint_never_outlives_a_deadline() {
    let hour = Duration::from_secs(3_600);
    let transport = slow(Duration::from_millis(10), |_| (401, ""));
    // The first token is there at once, and the renewal hangs.
    #[derive(Debug)]
    struct FirstOnly(Bearer, AtomicU32);
    #[async_trait]
    impl Authorizer for FirstOnly {
        async fn authorize(&self, _: UnsignedRequest<'_>) -> Result<u64, Error> {
            self.1.fetch_add(1, Ordering::SeqCst);
            Ok(0)
        }
        async fn recover(&self, _: AuthRejection<'_>) -> Result<bool, Error> {
            self.0.0.get().await.map(|_| true)
        }
    }
    let (hanging, _) = bearer(hour, |_| true, Kind::Other);
    let hanging = Arc::try_unwrap(hanging).unwrap();
    let authorizer = Arc::new(FirstOnly(hanging, AtomicU32::new(0)));
    let pipeline = pipeline(&transport, authorizer);
    let options = CallOptions::default().with_timeout(2 * SECOND);
    let begun = Instant::now();
    let calls = (0..20).map(|_| async {
        let error = call(&pipeline, OperationClass::Keyed, &options)
            .await
            .unwrap_err();
        (error, begun.elapsed())
    });
    for (error, took) in join_all(calls).await {
        assert!(took <= 2 * SECOND, "{took:?}");
        // The order itself was refused: by its 401, not by what happened to the token.
        assert_eq!(error.delivery(), Delivery::Refused, "{error}");
        assert_eq!(
            error.kind(),
            &Kind::Timeout {
                phase: TimeoutPhase::Total
            }
        );
        assert_eq!(error.operation(), Some("thing.make"));
    }
    assert_eq!(transport.sent().len(), 20, "each order was sent once");
}

/// A token that hangs before anything is sent: nothing was sent, and the deadline holds.
#[tokio::test(start_paused = true)]
async fn f10_without_a_token_nothing_is_sent() {
    let transport = slow(Duration::ZERO, |_| (200, "{}"));
    let (hanging, fetches) = bearer(Duration::from_secs(3_600), |_| true, Kind::Other);
    let pipeline = pipeline(&transport, hanging);
    let options = CallOptions::default().with_timeout(2 * SECOND);
    let begun = Instant::now();
    let error = call(&pipeline, OperationClass::Keyed, &options)
        .await
        .unwrap_err();
    assert!(begun.elapsed() <= 2 * SECOND);
    assert_eq!(error.delivery(), Delivery::NotSent, "{error}");
    assert!(transport.sent().is_empty());
    assert_eq!(fetches.load(Ordering::SeqCst), 1);
    assert_eq!(pipeline.health().breaker, BreakerState::Closed);
}

/// Fifty callers at once, one fetch; then a pause that grows, during which callers fail at once.
#[tokio::test(start_paused = true)]
async fn f11_a_token_that_cannot_be_had_is_asked_for_once_and_then_after_a_pause() {
    for failure in [Kind::Unauthenticated, Kind::Unavailable] {
        let transport = slow(Duration::ZERO, |_| (200, "{}"));
        let (issuer, fetches) = bearer(SECOND / 10, |number| number >= 3, failure.clone());
        let pipeline = pipeline(&transport, issuer);
        let options = CallOptions::default().without_retries();
        let calls = join_all((0..50).map(|_| call(&pipeline, OperationClass::Keyed, &options)));
        for result in calls.await {
            let error = result.unwrap_err();
            assert_eq!(
                (error.kind(), error.delivery()),
                (&failure, Delivery::NotSent)
            );
        }
        let asked = || fetches.load(Ordering::SeqCst);
        assert_eq!(asked(), 1, "one fetch for all who waited");
        for _ in 0..100 {
            let error = call(&pipeline, OperationClass::Keyed, &options)
                .await
                .unwrap_err();
            assert_eq!(error.delivery(), Delivery::NotSent);
            assert!(
                error.retry_after().is_some_and(|wait| wait <= 2 * SECOND),
                "{error:?}"
            );
            match (&failure, error.kind()) {
                (Kind::Unauthenticated, Kind::Unauthenticated)
                | (Kind::Unavailable, Kind::CircuitOpen { .. }) => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(asked(), 1, "nobody asks during the pause");
        // The pauses are 1.1 s, 2.2 s and 4.4 s, with the jitter of a tenth.
        for (wait, expected) in [(1_200, 2), (1_200, 2), (1_200, 3), (2_500, 3), (2_500, 4)] {
            sleep(Duration::from_millis(wait)).await;
            let _ = call(&pipeline, OperationClass::Keyed, &options).await;
            assert_eq!(asked(), expected, "after {wait} ms");
        }
        call(&pipeline, OperationClass::Keyed, &options)
            .await
            .unwrap();
    }
}

/// A vendor that rejects every token that it issues is not asked for a new one by every call.
#[tokio::test(start_paused = true)]
async fn f11_rejected_tokens_are_not_replaced_by_every_call() {
    let transport = slow(Duration::ZERO, |_| (401, ""));
    let (issuer, fetches) = bearer(Duration::ZERO, |_| true, Kind::Other);
    let pipeline = pipeline(&transport, issuer);
    for _ in 0..50 {
        let options = CallOptions::default();
        let error = call(&pipeline, OperationClass::Keyed, &options)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), &Kind::Unauthenticated);
        assert_eq!(error.delivery(), Delivery::Refused);
    }
    assert_eq!(
        fetches.load(Ordering::SeqCst),
        2,
        "the first token and one replacement"
    );
    sleep(2 * SECOND).await;
    let _ = call(&pipeline, OperationClass::Keyed, &CallOptions::default()).await;
    assert_eq!(
        fetches.load(Ordering::SeqCst),
        3,
        "later it is worth another try"
    );
}

/// A charge that takes longer than one attempt: its key is asked for until it is done.
#[tokio::test(start_paused = true)]
async fn f12_a_charge_slower_than_an_attempt_is_told_when_it_is_done() {
    let begun = Instant::now();
    let done = move || begun.elapsed() >= 15 * SECOND;
    let transport = RecordingTransport::with_failures({
        let first = AtomicU32::new(0);
        move |_| {
            let is_first = first.fetch_add(1, Ordering::SeqCst) == 0;
            async move {
                if is_first {
                    // The first request takes 15 s, longer than an attempt may take.
                    sleep(15 * SECOND).await;
                }
                Ok(match done() {
                    true => response(200, &[], "{}"),
                    false => response(409, &[], "in use"),
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
    let begun = Instant::now();
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
async fn f13_the_policys_own_limit_opens_the_circuit() {
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
        let begun = Instant::now();
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
    let begun = Instant::now();
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
async fn f16_the_policys_total_covers_the_requests_together() {
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
    sleep(60 * SECOND).await;
    scope.call(&operation(safe), request(safe)).await.unwrap();
    let begun = Instant::now();
    scope
        .call(&operation(safe), request(safe))
        .await
        .unwrap_err();
    assert_eq!(begun.elapsed(), 3 * SECOND);
    assert!(SystemClock.monotonic() > begun.into_std());
}
