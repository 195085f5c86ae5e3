//! Streams in parts over the sandbox: what is sent again, what is aborted, how much is held.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod harness;
mod support;

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use anyvendor_adapter_s3::S3;
use anyvendor_core::{
    Error, Kind,
    storage::{
        PutObject, PutOutcome, PutStream, StorageProvider, StorageProviderExt, WriteCondition,
    },
    transport::ByteStream,
};
use anyvendor_sandbox::{Fault, FaultKind, Sandbox};
use anyvendor_testkit::transport::response;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use harness::{PART, build_over, config};
use support::{is_part, key, over_network, start, until};
use tokio::sync::Semaphore;

/// Bytes that differ from part to part.
fn body(length: usize) -> Bytes {
    let byte = |n: usize| (n.wrapping_mul(2_654_435_761) >> 13) as u8;
    (0..length).map(byte).collect::<Vec<_>>().into()
}

fn pieces(body: &Bytes) -> ByteStream {
    let piece = 1024 * 1024 - 1;
    let starts = (0..body.len()).step_by(piece);
    let pieces: Vec<_> = starts
        .map(|start| Ok(body.slice(start..body.len().min(start + piece))))
        .collect();
    stream::iter(pieces).boxed()
}

/// Two parts and a bit.
fn put(body: &Bytes) -> PutStream {
    PutStream::new(key("big"), pieces(body))
}

fn late(code: &str) -> FaultKind {
    let body = format!(
        " \n<?xml version=\"1.0\"?>\n<Error><Code>{code}</Code><Message>m</Message></Error>"
    );
    FaultKind::Status {
        status: 200,
        headers: Vec::new(),
        body: Some(body),
    }
}

/// For completions: the first POST begins the upload.
fn at_completion(kind: FaultKind) -> Fault {
    Fault::new(kind).method("POST").skip(1)
}

fn posts(sandbox: &Sandbox) -> usize {
    let requests = sandbox.requests();
    requests.iter().filter(|r| r.method == "POST").count()
}

async fn stored_whole(s3: &S3, body: &Bytes) {
    let back = s3.get_bytes(&key("big"), 1 << 30).await.unwrap();
    assert!(back == *body, "other bytes came back");
}

#[tokio::test]
async fn the_etag_of_two_parts_is_the_documented_one() {
    let (_sandbox, s3) = start().await;
    let body = [vec![b'a'; PART], vec![b'b'; 10]].concat().into();
    let stored = s3.put_stream(put(&body)).await.unwrap().into_stored();
    let etag = stored.unwrap().etag.unwrap();
    assert_eq!(etag.as_str(), "\"8b0be7847da5564ae08e97af63b60885-2\"");
}

#[tokio::test]
async fn t29_an_error_inside_200_completes_nothing_and_is_tried_again() {
    let (sandbox, s3) = start().await;
    let body = body(2 * PART + 1);
    sandbox.inject(at_completion(late("InternalError")).times(2));
    let outcome = s3.put_stream(put(&body)).await.unwrap();
    assert!(matches!(outcome, PutOutcome::Stored(_)));
    assert_eq!(posts(&sandbox), 4, "begun once, completed at the third try");
    stored_whole(&s3, &body).await;
    assert_eq!(sandbox.s3().open_uploads(), 0);
}

#[tokio::test]
async fn t29_a_final_error_inside_200_is_the_callers() {
    let (sandbox, s3) = start().await;
    sandbox.inject(at_completion(late("InvalidPart")));
    let error = s3.put_stream(put(&body(2 * PART))).await.unwrap_err();
    assert_eq!(error.vendor_code(), Some("InvalidPart"));
    assert_eq!(sandbox.s3().open_uploads(), 0, "it was not aborted");
    assert!(sandbox.s3().objects().is_empty());
}

#[tokio::test]
async fn a_lost_completion_is_resolved_by_the_nonce() {
    for condition in [WriteCondition::None, WriteCondition::IfAbsent] {
        let (sandbox, s3) = start().await;
        let body = body(2 * PART);
        sandbox.inject(at_completion(FaultKind::ActThenCut));
        let request = put(&body).with_condition(condition);
        let outcome = s3.put_stream(request).await.unwrap();
        assert!(matches!(outcome, PutOutcome::Stored(_)), "{outcome:?}");
        stored_whole(&s3, &body).await;
        assert_eq!(sandbox.s3().open_uploads(), 0);
    }
}

#[tokio::test]
async fn an_upload_that_is_gone_is_no_success_because_an_object_is_there() {
    let sandbox = Sandbox::start().await.unwrap();
    let gone = "<Error><Code>NoSuchUpload</Code><Message>m</Message></Error>";
    let between = over_network(move |sent| {
        let completes = sent.method == "POST" && sent.url.query() != Some("uploads=");
        async move { completes.then(|| response(404, &[], gone)) }
    });
    let s3 = build_over(config(&sandbox), between);
    let theirs = PutObject::new(key("big"), "theirs");
    s3.put(theirs).await.unwrap();
    let error = s3.put_stream(put(&body(2 * PART))).await.unwrap_err();
    assert_eq!(error.vendor_code(), Some("NoSuchUpload"));
    assert_eq!(sandbox.s3().open_uploads(), 0);
}

