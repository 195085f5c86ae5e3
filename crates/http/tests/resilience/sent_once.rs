//! How often a request is sent, for each class and failure, as counted by the server.

use anyvendor_core::{
    Delivery, RetryStop,
    resilience::{CallOptions, OperationClass, Policy, RequestBody, VendorProfile},
};
use anyvendor_testkit::{Server, Step, server::head};
use bytes::Bytes;
use futures_util::stream;
use http::HeaderMap;
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use super::bench::{ALL, Bench, Stepped, operation, request};

/// Makes a call, and lets its time run out as soon as the server goes silent.
async fn call_through_silence(
    bench: &Bench,
    class: OperationClass,
    options: &CallOptions,
) -> Result<HeaderMap, anyvendor_core::Error> {
    let call = bench.call_with(class, options);
    tokio::pin!(call);
    loop {
        tokio::select! {
            result = &mut call => return result.map(|response| response.head.headers),
            () = bench.server.fell_silent() => {
                tokio::time::advance(Policy::default().attempt_timeout + Duration::from_millis(1)).await;
            }
        }
    }
}

/// Failures after which the vendor's action is unknown.
fn lost() -> Vec<Step> {
    let cut = [head(99), b"{".to_vec()].concat();
    vec![
        Step::Close,
        Step::CloseAfterHead,
        Step::Silence,
        Step::RespondAndClose(head(2)),
        Step::RespondAndClose(cut),
        Step::RespondThenSilence(head(2)),
        Step::RespondAndClose(b"HTTP/1.1 200 OK\r\ncontent-le".to_vec()),
        Step::Respond(b"220 mail.acme.example ESMTP\r\n".to_vec()),
        Step::response(200, "InternalError"),
        Step::response(408, ""),
        Step::response(500, ""),
        Step::response(502, ""),
        Step::response(503, ""),
        Step::response(503, "").with_header("retry-after", "3"),
        Step::response(504, ""),
    ]
}

