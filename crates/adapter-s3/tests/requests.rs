//! What goes to AWS itself and to others, word by word, and what comes of their refusals.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod harness;
mod support;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use anyvendor_adapter_s3::{CredentialsConfig, S3, S3Config};
use anyvendor_core::{
    Kind,
    storage::{
        DeleteObjects, GetObject, ListObjects, PutObject, PutOutcome, PutStream, StorageProvider,
        WriteCondition,
    },
    transport::Incoming,
    values::{KeyPrefix, Metadata},
};
use anyvendor_sandbox::{Fault, FaultKind};
use anyvendor_testkit::{RecordingTransport, transport::response};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use harness::{PART, build, build_over, config};
use support::{key, over_network, start};

fn aws() -> S3Config {
    let credentials = CredentialsConfig::fixed("AKIA1", "secret");
    S3Config::new("receipts", "eu-west-1", credentials)
}

/// A connection that gets these responses in order, the last one again and again.
fn scripted(config: S3Config, responses: Vec<fn() -> Incoming>) -> (S3, Arc<RecordingTransport>) {
    let next = AtomicUsize::new(0);
    let between = over_network(move |_| {
        let number = next.fetch_add(1, Ordering::SeqCst);
        let response = responses[number.min(responses.len() - 1)]();
        async move { Some(response) }
    });
    (build_over(config, between.clone()), between)
}

fn stored() -> Incoming {
    response(200, &[("etag", "\"e\"")], "")
}

fn put() -> PutObject {
    PutObject::new(key("a b/ä"), "123456789")
}

#[tokio::test]
async fn aws_gets_a_checksum_and_others_a_hash_of_the_body() {
    let (s3, between) = scripted(aws(), vec![stored]);
    let metadata = Metadata::new().with("colour", "blue").unwrap();
    s3.put(put().with_metadata(metadata)).await.unwrap();
    let sent = between.sent().remove(0);
    assert_eq!(
        sent.url.as_str(),
        "https://receipts.s3.eu-west-1.amazonaws.com/a%20b/%C3%A4"
    );
    assert_eq!(
        sent.header("x-amz-checksum-crc64nvme"),
        Some("rosUhgp5mIg=")
    );
    assert_eq!(
        sent.header("x-amz-content-sha256"),
        Some("UNSIGNED-PAYLOAD")
    );
    let signed = sent.header("authorization").unwrap();
    let names = "SignedHeaders=host;x-amz-checksum-crc64nvme;x-amz-content-sha256;x-amz-date;x-amz-meta-colour,";
    assert!(signed.contains(names), "{signed}");
    assert!(signed.contains("/eu-west-1/s3/aws4_request"), "{signed}");

    let near = aws().with_local_endpoint("http://127.0.0.1:9000");
    let (s3, between) = scripted(near, vec![stored]);
    s3.put(put()).await.unwrap();
    let sent = between.sent().remove(0);
    assert_eq!(
        sent.url.as_str(),
        "http://127.0.0.1:9000/receipts/a%20b/%C3%A4"
    );
    assert_eq!(sent.header("x-amz-checksum-crc64nvme"), None);
    assert_eq!(
        sent.header("x-amz-content-sha256"),
        Some("15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"),
        "SHA-256 of 123456789"
    );
}

