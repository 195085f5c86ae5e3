//! Copies in parts over the sandbox, with a limit that small objects exceed.

use std::sync::Arc;

use anyvendor_core::{
    Kind,
    resilience::Policy,
    storage::{ContentHeaders, HeadObject, PutObject, StorageProvider, StorageProviderExt},
    values::{Metadata, ObjectKey},
};
use anyvendor_http::{HttpTransport, TransportConfig};
use anyvendor_sandbox::{Fault, FaultKind, Sandbox};
use anyvendor_testkit::{RecordingTransport, Sent};
use bytes::Bytes;

use super::*;
use crate::{CredentialsConfig, S3Config, storage::upload::SOURCE_RANGE};

/// The smallest part that a store takes.
const LIMIT: u64 = 5 * 1024 * 1024;

struct Bench {
    sandbox: Sandbox,
    s3: S3,
    network: Arc<RecordingTransport>,
    source: StoredObject,
    body: Bytes,
}

fn key(key: &str) -> ObjectKey {
    ObjectKey::new(key).unwrap()
}

/// An object of two whole parts and a bit under `from ä+b`.
async fn bench() -> Bench {
    let sandbox = Sandbox::start().await.unwrap();
    let credentials =
        CredentialsConfig::fixed(sandbox.s3().access_key(), sandbox.s3().secret_key());
    let mut config = S3Config::new(sandbox.s3().bucket(), sandbox.s3().region(), credentials)
        .with_local_endpoint(sandbox.s3().url())
        .with_resilience(Policy::default().with_attempts(1));
    config.copy_limit = LIMIT;
    let mut open = TransportConfig::default();
    open.allow_private_addresses = true;
    let network = HttpTransport::new(open).unwrap();
    let network = RecordingTransport::before(Arc::new(network), |_| async { None });
    let s3 = S3::builder(config)
        .transport(network.clone())
        .build()
        .unwrap();
    let body: Bytes = (0..2 * LIMIT + 1_000)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect::<Vec<_>>()
        .into();
    let metadata = Metadata::new().with("colour", "grün").unwrap();
    // Conditional, so that the source contains our nonce, which the copy must not keep.
    let put = PutObject::new(key("from ä+b"), body.clone())
        .with_content(ContentHeaders::of_type("text/plain").with_cache_control("max-age=60"))
        .with_metadata(metadata)
        .with_condition(WriteCondition::IfAbsent);
    let source = s3.put(put).await.unwrap().into_stored().unwrap();
    Bench {
        sandbox,
        s3,
        network,
        source,
        body,
    }
}

fn copy() -> CopyObject {
    CopyObject::new(key("from ä+b"), key("to"))
}

fn nonce(bench: &Bench, key: &str) -> Option<String> {
    let objects = bench.sandbox.s3().objects();
    let object = objects.iter().find(|object| object.key == key)?;
    object.metadata.get(NONCE).cloned()
}

#[tokio::test]
async fn a_large_copy_is_made_of_pinned_parts_and_keeps_what_the_source_says() {
    let bench = bench().await;
    let stored = bench.s3.copy(copy()).await.unwrap().into_stored().unwrap();
    assert!(stored.etag.unwrap().as_str().ends_with("-3\""));
    let sent = bench.network.sent();
    let text = |sent: &Sent, name: HeaderName| sent.header(name.as_str()).map(str::to_owned);
    let mut copied: Vec<_> = sent
        .iter()
        .filter_map(|sent| Some((text(sent, SOURCE_RANGE)?, text(sent, SOURCE_IF_MATCH)?)))
        .collect();
    copied.sort();
    let etag = bench.source.etag.clone().unwrap().as_str().to_owned();
    let ranges = [
        "bytes=0-5242879",
        "bytes=10485760-10486759",
        "bytes=5242880-10485759",
    ];
    assert_eq!(copied, ranges.map(|range| (range.to_owned(), etag.clone())));
    let back = bench.s3.get_bytes(&key("to"), 3 * LIMIT).await.unwrap();
    assert!(back == bench.body, "other bytes came back");
    let info = bench.s3.head(HeadObject::new(key("to"))).await.unwrap();
    assert_eq!(info.content.content_type.as_deref(), Some("text/plain"));
    assert_eq!(info.content.cache_control.as_deref(), Some("max-age=60"));
    assert_eq!(info.metadata.get("colour"), Some("grün"));
    assert_eq!(info.metadata.len(), 1);
    let (of_source, of_copy) = (nonce(&bench, "from ä+b"), nonce(&bench, "to"));
    assert!(of_source.is_some() && of_copy.is_some());
    assert_ne!(of_source, of_copy, "the copy kept the source's nonce");
}

