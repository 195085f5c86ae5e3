//! The adapter and the sandbox's S3 together: lost responses, unusual keys, ranges, links, long lists, copies, clocks.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod harness;
mod support;

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use anyvendor_adapter_s3::S3;
use anyvendor_conformance::PresignedFetch;
use anyvendor_core::{
    Delivery, Kind,
    resilience::Clock,
    storage::{
        ByteRange, ContentHeaders, CopyObject, DeleteObject, DeleteObjects, ETag, GetObject,
        GetOutcome, GetRange, HeadObject, ListObjects, Presign, PutObject, PutOutcome,
        StorageProvider, StorageProviderExt, WriteCondition, collect,
    },
    values::{KeyPrefix, Metadata, PageRequest},
};
use anyvendor_http::{ManualClock, SystemClock};
use anyvendor_sandbox::{Fault, FaultKind, Sandbox};
use anyvendor_testkit::transport::response;
use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use harness::{PlainClient, build_over, config};
use support::{key, over_network, start};

fn once(key_: &str, body: &'static str) -> PutObject {
    PutObject::new(key(key_), body).with_condition(WriteCondition::IfAbsent)
}

async fn put(s3: &S3, key_: &str, body: impl Into<Bytes>) -> ETag {
    let put = s3.put(PutObject::new(key(key_), body));
    put.await.unwrap().into_stored().unwrap().etag.unwrap()
}

async fn text(s3: &S3, key_: &str) -> Bytes {
    s3.get_bytes(&key(key_), 1 << 30).await.unwrap()
}

fn methods(sandbox: &Sandbox) -> Vec<String> {
    sandbox.requests().into_iter().map(|r| r.method).collect()
}

#[tokio::test]
async fn a_lost_conditional_put_is_known_as_our_own() {
    let lost = [
        FaultKind::ActThenCut,
        FaultKind::ServerErrorAfterActing {
            status: 503,
            should_retry: false,
        },
        FaultKind::TruncateBody,
    ];
    for kind in lost {
        let (sandbox, s3) = start().await;
        sandbox.inject(Fault::new(kind.clone()).method("PUT"));
        let metadata = Metadata::new().with("colour", "blue").unwrap();
        let outcome = s3
            .put(once("a", "ours").with_metadata(metadata))
            .await
            .unwrap();
        let stored = outcome.into_stored().unwrap();
        let info = s3.head(HeadObject::new(key("a"))).await.unwrap();
        assert_eq!(stored.etag, info.etag, "{kind:?}");
        assert_eq!(info.metadata.len(), 1, "our nonce is not shown");

        sandbox.inject(Fault::new(kind).method("PUT"));
        let next = PutObject::new(key("a"), "next")
            .with_condition(WriteCondition::IfMatch(info.etag.unwrap()));
        assert!(matches!(s3.put(next).await.unwrap(), PutOutcome::Stored(_)));
        assert_eq!(text(&s3, "a").await, "next");
    }
}

#[tokio::test]
async fn the_object_of_another_client_is_not_taken_for_ours() {
    let (sandbox, s3) = start().await;
    put(&s3, "a", "theirs").await;
    sandbox.inject(Fault::new(FaultKind::CutAfterRead).method("PUT"));
    let outcome = s3.put(once("a", "ours")).await.unwrap();
    assert_eq!(outcome, PutOutcome::ConditionNotMet);
    assert_eq!(methods(&sandbox), ["PUT", "PUT", "PUT", "HEAD"]);
    assert_eq!(text(&s3, "a").await, "theirs");
    // Rejected in the first response, so no further request is needed.
    let outcome = s3.put(once("a", "ours")).await.unwrap();
    assert_eq!(outcome, PutOutcome::ConditionNotMet);
    assert_eq!(methods(&sandbox)[5..], ["PUT"]);
}

#[tokio::test]
async fn a_write_that_cannot_be_settled_stays_unknown() {
    let (sandbox, s3) = start().await;
    sandbox.inject(Fault::new(FaultKind::ActThenCut).method("PUT"));
    sandbox.inject(Fault::new(FaultKind::status(403)).method("HEAD"));
    let error = s3.put(once("a", "ours")).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::Unknown);
    assert_eq!(error.operation(), Some("storage.put"));
}