#[tokio::test]
async fn a_list_and_a_batch_are_asked_for_as_documented() {
    let list = || response(200, &[], "<ListBucketResult></ListBucketResult>");
    let (s3, between) = scripted(aws(), vec![list]);
    let request = ListObjects::new()
        .with_prefix(KeyPrefix::new("a b/").unwrap())
        .with_delimiter('/')
        .with_start_after(key("a b/c"));
    assert!(s3.list(request).await.unwrap().objects.is_empty());
    let query = "list-type=2&encoding-type=url&prefix=a%20b%2F&delimiter=%2F&start-after=a%20b%2Fc";
    assert_eq!(between.sent()[0].url.query(), Some(query));

    let none = || response(200, &[], "<DeleteResult></DeleteResult>");
    let (s3, between) = scripted(aws(), vec![none]);
    let keys = vec![key("a&b")];
    s3.delete_many(DeleteObjects::new(keys)).await.unwrap();
    let sent = between.sent().remove(0);
    assert_eq!(sent.url.query(), Some("delete="));
    let body = "<Delete><Quiet>true</Quiet><Object><Key>a&amp;b</Key></Object></Delete>";
    assert_eq!(sent.body, body);
    assert_eq!(sent.header("content-md5"), Some("uzU7Jg5216DNh9WrIpzkgA=="));
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_names_the_region() {
    let elsewhere: fn() -> Incoming = || {
        let headers = [
            ("x-amz-bucket-region", "us-west-2"),
            ("location", "https://elsewhere.example/"),
        ];
        let body = "<Error><Code>PermanentRedirect</Code><Message>m</Message><Endpoint>elsewhere.example</Endpoint></Error>";
        response(301, &headers, body)
    };
    let (s3, between) = scripted(aws(), vec![elsewhere]);
    let error = s3.put(put()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.field()),
        (&Kind::Config, Some("region"))
    );
    assert!(error.to_string().contains("us-west-2"), "{error}");
    assert_eq!(between.sent().len(), 1);
}

#[tokio::test]
async fn a_wrong_region_and_a_missing_bucket_are_settings() {
    let (sandbox, _) = start().await;
    let mut wrong = config(&sandbox);
    wrong.region = "eu-west-1".to_owned();
    let error = build(wrong).put(put()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.field()),
        (&Kind::Config, Some("region"))
    );
    assert!(error.to_string().contains("us-east-1"), "{error}");
    let mut wrong = config(&sandbox);
    wrong.bucket = "no-such-bucket".to_owned();
    let error = build(wrong).put(put()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.field()),
        (&Kind::Config, Some("bucket"))
    );
}

#[tokio::test]
async fn a_conflict_of_two_writers_is_tried_again() {
    let conflict = || {
        let body = "<Error><Code>ConditionalRequestConflict</Code><Message>m</Message></Error>";
        response(409, &[], body)
    };
    let (s3, between) = scripted(aws(), vec![conflict, stored]);
    let once = put().with_condition(WriteCondition::IfAbsent);
    assert!(matches!(s3.put(once).await.unwrap(), PutOutcome::Stored(_)));
    let sent = between.sent();
    assert_eq!(sent.len(), 2);
    let nonce = |n: usize| sent[n].header("x-amz-meta-anyvendor-nonce").unwrap();
    assert_eq!(nonce(0), nonce(1), "one write, one nonce");
    assert_eq!(sent[1].header("if-none-match"), Some("*"));
}

#[tokio::test]
async fn a_response_that_cannot_be_read_is_an_error_and_not_empty() {
    let malformed = || response(200, &[("content-length", "3")], "<x>");
    let (s3, _) = scripted(aws(), vec![malformed]);
    let error = s3.list(ListObjects::new()).await.unwrap_err();
    assert!(matches!(error.kind(), Kind::Protocol(_)), "{error}");
    let keys = vec![key("a")];
    let error = s3.delete_many(DeleteObjects::new(keys)).await.unwrap_err();
    assert!(matches!(error.kind(), Kind::Protocol(_)), "{error}");
    let lengthless = || response(200, &[], "abc");
    let (s3, _) = scripted(aws(), vec![lengthless]);
    let error = s3.get(GetObject::new(key("a"))).await.unwrap_err();
    assert!(matches!(error.kind(), Kind::Protocol(_)), "{error}");
}

#[tokio::test]
async fn an_upload_whose_end_is_unknown_is_left_alone() {
    let (sandbox, s3) = start().await;
    let silent = Fault::new(FaultKind::CutAfterRead).method("POST").skip(1);
    sandbox.inject(silent.times(3));
    let parts = stream::iter([Ok(Bytes::from(vec![0; 2 * PART]))]).boxed();
    let error = s3.put_stream(PutStream::new(key("a"), parts)).await;
    let error = error.unwrap_err();
    assert!(error.is_unknown(), "{error:?}");
    assert_eq!(error.operation(), Some("storage.multipart.complete"));
    let asked: Vec<_> = sandbox.requests().into_iter().map(|r| r.method).collect();
    assert_eq!(asked[asked.len() - 2..], ["POST", "HEAD"], "and no DELETE");
    assert_eq!(sandbox.s3().open_uploads(), 1);
}