#[tokio::test]
async fn a_part_is_sent_again_and_a_failing_one_aborts() {
    let (sandbox, s3) = start().await;
    let body = body(2 * PART + 1);
    let cut = Fault::new(FaultKind::CutAfterRead).method("PUT").skip(1);
    sandbox.inject(cut);
    s3.put_stream(put(&body)).await.unwrap();
    stored_whole(&s3, &body).await;

    sandbox.reset();
    let refused = Fault::new(FaultKind::status(403)).method("PUT").skip(1);
    sandbox.inject(refused);
    let error = s3.put_stream(put(&body)).await.unwrap_err();
    assert_eq!(error.kind(), &Kind::PermissionDenied);
    assert_eq!(error.operation(), Some("storage.put_stream.part"));
    assert_eq!(sandbox.s3().open_uploads(), 0);
    assert!(sandbox.s3().objects().is_empty());
}

#[tokio::test]
async fn a_failing_stream_and_a_wrong_length_abort() {
    let (sandbox, s3) = start().await;
    let body = body(2 * PART + 1);
    let broken = stream::iter([Err(Error::unsent(Kind::Other, "the source broke"))]);
    let broken = PutStream::new(key("big"), pieces(&body).chain(broken).boxed());
    let length = body.len() as u64;
    let cases = [
        (broken, Kind::Other),
        (put(&body).with_length(length - 1), Kind::InvalidRequest),
        (put(&body).with_length(length + 1), Kind::InvalidRequest),
    ];
    for (request, kind) in cases {
        sandbox.reset();
        let error = s3.put_stream(request).await.unwrap_err();
        assert_eq!(error.kind(), &kind);
        assert_eq!(posts(&sandbox), 1, "it was begun, and not completed");
        assert_eq!(sandbox.s3().open_uploads(), 0);
        assert!(sandbox.s3().objects().is_empty());
    }
}

#[tokio::test]
async fn an_upload_whose_caller_left_is_aborted() {
    let (sandbox, s3) = start().await;
    let endless = pieces(&body(2 * PART)).chain(stream::pending()).boxed();
    let request = PutStream::new(key("big"), endless);
    let upload = tokio::spawn(async move { s3.put_stream(request).await });
    let part_taken = || {
        let requests = sandbox.requests();
        let is_put = |method: &str| method == "PUT";
        requests.iter().any(|request| is_put(&request.method))
    };
    until(part_taken).await;
    assert_eq!(sandbox.s3().open_uploads(), 1);
    upload.abort();
    until(|| sandbox.s3().open_uploads() == 0).await;
    assert!(sandbox.s3().objects().is_empty());
}

/// The parts are held back until the stream is asked for no more: what was read by then is what is held.
#[tokio::test]
async fn no_more_is_held_than_the_parts_under_way_and_one() {
    let sandbox = Sandbox::start().await.unwrap();
    let (gate, waiting) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicUsize::new(0)));
    let held = Arc::new(Mutex::new((0_usize, 0_usize)));
    let (passed, arrived, done) = (Arc::clone(&gate), Arc::clone(&waiting), Arc::clone(&held));
    let between = over_network(move |sent| {
        let part = is_part(sent).then_some(sent.body.len());
        let (gate, waiting, held) = (passed.clone(), arrived.clone(), done.clone());
        async move {
            if let Some(length) = part {
                waiting.fetch_add(1, Ordering::SeqCst);
                gate.acquire().await.unwrap().forget();
                held.lock().unwrap().0 -= length;
            }
            None
        }
    });
    let s3 = build_over(config(&sandbox), between);
    let (body, read) = (body(8 * PART), Arc::clone(&held));
    let counted = pieces(&body).inspect(move |piece| {
        let mut held = read.lock().unwrap();
        held.0 += piece.as_ref().unwrap().len();
        held.1 = held.1.max(held.0);
    });
    let request = PutStream::new(key("big"), counted.boxed());
    let upload = tokio::spawn({
        let s3 = s3.clone();
        async move { s3.put_stream(request).await }
    });
    until(|| waiting.load(Ordering::SeqCst) == 3).await;
    // Long enough for whoever would read on to do so.
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
    assert_eq!(waiting.load(Ordering::SeqCst), 3, "three at a time");
    let (now, _) = *held.lock().unwrap();
    assert!(now >= 3 * PART, "three parts were read");
    gate.add_permits(8);
    upload.await.unwrap().unwrap();
    let (left, most) = *held.lock().unwrap();
    assert_eq!(left, 0);
    assert!(most <= 4 * PART, "{most} bytes were held");
    stored_whole(&s3, &body).await;
}