#[tokio::test]
async fn odd_keys_are_one_key_to_everybody() {
    let (sandbox, s3) = start().await;
    let client = PlainClient::new(&sandbox);
    let long = "ü".repeat(512);
    let malformed = [
        "a b", "a+b", "a%20b", "a%2Fb", "a//b", "a/ /b", "é", "e\u{301}", "%", "a?b=c#d", "a\\b",
        "<&>'\"", "...", "a/", "=", "~*!()", "日本", &long,
    ];
    for (number, name) in malformed.iter().enumerate() {
        put(&s3, name, format!("{number}")).await;
    }
    let stored: Vec<_> = sandbox.s3().objects().into_iter().map(|o| o.key).collect();
    let mut expected: Vec<_> = malformed.iter().map(ToString::to_string).collect();
    expected.sort();
    assert_eq!(stored, expected);
    let page = s3.list(ListObjects::new()).await.unwrap();
    let listed: Vec<_> = page.objects.into_iter().map(|o| o.key).collect();
    assert_eq!(listed, expected);
    for (number, name) in malformed.iter().enumerate() {
        let body = Bytes::from(format!("{number}"));
        assert_eq!(text(&s3, name).await, body, "{name}");
        let link = Presign::get(key(name), Duration::from_secs(60));
        let link = s3.presign(link).await.unwrap();
        let seen = client.get(link.url.expose(), &link.headers).await;
        assert_eq!(seen, (200, body.clone()), "{name}");
        let copy = CopyObject::new(key(name), key(&format!("copy/{number}")));
        s3.copy(copy).await.unwrap().into_stored().unwrap();
        assert_eq!(text(&s3, &format!("copy/{number}")).await, body, "{name}");
    }
    s3.delete(DeleteObject::new(key(malformed[0])))
        .await
        .unwrap();
    let rest = malformed[1..].iter().map(|name| key(name)).collect();
    let results = s3.delete_many(DeleteObjects::new(rest)).await.unwrap();
    assert!(results.iter().all(|result| result.result.is_ok()));
    assert_eq!(
        sandbox.s3().objects().len(),
        malformed.len(),
        "only the copies are left"
    );
}

#[tokio::test]
async fn a_broken_download_goes_on_where_it_broke() {
    let (sandbox, s3) = start().await;
    let body: Bytes = (0..300_000_u32)
        .map(|n| (n >> 3) as u8)
        .collect::<Vec<_>>()
        .into();
    let etag = put(&s3, "a", body.clone()).await;
    sandbox.inject(Fault::new(FaultKind::TruncateBody).method("GET").times(2));
    assert_eq!(text(&s3, "a").await, body);
    let requests = sandbox.requests();
    let again: Vec<_> = requests
        .iter()
        .filter(|r| r.method == "GET")
        .skip(1)
        .collect();
    assert_eq!(again.len(), 2);
    for request in again {
        let range = request.header("range").unwrap();
        assert!(
            range.ends_with("-299999") && !range.starts_with("bytes=0-"),
            "{range}"
        );
        assert_eq!(request.header("if-match"), Some(etag.as_str()));
    }

    // A part of an object goes on inside its part.
    sandbox.inject(Fault::new(FaultKind::TruncateBody).method("GET"));
    let range = ByteRange::Between {
        start: 100_000,
        end: 200_000,
    };
    let part = s3.get_range(GetRange::new(key("a"), range)).await.unwrap();
    let part = collect(part.into_object().unwrap(), 1 << 20).await.unwrap();
    assert_eq!(part, body.slice(100_000..200_000));
}

#[tokio::test]
async fn a_broken_download_does_not_go_on_in_another_state() {
    let (sandbox, s3) = start().await;
    put(&s3, "a", vec![1; 300_000]).await;
    sandbox.inject(Fault::new(FaultKind::TruncateBody).method("GET"));
    let object = s3.get(GetObject::new(key("a"))).await.unwrap();
    let GetOutcome::Found(object) = object else {
        panic!("{object:?}");
    };
    put(&s3, "a", vec![2; 300_000]).await;
    let read = collect(object, 1 << 20).await;
    let error = read.map(|bytes| bytes.len()).unwrap_err();
    assert_eq!(error.kind(), &Kind::Conflict);
}

