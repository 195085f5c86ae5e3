//! What is sent again, and what an error reports about it.

use std::{
    future::Future,
    task::{Context, Poll, Waker},
    time::Duration,
};

use anyvendor_core::{
    Delivery, Kind, RetryStop,
    resilience::{CallOptions, OperationClass, Policy, Request, RequestBody},
    transport::ByteStream,
};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use url::Url;

use crate::script::{ALL, Step, VENDORS, bench, bench_with, operation};

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
                let error = result.expect_err("a lost write must not be a success");
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
        "the next call has another key"
    );
}

#[tokio::test(start_paused = true)]
async fn t04_retry_after_is_kept_and_too_long_ends_the_call() {
    let bench = bench(&[Step::RespondWith(429, vec![("retry-after", "7")])]);
    bench.call(OperationClass::Unkeyed).await.unwrap();
    assert!(bench.clock.passed() >= Duration::from_secs(7));
    let bench = crate::script::bench(&[Step::RespondWith(429, vec![("retry-after", "86400")])]);
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
async fn t25_a_401_is_replayed_once_and_costs_no_attempt() {
    let bench = bench(&[
        Step::Response(401, ""),
        Step::Response(503, ""),
        Step::Response(503, ""),
        Step::Response(200, "{}"),
    ]);
    bench.call(OperationClass::Safe).await.unwrap();
    assert_eq!(bench.seen().len(), 4);
    let bench = crate::script::bench(&[Step::Response(401, ""), Step::Response(401, "")]);
    let error = bench.call(OperationClass::Unkeyed).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.delivery()),
        (&Kind::Unauthenticated, Delivery::Refused)
    );
    assert_eq!(bench.seen().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_unknown_attempt_stays_unknown_until_the_same_key_gets_a_response() {
    let bench = bench(&[Step::LostAfterSending, Step::NotSent, Step::NotSent]);
    let error = bench.call(OperationClass::Keyed).await.unwrap_err();
    assert_eq!(
        error.delivery(),
        Delivery::Unknown,
        "a later attempt that was not sent does not decide the outcome"
    );
    let bench = crate::script::bench(&[Step::LostAfterSending, Step::Response(402, VENDORS)]);
    let error = bench.call(OperationClass::Keyed).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.delivery()),
        (&Kind::Declined, Delivery::Refused)
    );
    let bench = crate::script::bench(&[Step::LostAfterSending, Step::Response(403, "")]);
    let error = bench.call(OperationClass::Idempotent).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::Unknown);
}

#[tokio::test(start_paused = true)]
async fn the_vendor_may_forbid_retries_and_the_caller_may_switch_them_off() {
    let bench = bench(&[Step::RespondWith(
        503,
        vec![("x-no-retry", "1"), ("request-id", "req_1")],
    )]);
    let error = bench.call(OperationClass::Safe).await.unwrap_err();
    assert_eq!(error.stop(), Some(RetryStop::VendorSaidNo));
    assert_eq!(error.request_id(), Some("req_1"));
    let bench = crate::script::bench(&[Step::NotSent]);
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