#[tokio::test]
async fn a_large_copy_may_say_something_else() {
    let bench = bench().await;
    let replace = CopyMetadata::Replace {
        content: ContentHeaders::of_type("text/html"),
        metadata: Metadata::new().with("shape", "round").unwrap(),
    };
    let outcome = bench.s3.copy(copy().with_metadata(replace)).await.unwrap();
    assert!(matches!(outcome, PutOutcome::Stored(_)));
    let info = bench.s3.head(HeadObject::new(key("to"))).await.unwrap();
    assert_eq!(info.content.content_type.as_deref(), Some("text/html"));
    assert_eq!(info.content.cache_control, None);
    assert_eq!(info.metadata.get("shape"), Some("round"));
    assert_eq!(info.metadata.len(), 1);
}

#[tokio::test]
async fn a_large_copy_is_aborted_when_a_part_fails() {
    let bench = bench().await;
    let fault = Fault::new(FaultKind::status(403)).method("PUT").skip(1);
    bench.sandbox.inject(fault);
    let error = bench.s3.copy(copy()).await.unwrap_err();
    assert_eq!(error.kind(), &Kind::PermissionDenied);
    assert_eq!(error.operation(), Some("storage.copy.part"));
    assert_eq!(bench.sandbox.s3().open_uploads(), 0);
    assert_eq!(bench.sandbox.s3().objects().len(), 1);
}

#[tokio::test]
async fn t29_an_error_inside_200_fails_the_part() {
    let bench = bench().await;
    let late =
        "\n<?xml version=\"1.0\"?><Error><Code>InternalError</Code><Message>m</Message></Error>";
    let late = FaultKind::Status {
        status: 200,
        headers: Vec::new(),
        body: Some(late.to_owned()),
    };
    bench.sandbox.inject(Fault::new(late).method("PUT"));
    let error = bench.s3.copy(copy()).await.unwrap_err();
    assert_eq!(error.vendor_code(), Some("InternalError"));
    assert_eq!(bench.sandbox.s3().open_uploads(), 0);
}

#[tokio::test]
async fn a_source_in_another_state_is_not_copied() {
    let bench = bench().await;
    let other = ETag::new("\"other\"").unwrap();
    let outcome = bench.s3.copy(copy().with_source_if_match(other));
    assert_eq!(outcome.await.unwrap(), PutOutcome::ConditionNotMet);
    let same = bench
        .s3
        .copy(copy().with_source_if_match(bench.source.etag.clone().unwrap()));
    assert!(matches!(same.await.unwrap(), PutOutcome::Stored(_)));
    let absent = bench
        .s3
        .copy(copy().with_condition(WriteCondition::IfAbsent));
    assert_eq!(absent.await.unwrap(), PutOutcome::ConditionNotMet);
    assert_eq!(bench.sandbox.s3().open_uploads(), 0);
}

#[tokio::test]
async fn a_lost_completion_of_a_conditional_copy_is_settled() {
    let bench = bench().await;
    let lost = Fault::new(FaultKind::ActThenCut).method("POST").skip(1);
    bench.sandbox.inject(lost);
    let absent = bench
        .s3
        .copy(copy().with_condition(WriteCondition::IfAbsent));
    assert!(matches!(absent.await.unwrap(), PutOutcome::Stored(_)));
    assert_eq!(bench.sandbox.s3().open_uploads(), 0);
}