#[tokio::test]
async fn links_work_without_credentials_until_they_expire() {
    let (sandbox, s3) = start().await;
    let client = PlainClient::new(&sandbox);
    let minute = Duration::from_secs(60);
    let request = Presign::put(key("a b"), minute).with_content_type("text/plain");
    let link = s3.presign(request).await.unwrap();
    let (url, body) = (link.url.expose(), Bytes::from("theirs"));
    let plain = ("content-type".to_owned(), "text/plain".to_owned());
    assert_eq!(link.headers, [plain]);
    let html = [("content-type".to_owned(), "text/html".to_owned())];
    assert_eq!(client.put(url, &html, body.clone()).await, 403);
    assert_eq!(client.put(url, &link.headers, body.clone()).await, 200);
    let (status, _) = client.get(url, &link.headers).await;
    assert_eq!(status, 403, "a link to write does not read");
    let info = s3.head(HeadObject::new(key("a b"))).await.unwrap();
    assert_eq!(info.content, ContentHeaders::of_type("text/plain"));

    let request = Presign::get(key("a b"), minute)
        .with_content_type("text/html")
        .with_content_disposition("attachment; filename=\"x.html\"");
    let link = s3.presign(request.clone()).await.unwrap();
    let seen = client.get(link.url.expose(), &[]).await;
    assert_eq!(seen, (200, body));

    let past = SystemClock.wall() - Duration::from_secs(61);
    let yesterday = S3::builder(config(&sandbox)).clock(Arc::new(ManualClock::at(past)));
    let link = yesterday.build().unwrap().presign(request).await.unwrap();
    assert_eq!(link.expires_at, past + minute);
    let (status, _) = client.get(link.url.expose(), &[]).await;
    assert_eq!(status, 403, "it has ended");
}

#[tokio::test]
async fn many_are_deleted_with_a_result_for_each() {
    let (sandbox, s3) = start().await;
    let keys: Vec<_> = (0..2_001).map(|n| key(&format!("k/{n}"))).collect();
    for name in ["k/0", "k/1500", "k/2000", "other"] {
        put(&s3, name, "x").await;
    }
    let results = s3
        .delete_many(DeleteObjects::new(keys.clone()))
        .await
        .unwrap();
    assert!(results.iter().all(|result| result.result.is_ok()));
    assert!(results.iter().map(|result| &result.key).eq(&keys));
    let left: Vec<_> = sandbox.s3().objects().into_iter().map(|o| o.key).collect();
    assert_eq!(left, ["other"]);
    assert_eq!(methods(&sandbox)[4..], ["POST", "POST", "POST"]);
}

#[tokio::test]
async fn what_was_not_deleted_is_reported_by_key() {
    let sandbox = Sandbox::start().await.unwrap();
    let between = over_network(|sent| {
        let body = String::from_utf8(sent.body.to_vec()).unwrap();
        let response = if body.contains("<Key>k/1000</Key>") {
            Some(response(
                200,
                &[],
                "<DeleteResult><Error><Key>k/1001</Key><Code>AccessDenied</Code><Message>m</Message></Error>\
                 <Error><Key>k/1002</Key><Code>InternalError</Code><Message>m</Message></Error></DeleteResult>",
            ))
        } else if body.contains("<Key>k/2000</Key>") {
            let denied = "<Error><Code>AccessDenied</Code><Message>m</Message></Error>";
            Some(response(403, &[], denied))
        } else {
            None
        };
        async move { response }
    });
    let s3 = build_over(config(&sandbox), between);
    let keys: Vec<_> = (0..2_010).map(|n| key(&format!("k/{n}"))).collect();
    let results = s3.delete_many(DeleteObjects::new(keys)).await.unwrap();
    let failed: Vec<_> = results
        .iter()
        .enumerate()
        .filter_map(|(n, result)| Some((n, result.result.as_ref().err()?.kind().clone())))
        .collect();
    let mut expected = vec![(1_001, Kind::PermissionDenied), (1_002, Kind::Unavailable)];
    expected.extend((2_000..2_010).map(|n| (n, Kind::PermissionDenied)));
    assert_eq!(failed, expected);
}

#[tokio::test]
async fn a_long_list_is_walked_page_by_page() {
    let (sandbox, s3) = start().await;
    let names: Vec<_> = (0..1_003).map(|n| format!("p/{n:04} ä")).collect();
    let puts = names.iter().map(|name| put(&s3, name, "x"));
    stream::iter(puts)
        .buffer_unordered(8)
        .for_each(|_| async {})
        .await;
    put(&s3, "q", "x").await;
    let before = sandbox.requests().len();
    let all = ListObjects::new().with_prefix(KeyPrefix::new("p/").unwrap());
    let walked: Vec<_> = s3.objects(all.clone()).try_collect().await.unwrap();
    assert!(walked.iter().map(|object| &object.key).eq(&names));
    assert_eq!(sandbox.requests().len() - before, 2, "pages of 1,000");
    let small = PageRequest::first().with_limit(NonZeroU32::new(100).unwrap());
    let walked: Vec<_> = s3
        .objects(all.with_page(small))
        .try_collect()
        .await
        .unwrap();
    assert!(walked.iter().map(|object| &object.key).eq(&names));
    assert_eq!(sandbox.requests().len() - before, 2 + 11);
}