#[tokio::test(start_paused = true)]
async fn t01_unkeyed_write_is_sent_once() {
    let _stepped = Stepped::new();
    for step in lost() {
        for class in ALL {
            let bench = Bench::new(std::slice::from_ref(&step)).await;
            let result = call_through_silence(&bench, class, &CallOptions::default()).await;
            if class == OperationClass::Unkeyed {
                let error = result.expect_err("a lost write must not be a success");
                assert_eq!(error.delivery(), Delivery::Unknown, "{step:?}");
                assert_eq!(error.stop(), Some(RetryStop::NotIdempotent), "{step:?}");
                assert_eq!(error.attempts(), 1, "{step:?}");
                let server = bench.settle().await;
                assert_eq!(server.heads(), 1, "{step:?}");
            } else {
                result.unwrap_or_else(|error| panic!("{step:?} {class:?}: {error}"));
                let server = bench.settle().await;
                assert_eq!(server.heads(), 2, "{step:?} {class:?}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn t01_only_the_caller_may_allow_duplicates() {
    let _stepped = Stepped::new();
    let options = CallOptions::default().tolerating_duplicates();
    for step in lost() {
        let bench = Bench::new(std::slice::from_ref(&step)).await;
        let result = call_through_silence(&bench, OperationClass::Unkeyed, &options).await;
        result.unwrap_or_else(|error| panic!("{step:?}: {error}"));
        assert_eq!(bench.settle().await.heads(), 2, "{step:?}");
    }
}

#[tokio::test]
async fn t01_an_answer_that_settles_is_not_repeated_and_a_refusal_before_work_is() {
    // How many requests the four classes may send, in the order of ALL.
    let rows = [
        (Step::response(429, ""), [2, 2, 2, 2]),
        (
            Step::response(429, "").with_header("retry-after", "2"),
            [2, 2, 2, 2],
        ),
        (Step::response(401, ""), [2, 2, 2, 2]),
        (Step::response(409, "key_in_use"), [1, 1, 2, 1]),
        (Step::response(400, ""), [1; 4]),
        (Step::response(402, ""), [1; 4]),
        (Step::response(403, ""), [1; 4]),
        (Step::response(404, ""), [1; 4]),
        (Step::response(409, ""), [1; 4]),
        (Step::response(412, ""), [1; 4]),
        (Step::response(422, ""), [1; 4]),
        (
            Step::response(307, "").with_header("location", "/elsewhere"),
            [1; 4],
        ),
        (
            Step::response(200, "not gzip").with_header("content-encoding", "gzip"),
            [1; 4],
        ),
        (Step::Respond(head(9 << 20)), [1; 4]),
    ];
    for (step, counts) in rows {
        for (class, expected) in ALL.into_iter().zip(counts) {
            let bench = Bench::new(std::slice::from_ref(&step)).await;
            let result = bench.call(class).await;
            assert_eq!(result.is_ok(), expected == 2, "{step:?} {class:?}");
            if let Err(error) = result {
                // None of these bodies is the vendor's, so that no write is known to be refused.
                let delivery = match error.status().map(|status| status.is_success()) {
                    Some(true) => Delivery::Accepted,
                    _ if class == OperationClass::Safe => Delivery::Refused,
                    _ => Delivery::Unknown,
                };
                assert_eq!(error.delivery(), delivery, "{step:?} {class:?}");
            }
            assert_eq!(bench.settle().await.count(), expected, "{step:?} {class:?}");
        }
    }
}

#[tokio::test]
async fn t01_the_vendors_documents_move_two_rows() {
    let profile = VendorProfile::default()
        .keyed_500_requires_directive()
        .unavailable_with_retry_after_before_work();
    let retry_after = Step::response(503, "").with_header("retry-after", "3");
    for (step, class, expected) in [
        (Step::response(500, ""), OperationClass::Keyed, 1),
        (Step::response(502, ""), OperationClass::Keyed, 2),
        (Step::response(500, ""), OperationClass::Idempotent, 2),
        (retry_after, OperationClass::Unkeyed, 2),
        (Step::response(503, ""), OperationClass::Unkeyed, 1),
    ] {
        let bench = Bench::with(&[step], |builder| builder.profile(profile)).await;
        assert_eq!(bench.call(class).await.is_ok(), expected == 2);
        assert_eq!(bench.settle().await.count(), expected);
    }
}

#[tokio::test]
async fn t03_one_key_for_all_attempts() {
    let bench = Bench::new(&[
        Step::Close,
        Step::response(502, ""),
        Step::response(503, ""),
    ])
    .await;
    let error = bench.call(OperationClass::Keyed).await.unwrap_err();
    let seen = bench.server.seen();
    assert_eq!(seen.len(), 3);
    let key = seen[0].header("idempotency-key").expect("a key");
    for request in &seen {
        assert_eq!(request.header("idempotency-key"), Some(key));
        assert_eq!(request.body, b"a=1", "the same bytes");
    }
    let kept = error
        .idempotency_key()
        .expect("kept for a later settlement");
    assert_eq!(kept.as_str(), key);
    bench.call(OperationClass::Keyed).await.unwrap();
    let next = &bench.server.seen()[3];
    assert_ne!(
        next.header("idempotency-key"),
        Some(key),
        "the second call has its own key"
    );
}

#[tokio::test]
async fn t08_one_shot_body_stops_after_first_attempt() {
    for (steps, delivery) in [
        (vec![Step::Close], Delivery::Unknown),
        (vec![Step::response(503, "")], Delivery::Unknown),
        (vec![Step::response(429, "")], Delivery::Refused),
    ] {
        let bench = Bench::new(&steps).await;
        let body = stream::iter([Ok(Bytes::from_static(b"on")), Ok(Bytes::from_static(b"ce"))]);
        let request = request(bench.server.address(), OperationClass::Idempotent)
            .with_raw_body(RequestBody::one_shot(Box::pin(body), 4));
        let error = bench
            .pipeline
            .call(
                &operation(OperationClass::Idempotent),
                request,
                &CallOptions::default(),
            )
            .await
            .unwrap_err();
        assert_eq!(error.stop(), Some(RetryStop::BodyNotReplayable));
        assert_eq!((error.delivery(), error.attempts()), (delivery, 1));
        let seen = bench.settle().await.seen();
        assert_eq!(seen.len(), 1);
        assert_eq!(seen[0].body, b"once");
        assert_eq!(seen[0].header("content-length"), Some("4"));
    }
}

#[tokio::test]
async fn t08_a_stream_that_can_be_made_anew_is_sent_whole_each_time() {
    let bench = Bench::new(&[Step::Close, Step::response(503, "")]).await;
    let made = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&made);
    let body = RequestBody::Replayable(
        Arc::new(move || {
            counted.fetch_add(1, Ordering::SeqCst);
            Box::pin(stream::iter([Ok(Bytes::from_static(b"again"))]))
        }),
        5,
    );
    let request = request(bench.server.address(), OperationClass::Idempotent).with_raw_body(body);
    bench
        .pipeline
        .call(
            &operation(OperationClass::Idempotent),
            request,
            &CallOptions::default(),
        )
        .await
        .unwrap();
    let seen = bench.server.seen();
    assert_eq!((seen.len(), made.load(Ordering::SeqCst)), (3, 3));
    assert!(seen.iter().all(|request| request.body == b"again"));
}

#[tokio::test]
async fn t29_error_inside_200_is_an_error() {
    let bench = Bench::new(&[Step::response(
        200,
        "<Error><Code>InternalError</Code></Error>",
    )])
    .await;
    let response = bench.call(OperationClass::Keyed).await.unwrap();
    assert_eq!(
        response.body.as_ref(),
        b"{}",
        "the second response, not the error"
    );
    let seen = bench.server.seen();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0], seen[1], "the same key");
    let bench = Bench::new(&[Step::response(200, "InternalError")]).await;
    let error = bench.call(OperationClass::Unkeyed).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::Unknown);
    assert_eq!(error.status(), Some(http::StatusCode::OK));
    assert_eq!(bench.settle().await.count(), 1);
}

/// The server has no script, so the count cannot result from the end of a script.
#[tokio::test]
async fn t01_a_vendor_that_always_fails_sees_one_unkeyed_write() {
    let bench = Bench::at(Server::answering(|_| Step::Close).await, |builder| builder);
    bench.call(OperationClass::Unkeyed).await.unwrap_err();
    bench.call(OperationClass::Safe).await.unwrap_err();
    assert_eq!(bench.settle().await.count(), 1 + 3);
}

/// Only its body shows that a response is the vendor's own answer to the key.
#[tokio::test]
async fn t03_a_response_whose_body_was_cut_settles_nothing() {
    let cut = |status: &str| {
        let head = format!("HTTP/1.1 {status} Cut\r\ncontent-length: 99\r\n\r\n{{");
        Step::RespondAndClose(head.into_bytes())
    };
    for status in ["409", "402"] {
        let bench = Bench::new(&[Step::Close, cut(status)]).await;
        let error = bench.call(OperationClass::Keyed).await.unwrap_err();
        assert_eq!(
            (error.delivery(), error.attempts()),
            (Delivery::Unknown, 2),
            "{status}"
        );
    }
}
