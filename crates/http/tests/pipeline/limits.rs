//! The limits of a call: attempts, time, sizes and the circuit.

use std::time::Duration;

use anyvendor_core::{
    Delivery, Kind,
    error::{ProtocolReason, TimeoutPhase},
    resilience::{
        BreakerConfig, BreakerState, CallOptions, Clock, Operation, OperationClass, Policy, Request,
    },
};
use anyvendor_http::SystemClock;
use futures_util::StreamExt;
use http::{Method, StatusCode};
use url::Url;

use crate::script::{Step, bench, bench_with, operation, request};

#[tokio::test(start_paused = true)]
async fn t13_attempts_do_not_multiply() {
    let dead: Vec<_> = (0..2_000).map(|_| Step::LostAfterSending).collect();
    let policy = Policy::default().with_breaker(BreakerConfig::disabled());
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
    let mut policy = Policy::default();
    policy.max_response_bytes = 4;
    let bench = bench_with(&[Step::Response(200, "12345")], policy);
    let error = bench.call(OperationClass::Keyed).await.unwrap_err();
    assert_eq!(error.kind(), &Kind::Protocol(ProtocolReason::TooLarge));
    assert_eq!(
        error.delivery(),
        Delivery::Accepted,
        "accepted, only its response is malformed"
    );
    assert_eq!(bench.seen().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn t22_the_length_in_an_answer_to_head_is_no_body() {
    let large = Step::RespondWith(200, vec![("content-length", "50000000")]);
    let bench = bench(std::slice::from_ref(&large));
    let error = bench.call(OperationClass::Safe).await.unwrap_err();
    assert_eq!(error.kind(), &Kind::Protocol(ProtocolReason::TooLarge));
    let bench = crate::script::bench(&[large]);
    let head = Operation::new("thing.head", &Method::HEAD, "/things", OperationClass::Safe);
    let request = Request::new(Url::parse("https://acme.example/things").unwrap());
    let options = CallOptions::default();
    let response = bench.pipeline.call(&head, request, &options).await.unwrap();
    assert_eq!(response.head.header("content-length"), Some("50000000"));
    assert!(response.body.is_empty());
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
        "a clock that is set back an hour has no effect"
    );
}

#[tokio::test(start_paused = true)]
async fn an_open_circuit_rejects_calls_unsent_until_a_probe_succeeds() {
    let dead: Vec<_> = (0..60).map(|_| Step::LostAfterSending).collect();
    let bench = bench(&dead);
    while bench.pipeline.health().breaker == BreakerState::Closed {
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
    assert_eq!(bench.pipeline.health().breaker, BreakerState::Closed);
}

#[tokio::test(start_paused = true)]
async fn an_injected_clock_neither_stretches_nor_cuts_an_attempt() {
    let policy = Policy::default();
    let tokio_now = || SystemClock.monotonic();
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
async fn a_limit_that_overflows_is_not_a_limit_of_zero() {
    let mut policy = Policy::default();
    policy.bulk_attempt_timeout = Duration::MAX;
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
