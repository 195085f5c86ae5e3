//! The pipeline over a scripted transport: what is sent, how often, and what is said afterwards.

use std::{
    collections::VecDeque,
    future::Future,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{HeaderMap, HeaderName, Method, StatusCode};
use url::Url;

use super::*;
use crate::{
    error::{ProtocolReason, TimeoutPhase, TransportPhase},
    resilience::{
        Authorizer, Classifier, Failure, Hint, ManualClock, NoJitter, OperationClass, Pipeline,
        Policy, RequestBody, Response, ResponseView, UnsignedRequest,
    },
    transport::{ByteStream, Incoming, Outgoing, Transport, TransportCause, TransportError},
    values::IdempotencyKey,
};

/// What the vendor does with the next request.
#[derive(Debug, Clone)]
enum Step {
    Response(u16, &'static str),
    AnswerWith(u16, Vec<(&'static str, &'static str)>),
    NotSent,
    LostAfterSending,
    Silence,
    HeadThenSilence,
    HeadThenCut,
}

#[derive(Debug, Default)]
struct Script {
    steps: Mutex<VecDeque<Step>>,
    /// Method, idempotency key and body of every request that arrived whole.
    seen: Mutex<Vec<(Option<String>, Bytes)>>,
}

#[async_trait]
impl Transport for Script {
    async fn send(&self, request: Outgoing) -> Result<Incoming, TransportError> {
        let step = self
            .steps
            .lock()
            .unwrap()
            .pop_front()
            .unwrap_or(Step::Response(200, "{}"));
        let network = |phase| TransportError {
            cause: TransportCause::Network(phase),
            message: "scripted".to_owned(),
        };
        if matches!(step, Step::NotSent) {
            return Err(network(TransportPhase::Send));
        }
        request.body.polled.set();
        let body = match request.body.content {
            crate::transport::OutgoingContent::Bytes(bytes) => bytes,
            _ => Bytes::new(),
        };
        let key = request
            .headers
            .get("idempotency-key")
            .map(|key| key.to_str().unwrap().to_owned());
        self.seen.lock().unwrap().push((key, body));
        tokio::task::yield_now().await;
        let whole = |text: &'static str| -> ByteStream {
            stream::iter([Ok(Bytes::from_static(text.as_bytes()))]).boxed()
        };
        let response = |status: u16, body| {
            Ok(Incoming::new(
                StatusCode::from_u16(status).unwrap(),
                HeaderMap::new(),
                body,
            ))
        };
        match step {
            Step::Response(status, text) => response(status, whole(text)),
            Step::AnswerWith(status, headers) => {
                let headers = headers
                    .iter()
                    .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
                    .collect();
                Ok(Incoming::new(
                    StatusCode::from_u16(status).unwrap(),
                    headers,
                    whole("{}"),
                ))
            }
            Step::LostAfterSending | Step::NotSent => Err(network(TransportPhase::Receive)),
            Step::Silence => std::future::pending().await,
            Step::HeadThenSilence => response(200, stream::pending().boxed()),
            Step::HeadThenCut => response(
                200,
                stream::iter([
                    Ok(Bytes::from_static(b"{")),
                    Err(Error::new(Kind::Other, "cut")),
                ])
                .boxed(),
            ),
        }
    }
}

#[derive(Debug)]
struct Plain;

#[async_trait]
impl Authorizer for Plain {
    async fn authorize(&self, _: UnsignedRequest<'_>) -> Result<u64, Error> {
        Ok(0)
    }

    async fn recover(&self, _: AuthRejection<'_>) -> Result<bool, Error> {
        Ok(true)
    }
}

impl Classifier for Plain {
    fn classify(&self, response: ResponseView<'_>) -> Option<Failure> {
        if response.headers.contains_key("x-no-retry") {
            return Failure::from_status(response.status)
                .map(|failure| failure.with_hint(Hint::NEVER));
        }
        Failure::from_status(response.status)
    }

    fn request_id(&self, headers: &HeaderMap) -> Option<String> {
        Some(headers.get("request-id")?.to_str().ok()?.to_owned())
    }
}

struct Bench {
    script: Arc<Script>,
    pipeline: Pipeline,
    clock: Arc<ManualClock>,
}

fn bench(steps: &[Step]) -> Bench {
    bench_with(steps, Policy::default())
}

fn bench_with(steps: &[Step], policy: Policy) -> Bench {
    let script = Arc::new(Script::default());
    script.steps.lock().unwrap().extend(steps.iter().cloned());
    let clock = Arc::new(ManualClock::at(
        jiff::Timestamp::from_second(1_760_000_000).unwrap(),
    ));
    let pipeline = Pipeline::builder("acme", script.clone(), Arc::new(Plain), Arc::new(Plain))
        .policy(policy)
        .clock(clock.clone())
        .jitter(Arc::new(NoJitter))
        .build()
        .unwrap();
    Bench {
        script,
        pipeline,
        clock,
    }
}

impl Bench {
    async fn call(&self, class: OperationClass) -> Result<Response, Error> {
        self.call_with(class, &CallOptions::default()).await
    }

    async fn call_with(
        &self,
        class: OperationClass,
        options: &CallOptions,
    ) -> Result<Response, Error> {
        self.pipeline
            .call(&operation(class), request(class), options)
            .await
    }

    fn seen(&self) -> Vec<(Option<String>, Bytes)> {
        self.script.seen.lock().unwrap().clone()
    }
}

fn operation(class: OperationClass) -> Operation {
    Operation::new("thing.make", &Method::POST, "/things", class)
}

fn request(class: OperationClass) -> Request {
    let request = Request::new(Url::parse("https://acme.example/things").unwrap()).with_form("a=1");
    match class {
        OperationClass::Keyed => request
            .with_idempotency_key(
                HeaderName::from_static("idempotency-key"),
                IdempotencyKey::random(),
            )
            .unwrap(),
        _ => request,
    }
}

const ALL: [OperationClass; 4] = [
    OperationClass::Safe,
    OperationClass::Idempotent,
    OperationClass::Keyed,
    OperationClass::Unkeyed,
];

#[tokio::test(start_paused = true)]
async fn t01_unkeyed_write_is_sent_once() {
    let lost = [
        Step::LostAfterSending,
        Step::Silence,
        Step::HeadThenCut,
        Step::HeadThenSilence,
        Step::Response(500, ""),
        Step::Response(502, ""),
        Step::Response(503, ""),
        Step::Response(504, ""),
    ];
    for step in lost {
        for class in ALL {
            let bench = bench(std::slice::from_ref(&step));
            let result = bench.call(class).await;
            if class == OperationClass::Unkeyed {
                let error = result.expect_err("a lost write is no success");
                assert_eq!(bench.seen().len(), 1, "{step:?}");
                assert_eq!(error.delivery(), Delivery::Unknown, "{step:?}");
                assert_eq!(error.stop(), Some(RetryStop::NotIdempotent), "{step:?}");
            } else {
                result.unwrap();
                assert_eq!(bench.seen().len(), 2, "{step:?} {class:?}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn t02_not_sent_is_retried_for_every_class_and_said_at_the_end() {
    for class in ALL {
        let bench = bench(&[Step::NotSent, Step::NotSent, Step::NotSent]);
        let error = bench.call(class).await.unwrap_err();
        assert_eq!((error.delivery(), error.attempts()), (Delivery::NotSent, 3));
        assert_eq!(error.stop(), Some(RetryStop::AttemptsExhausted));
        assert!(bench.seen().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn t03_one_key_for_all_attempts() {
    let bench = bench(&[
        Step::LostAfterSending,
        Step::Response(502, ""),
        Step::Response(503, ""),
    ]);
    let error = bench.call(OperationClass::Keyed).await.unwrap_err();
    let seen = bench.seen();
    assert_eq!(seen.len(), 3);
    assert!(
        seen.iter().all(|request| request == &seen[0]),
        "same key and same bytes"
    );
    assert_eq!(
        error.idempotency_key().map(|key| key.as_str().to_owned()),
        seen[0].0
    );
    bench.call(OperationClass::Keyed).await.unwrap();
    assert_ne!(
        bench.seen()[3].0,
        seen[0].0,
        "the next call has a key of its own"
    );
}

#[tokio::test(start_paused = true)]
async fn t04_retry_after_is_kept_and_too_long_ends_the_call() {
    let bench = bench(&[Step::AnswerWith(429, vec![("retry-after", "7")])]);
    bench.call(OperationClass::Unkeyed).await.unwrap();
    assert!(bench.clock.passed() >= Duration::from_secs(7));
    let bench = super::tests::bench(&[Step::AnswerWith(429, vec![("retry-after", "86400")])]);
    let error = bench.call(OperationClass::Safe).await.unwrap_err();
    assert_eq!(error.stop(), Some(RetryStop::RetryAfterTooLong));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(86_400)));
}

#[tokio::test(start_paused = true)]
async fn t08_one_shot_body_stops_after_first_attempt() {
    let bench = bench(&[Step::LostAfterSending]);
    let body: ByteStream = stream::iter([Ok(Bytes::from_static(b"once"))]).boxed();
    let request = Request::new(Url::parse("https://acme.example/").unwrap())
        .with_raw_body(RequestBody::one_shot(body, 4));
    let operation = operation(OperationClass::Idempotent);
    let error = bench
        .pipeline
        .call(&operation, request, &CallOptions::default())
        .await
        .unwrap_err();
    assert_eq!(error.stop(), Some(RetryStop::BodyNotReplayable));
    assert_eq!(bench.seen().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn t09_drop_at_every_await_leaks_nothing() {
    for polls in 0..30 {
        let policy = Policy::default().with_max_concurrency(std::num::NonZeroU32::MIN);
        let bench = bench_with(
            &[
                Step::LostAfterSending,
                Step::Response(503, ""),
                Step::Silence,
            ],
            policy,
        );
        {
            let mut call = Box::pin(bench.call(OperationClass::Safe));
            let mut context = Context::from_waker(Waker::noop());
            for _ in 0..polls {
                if matches!(call.as_mut().poll(&mut context), Poll::Ready(_)) {
                    break;
                }
            }
        }
        bench.script.steps.lock().unwrap().clear();
        bench
            .call(OperationClass::Safe)
            .await
            .expect("the only place is free again");
        assert_eq!(bench.pipeline.health().in_flight, 0);
    }
}

#[tokio::test(start_paused = true)]
async fn t13_attempts_do_not_multiply() {
    let dead: Vec<_> = (0..2_000).map(|_| Step::LostAfterSending).collect();
    let policy = Policy::default().with_breaker(super::super::BreakerConfig::disabled());
    let bench = bench_with(&dead, policy);
    for _ in 0..500 {
        bench.call(OperationClass::Safe).await.unwrap_err();
    }
    let retries = bench.seen().len() - 500;
    let refilled = usize::try_from(bench.clock.passed().as_secs()).unwrap();
    assert!(retries <= (500 + refilled) / 14 + 1, "{retries} retries");
}

#[tokio::test(start_paused = true)]
async fn t15_attempt_timeout_covers_the_body() {
    let bench = bench(&[
        Step::HeadThenSilence,
        Step::HeadThenSilence,
        Step::HeadThenSilence,
    ]);
    let error = bench.call(OperationClass::Safe).await.unwrap_err();
    assert_eq!(
        error.kind(),
        &Kind::Timeout {
            phase: TimeoutPhase::Body
        }
    );
    assert_eq!(error.status(), Some(StatusCode::OK), "the status is kept");
}

#[tokio::test(start_paused = true)]
async fn t16_slow_reader_is_not_a_stall() {
    let bench = bench(&[Step::Response(200, "slowly")]);
    let request = request(OperationClass::Safe);
    let operation = operation(OperationClass::Safe);
    let options = CallOptions::default();
    let mut response = bench
        .pipeline
        .call_streaming(&operation, request, &options)
        .await
        .unwrap();
    tokio::time::advance(Duration::from_secs(3_600)).await;
    assert_eq!(
        response.body.next().await.unwrap().unwrap().as_ref(),
        b"slowly"
    );
}

#[tokio::test(start_paused = true)]
async fn a_silent_stream_is_a_stall() {
    let bench = bench(&[Step::HeadThenSilence]);
    let request = request(OperationClass::Safe);
    let operation = operation(OperationClass::Safe);
    let options = CallOptions::default();
    let mut response = bench
        .pipeline
        .call_streaming(&operation, request, &options)
        .await
        .unwrap();
    let error = response.body.next().await.unwrap().unwrap_err();
    assert_eq!(
        error.kind(),
        &Kind::Timeout {
            phase: TimeoutPhase::Body
        }
    );
    assert!(response.body.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn t22_oversized_bodies_are_cut() {
    let policy = Policy {
        max_response_bytes: 4,
        ..Policy::default()
    };
    let bench = bench_with(&[Step::Response(200, "12345")], policy);
    let error = bench.call(OperationClass::Keyed).await.unwrap_err();
    assert_eq!(error.kind(), &Kind::Protocol(ProtocolReason::TooLarge));
    assert_eq!(
        error.delivery(),
        Delivery::Answered,
        "accepted, only its response is malformed"
    );
    assert_eq!(bench.seen().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn t22_the_length_in_an_answer_to_head_is_no_body() {
    let large = Step::AnswerWith(200, vec![("content-length", "50000000")]);
    let bench = bench(std::slice::from_ref(&large));
    let error = bench.call(OperationClass::Safe).await.unwrap_err();
    assert_eq!(error.kind(), &Kind::Protocol(ProtocolReason::TooLarge));
    let bench = super::tests::bench(&[large]);
    let head = Operation::new("thing.head", &Method::HEAD, "/things", OperationClass::Safe);
    let request = Request::new(Url::parse("https://acme.example/things").unwrap());
    let options = CallOptions::default();
    let response = bench.pipeline.call(&head, request, &options).await.unwrap();
    assert_eq!(response.head.header("content-length"), Some("50000000"));
    assert!(response.body.is_empty());
}

#[tokio::test(start_paused = true)]
async fn t25_a_401_is_replayed_once_and_costs_no_attempt() {
    let bench = bench(&[
        Step::Response(401, ""),
        Step::Response(503, ""),
        Step::Response(503, ""),
        Step::Response(200, "{}"),
    ]);
    bench.call(OperationClass::Safe).await.unwrap();
    assert_eq!(bench.seen().len(), 4);
    let bench = super::tests::bench(&[Step::Response(401, ""), Step::Response(401, "")]);
    let error = bench.call(OperationClass::Unkeyed).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.delivery()),
        (&Kind::Unauthenticated, Delivery::Answered)
    );
    assert_eq!(bench.seen().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn t26_clock_steps_change_nothing() {
    let bench = bench(&[Step::Response(503, ""), Step::Response(503, "")]);
    bench
        .clock
        .set_wall(jiff::Timestamp::from_second(1_759_996_400).unwrap());
    bench.call(OperationClass::Safe).await.unwrap();
    assert!(
        bench.clock.passed() < Duration::from_secs(1),
        "an hour back in time costs nothing"
    );
}

#[tokio::test(start_paused = true)]
async fn an_unknown_attempt_stays_unknown_until_the_same_key_is_answered() {
    let bench = bench(&[Step::LostAfterSending, Step::NotSent, Step::NotSent]);
    let error = bench.call(OperationClass::Keyed).await.unwrap_err();
    assert_eq!(
        error.delivery(),
        Delivery::Unknown,
        "a later attempt that was not sent settles nothing"
    );
    let bench = super::tests::bench(&[Step::LostAfterSending, Step::Response(402, "")]);
    let error = bench.call(OperationClass::Keyed).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.delivery()),
        (&Kind::Declined, Delivery::Answered)
    );
    let bench = super::tests::bench(&[Step::LostAfterSending, Step::Response(403, "")]);
    let error = bench.call(OperationClass::Idempotent).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::Unknown);
}

#[tokio::test(start_paused = true)]
async fn the_vendor_may_say_no_and_the_caller_may_switch_retries_off() {
    let bench = bench(&[Step::AnswerWith(
        503,
        vec![("x-no-retry", "1"), ("request-id", "req_1")],
    )]);
    let error = bench.call(OperationClass::Safe).await.unwrap_err();
    assert_eq!(error.stop(), Some(RetryStop::VendorSaidNo));
    assert_eq!(error.request_id(), Some("req_1"));
    let bench = super::tests::bench(&[Step::NotSent]);
    let options = CallOptions::default().without_retries();
    let error = bench
        .call_with(OperationClass::Safe, &options)
        .await
        .unwrap_err();
    assert_eq!(
        (error.stop(), error.attempts()),
        (Some(RetryStop::Disabled), 1)
    );
}

#[tokio::test(start_paused = true)]
async fn an_open_circuit_refuses_unsent_until_a_probe_succeeds() {
    let dead: Vec<_> = (0..60).map(|_| Step::LostAfterSending).collect();
    let bench = bench(&dead);
    while bench.pipeline.health().breaker == super::super::BreakerState::Closed {
        bench.call(OperationClass::Safe).await.unwrap_err();
    }
    let before = bench.seen().len();
    let error = bench.call(OperationClass::Unkeyed).await.unwrap_err();
    assert!(matches!(error.kind(), Kind::CircuitOpen { .. }));
    assert_eq!((error.delivery(), error.attempts()), (Delivery::NotSent, 0));
    assert_eq!(bench.seen().len(), before);
    bench.script.steps.lock().unwrap().clear();
    bench.clock.advance(Duration::from_secs(6));
    for _ in 0..3 {
        bench.call(OperationClass::Safe).await.unwrap();
    }
    assert_eq!(
        bench.pipeline.health().breaker,
        super::super::BreakerState::Closed
    );
}

#[tokio::test(start_paused = true)]
async fn an_injected_clock_neither_stretches_nor_cuts_an_attempt() {
    let policy = Policy::default();
    let tokio_now = || super::super::SystemClock.monotonic();
    let bench = bench(&[Step::Response(200, "{}"), Step::Silence]);
    tokio::time::advance(Duration::from_secs(3_600)).await;
    bench.call(OperationClass::Unkeyed).await.unwrap();
    bench.clock.advance(Duration::from_secs(86_400));
    let started = tokio_now();
    bench.call(OperationClass::Unkeyed).await.unwrap_err();
    let silent_for = tokio_now() - started;
    assert!(
        silent_for >= policy.attempt_timeout && silent_for < policy.total_timeout,
        "{silent_for:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_limit_beyond_all_time_is_no_limit_of_zero() {
    let policy = Policy {
        bulk_attempt_timeout: Duration::MAX,
        ..Policy::default()
    };
    let bench = bench_with(&[], policy);
    let operation = operation(OperationClass::Unkeyed).unbounded();
    let request = request(OperationClass::Unkeyed);
    let options = CallOptions::default();
    bench
        .pipeline
        .call(&operation, request, &options)
        .await
        .unwrap();
}