#[tokio::test]
async fn a_copy_keeps_to_its_conditions() {
    let (sandbox, s3) = start().await;
    let etag = put(&s3, "from", "body").await;
    let other = ETag::new("\"other\"").unwrap();
    let copy = || CopyObject::new(key("from"), key("to"));
    let refused = [
        copy().with_source_if_match(other.clone()),
        copy().with_condition(WriteCondition::IfMatch(other.clone())),
    ];
    for request in refused {
        assert_eq!(s3.copy(request).await.unwrap(), PutOutcome::ConditionNotMet);
    }
    let first = copy()
        .with_source_if_match(etag.clone())
        .with_condition(WriteCondition::IfAbsent);
    let stored = s3.copy(first.clone()).await.unwrap().into_stored().unwrap();
    assert_eq!(stored.etag, Some(etag.clone()));
    let again = [first, copy().with_condition(WriteCondition::IfMatch(other))];
    for request in again {
        assert_eq!(s3.copy(request).await.unwrap(), PutOutcome::ConditionNotMet);
    }
    let matching = copy().with_condition(WriteCondition::IfMatch(etag));
    assert!(matches!(
        s3.copy(matching).await.unwrap(),
        PutOutcome::Stored(_)
    ));

    // A lost response: without a condition it is sent again, with one it stays unknown.
    sandbox.inject(Fault::new(FaultKind::ActThenCut).method("PUT"));
    s3.copy(copy()).await.unwrap().into_stored().unwrap();
    sandbox.inject(Fault::new(FaultKind::ActThenCut).method("PUT"));
    let error = s3
        .copy(CopyObject::new(key("from"), key("new")).with_condition(WriteCondition::IfAbsent))
        .await
        .unwrap_err();
    assert_eq!((error.delivery(), error.attempts()), (Delivery::Unknown, 1));
}

#[tokio::test]
async fn every_attempt_is_signed_again() {
    let sandbox = Sandbox::start().await.unwrap();
    // The machine's date, moved on by waiting.
    let clock = Arc::new(ManualClock::at(SystemClock.wall()));
    let s3 = S3::builder(config(&sandbox)).clock(clock).build().unwrap();
    put(&s3, "a", "x").await;
    let slow = FaultKind::RateLimited {
        retry_after: Some(2),
    };
    sandbox.inject(Fault::new(slow).method("GET").times(2));
    assert_eq!(text(&s3, "a").await, "x");
    let requests = sandbox.requests();
    let mut signed: Vec<_> = requests[1..]
        .iter()
        .map(|r| {
            (
                r.header("x-amz-date").unwrap(),
                r.header("authorization").unwrap(),
            )
        })
        .collect();
    assert_eq!(signed.len(), 3);
    signed.dedup_by(|a, b| a.0 == b.0 || a.1 == b.1);
    assert_eq!(signed.len(), 3, "a date or a signature was used twice");
}

#[tokio::test]
async fn a_wrong_clock_is_put_right_once() {
    let sandbox = Sandbox::start().await.unwrap();
    let hours = Duration::from_secs(7_200);
    for wall in [SystemClock.wall() - hours, SystemClock.wall() + hours] {
        sandbox.reset();
        let clock = Arc::new(ManualClock::at(wall));
        let s3 = S3::builder(config(&sandbox)).clock(clock).build().unwrap();
        put(&s3, "a", "x").await;
        assert_eq!(methods(&sandbox), ["PUT", "PUT"]);
        put(&s3, "b", "x").await;
        assert_eq!(
            methods(&sandbox).len(),
            3,
            "the next one goes through immediately"
        );
        let client = PlainClient::new(&sandbox);
        let link = Presign::get(key("a"), Duration::from_secs(60));
        let link = s3.presign(link).await.unwrap();
        let (status, _) = client.get(link.url.expose(), &[]).await;
        assert_eq!(status, 200, "links have the store's time too");
    }
}
