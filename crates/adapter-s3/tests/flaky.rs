//! A bad day: about a quarter of all requests goes wrong, and nothing is lost, doubled or mixed up.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod harness;
mod support;

use std::{collections::BTreeSet, time::Duration};

use anyvendor_core::{
    resilience::Policy,
    storage::{
        CopyObject, DeleteObjects, ListObjects, PutObject, PutOutcome, PutStream, StorageProvider,
        StorageProviderExt, WriteCondition,
    },
    values::KeyPrefix,
};
use anyvendor_sandbox::{FaultPlan, RecordedResponse, Sandbox};
use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, future::join_all, stream};
use harness::{PART, build, config};
use support::key;

#[tokio::test]
async fn a_flaky_network_keeps_the_totals() {
    let sandbox = Sandbox::start().await.unwrap();
    // Two writers of one key share its bad luck, so three attempts would not do for each.
    let s3 = build(config(&sandbox).with_resilience(Policy::default().with_attempts(6)));
    sandbox.set_faults(FaultPlan::flaky().hang(Duration::from_millis(20)));
    let once = |writer: usize, n: usize| {
        PutObject::new(key(&format!("k/{n}")), format!("{writer} {n}"))
            .with_condition(WriteCondition::IfAbsent)
    };
    // Two writers want each key; exactly one gets it, and knows.
    for n in 0..40 {
        let puts = join_all([s3.put(once(0, n)), s3.put(once(1, n))]).await;
        let won: Vec<_> = puts
            .into_iter()
            .map(|outcome| matches!(outcome.unwrap(), PutOutcome::Stored(_)))
            .collect();
        assert!(won[0] != won[1], "key {n}: {won:?}");
        let body = s3.get_bytes(&key(&format!("k/{n}")), 100).await.unwrap();
        let winner = usize::from(won[1]);
        assert_eq!(body, format!("{winner} {n}"));
    }
    let body: Bytes = (0..2 * PART + 1).map(|n| (n >> 9) as u8).collect();
    let pieces = stream::iter([Ok(body.clone())]).boxed();
    let upload = PutStream::new(key("big"), pieces).with_condition(WriteCondition::IfAbsent);
    s3.put_stream(upload).await.unwrap().into_stored().unwrap();
    let copy = CopyObject::new(key("big"), key("copy"));
    s3.copy(copy).await.unwrap().into_stored().unwrap();
    assert!(s3.get_bytes(&key("copy"), 1 << 30).await.unwrap() == body);

    let gone: Vec<_> = (0..20).map(|n| key(&format!("k/{n}"))).collect();
    let results = s3.delete_many(DeleteObjects::new(gone)).await.unwrap();
    assert!(results.iter().all(|result| result.result.is_ok()));
    let all = ListObjects::new().with_prefix(KeyPrefix::new("k/").unwrap());
    let left: Vec<_> = s3.objects(all).try_collect().await.unwrap();
    let left: BTreeSet<_> = left.into_iter().map(|object| object.key).collect();
    assert_eq!(left, (20..40).map(|n| format!("k/{n}")).collect());
    let hit = |response: &RecordedResponse| matches!(response, RecordedResponse::Fault { .. });
    let requests = sandbox.requests();
    let faults = requests.iter().filter(|r| hit(&r.response)).count();
    assert!(faults > 20, "only {faults} of {}", requests.len());
}
