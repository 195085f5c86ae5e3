//! Deleting one object or many.

use anyvendor_core::storage::{DeleteObject, DeleteObjects, DeleteOutcome};

use super::steps::{bytes_of, expect_missing, key, put};
use crate::{
    harness::StorageHarness,
    report::{Case, CaseFailure, Report, ensure},
};

pub(super) async fn run(harness: &StorageHarness, report: &mut Report) {
    let capabilities = harness.provider.capabilities();
    report
        .run("delete_then_missing", delete_then_missing(harness))
        .await;
    if capabilities.condition.delete_if_match {
        report
            .run("delete_if_match", delete_if_match(harness))
            .await;
    }
    report
        .run(
            "delete_many_has_a_result_per_key",
            delete_many_has_a_result_per_key(harness),
        )
        .await;
}

async fn delete_then_missing(harness: &StorageHarness) -> Case {
    let key = key(harness, "gone")?;
    put(harness, &key, b"x").await?;
    for _ in 0..2 {
        let outcome = harness
            .provider
            .delete(DeleteObject::new(key.clone()))
            .await?;
        ensure!(
            outcome == DeleteOutcome::Deleted,
            "the outcome is {outcome:?}"
        );
    }
    expect_missing(harness, &key).await
}

async fn delete_if_match(harness: &StorageHarness) -> Case {
    let key = key(harness, "state")?;
    let old = put(harness, &key, b"one").await?.etag;
    let new = put(harness, &key, b"two").await?.etag;
    let mut delete = DeleteObject::new(key.clone());
    delete.if_match = old;
    let outcome = harness.provider.delete(delete.clone()).await?;
    ensure!(
        outcome == DeleteOutcome::ConditionNotMet,
        "an old state gave {outcome:?}"
    );
    ensure!(
        bytes_of(harness, &key).await?.as_ref() == b"two",
        "the object is gone"
    );
    delete.if_match = new;
    let outcome = harness.provider.delete(delete).await?;
    ensure!(
        outcome == DeleteOutcome::Deleted,
        "the current state gave {outcome:?}"
    );
    expect_missing(harness, &key).await
}

async fn delete_many_has_a_result_per_key(harness: &StorageHarness) -> Case {
    let mut keys = Vec::new();
    for name in ["one", "two & <three>", "vier ä"] {
        let key = key(harness, name)?;
        put(harness, &key, b"x").await?;
        keys.push(key);
    }
    keys.insert(1, key(harness, "never-was")?);
    // More than one request for any vendor whose limit is 1000.
    for n in 0..1_000 {
        keys.push(key(harness, &format!("filler-{n}"))?);
    }
    let results = harness
        .provider
        .delete_many(DeleteObjects::new(keys.clone()))
        .await?;
    let reported: Vec<_> = results.iter().map(|result| result.key.clone()).collect();
    ensure!(
        reported == keys,
        "{} results for {} keys, or another order",
        reported.len(),
        keys.len()
    );
    if let Some(failed) = results.iter().find(|result| result.result.is_err()) {
        return Err(CaseFailure::new(format!("not deleted: {failed:?}")));
    }
    for key in keys.iter().take(4) {
        expect_missing(harness, key).await?;
    }
    Ok(())
}
