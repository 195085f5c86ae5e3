//! Writing: whole, streamed, under conditions, copied, deleted.

use anyvendor_core::{
    Error, Kind,
    storage::{
        ContentHeaders, CopyMetadata, CopyObject, DeleteObject, DeleteObjects, DeleteOutcome, ETag,
        HeadObject, ListObjects, PutObject, PutOutcome, PutStream, WriteCondition,
    },
    values::{KeyPrefix, Metadata, ObjectKey},
};
use bytes::Bytes;
use futures_util::{StreamExt, stream};

use super::steps::{bytes_of, key, pattern, put, stream_of};
use crate::{
    harness::StorageHarness,
    report::{Case, CaseFailure, Report, ensure, expect_kind, expect_refused_unsent, take},
};

pub(super) async fn run(harness: &StorageHarness, report: &mut Report) {
    let capabilities = harness.provider.capabilities();
    report.run("put_then_get", put_then_get(harness)).await;
    report.run("put_empty", put_empty(harness)).await;
    report.run("put_overwrites", put_overwrites(harness)).await;
    report.run("put_odd_keys", put_odd_keys(harness)).await;
    if capabilities.condition.write_if_absent {
        report.run("put_if_absent", put_if_absent(harness)).await;
        report
            .run("put_stream_if_absent", put_stream_if_absent(harness))
            .await;
    } else {
        let case = condition_is_unsupported(harness, WriteCondition::IfAbsent);
        report.run("put_if_absent_is_unsupported", case).await;
    }
    if capabilities.condition.write_if_match {
        report.run("put_if_match", put_if_match(harness)).await;
    } else {
        let case = async {
            condition_is_unsupported(harness, WriteCondition::IfMatch(ETag::new("\"state\"")?))
                .await
        };
        report.run("put_if_match_is_unsupported", case).await;
    }
    report
        .run("put_stream_small", put_stream_small(harness))
        .await;
    report
        .run("put_stream_large", put_stream_large(harness))
        .await;
    report
        .run(
            "put_stream_failing_leaves_nothing",
            put_stream_failing_leaves_nothing(harness),
        )
        .await;
    report
        .run(
            "put_stream_of_wrong_length",
            put_stream_of_wrong_length(harness),
        )
        .await;
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
    if capabilities.copy {
        report
            .run(
                "copy_keeps_bytes_and_metadata",
                copy_keeps_bytes_and_metadata(harness),
            )
            .await;
        report
            .run("copy_replaces_metadata", copy_replaces_metadata(harness))
            .await;
        report.run("copy_missing", copy_missing(harness)).await;
    } else {
        let case = async {
            let request = CopyObject::new(key(harness, "a")?, key(harness, "b")?);
            expect_refused_unsent(harness.provider.copy(request).await, &[Kind::Unsupported])
        };
        report.run("copy_is_unsupported", case).await;
    }
}

async fn put_then_get(harness: &StorageHarness) -> Case {
    let key = key(harness, "note.txt")?;
    let stored = put(harness, &key, b"some bytes").await?;
    ensure!(
        bytes_of(harness, &key).await?.as_ref() == b"some bytes",
        "other bytes came back"
    );
    let info = harness.provider.head(HeadObject::new(key)).await?;
    ensure!(
        info.etag == stored.etag,
        "stored {:?}, found {:?}",
        stored.etag,
        info.etag
    );
    ensure!(
        info.content.content_type.as_deref() == Some("text/plain"),
        "type {:?}",
        info.content.content_type
    );
    if harness.provider.capabilities().metadata {
        ensure!(
            info.metadata.get("colour") == Some("blue"),
            "metadata {:?}",
            info.metadata
        );
    }
    Ok(())
}

async fn put_empty(harness: &StorageHarness) -> Case {
    let key = key(harness, "empty")?;
    put(harness, &key, b"").await?;
    ensure!(bytes_of(harness, &key).await?.is_empty(), "bytes came back");
    Ok(())
}

async fn put_overwrites(harness: &StorageHarness) -> Case {
    let key = key(harness, "twice")?;
    let first = put(harness, &key, b"one").await?;
    let second = put(harness, &key, b"two").await?;
    ensure!(
        first.etag != second.etag,
        "both states have the etag {:?}",
        first.etag
    );
    ensure!(
        bytes_of(harness, &key).await?.as_ref() == b"two",
        "the first bytes came back"
    );
    Ok(())
}

async fn put_odd_keys(harness: &StorageHarness) -> Case {
    let long = "x".repeat(200);
    let names = [
        "a b",
        "a+b",
        "a%20b",
        "a//b",
        "é",
        "e\u{301}",
        ".hidden",
        "folder/",
        "~tilde",
        "quo'te\"s",
        "a&b=c?d#e",
        "日本",
        "semi;colon",
        "(brackets)[square]{curly}",
        "*!",
        long.as_str(),
    ];
    for name in names {
        let key = key(harness, name)?;
        put(harness, &key, name.as_bytes()).await?;
        let back = bytes_of(harness, &key).await?;
        ensure!(
            back.as_ref() == name.as_bytes(),
            "under {name:?} lies something else"
        );
        let page = harness
            .provider
            .list(ListObjects::new().with_prefix(KeyPrefix::new(key.as_str())?))
            .await?;
        let listed: Vec<_> = page
            .objects
            .iter()
            .map(|object| object.key.as_str())
            .collect();
        ensure!(
            listed.contains(&key.as_str()),
            "{name:?} is listed as {listed:?}"
        );
    }
    Ok(())
}

async fn put_if_absent(harness: &StorageHarness) -> Case {
    let key = key(harness, "once")?;
    let request = |body: &'static [u8]| {
        PutObject::new(key.clone(), Bytes::from_static(body))
            .with_condition(WriteCondition::IfAbsent)
    };
    take!(harness.provider.put(request(b"first")).await?, PutOutcome::Stored(_) => ());
    take!(harness.provider.put(request(b"second")).await?, PutOutcome::ConditionNotMet => ());
    ensure!(
        bytes_of(harness, &key).await?.as_ref() == b"first",
        "the second write went through"
    );
    Ok(())
}

async fn put_stream_if_absent(harness: &StorageHarness) -> Case {
    let key = key(harness, "once-streamed")?;
    put(harness, &key, b"first").await?;
    for length in [10, harness.part_size + 1] {
        let body = pattern(length);
        let request = PutStream::new(key.clone(), stream_of(&body, 60_000))
            .with_condition(WriteCondition::IfAbsent);
        take!(harness.provider.put_stream(request).await?, PutOutcome::ConditionNotMet => ());
    }
    ensure!(
        bytes_of(harness, &key).await?.as_ref() == b"first",
        "the second write went through"
    );
    Ok(())
}

async fn put_if_match(harness: &StorageHarness) -> Case {
    let key = key(harness, "state")?;
    let first = take!(put(harness, &key, b"one").await?.etag, Some(etag) => etag);
    let request = |body: &'static [u8]| {
        PutObject::new(key.clone(), Bytes::from_static(body))
            .with_condition(WriteCondition::IfMatch(first.clone()))
    };
    take!(harness.provider.put(request(b"two")).await?, PutOutcome::Stored(_) => ());
    take!(harness.provider.put(request(b"three")).await?, PutOutcome::ConditionNotMet => ());
    ensure!(
        bytes_of(harness, &key).await?.as_ref() == b"two",
        "a write from an old state went through"
    );
    Ok(())
}

async fn condition_is_unsupported(harness: &StorageHarness, condition: WriteCondition) -> Case {
    let request = PutObject::new(key(harness, "state")?, Bytes::new()).with_condition(condition);
    expect_refused_unsent(harness.provider.put(request).await, &[Kind::Unsupported])
}

async fn put_stream_small(harness: &StorageHarness) -> Case {
    for length in [0, 1, 5_000] {
        let key = key(harness, "small")?;
        let body = pattern(length);
        let request = PutStream::new(key.clone(), stream_of(&body, 1_000));
        take!(harness.provider.put_stream(request).await?, PutOutcome::Stored(_) => ());
        ensure!(
            bytes_of(harness, &key).await? == body,
            "other bytes came back of {length}"
        );
    }
    Ok(())
}

async fn put_stream_large(harness: &StorageHarness) -> Case {
    let body = pattern(harness.part_size * 2 + 12_345);
    for length in [None, Some(body.len() as u64)] {
        let key = key(harness, "large")?;
        let mut request = PutStream::new(key.clone(), stream_of(&body, 70_001))
            .with_content(ContentHeaders::of_type("application/octet-stream"));
        request.length = length;
        take!(harness.provider.put_stream(request).await?, PutOutcome::Stored(_) => ());
        ensure!(
            bytes_of(harness, &key).await? == body,
            "other bytes came back"
        );
        let info = harness.provider.head(HeadObject::new(key)).await?;
        ensure!(info.size == body.len() as u64, "size is {}", info.size);
        ensure!(
            info.content.content_type.as_deref() == Some("application/octet-stream"),
            "type is {:?}",
            info.content.content_type
        );
    }
    Ok(())
}

async fn missing(harness: &StorageHarness, key: &ObjectKey) -> Case {
    expect_kind(
        harness.provider.head(HeadObject::new(key.clone())).await,
        &[Kind::NotFound],
    )?;
    Ok(())
}

async fn put_stream_failing_leaves_nothing(harness: &StorageHarness) -> Case {
    for length in [100, harness.part_size * 2] {
        let key = key(harness, "failing")?;
        let good = stream_of(&pattern(length), 50_000);
        let bad = stream::iter([Err(Error::new(Kind::Other, "the source broke"))]);
        let request = PutStream::new(key.clone(), good.chain(bad).boxed());
        expect_kind(harness.provider.put_stream(request).await, &[Kind::Other])?;
        missing(harness, &key).await?;
    }
    Ok(())
}

async fn put_stream_of_wrong_length(harness: &StorageHarness) -> Case {
    for length in [100, harness.part_size * 2] {
        for announced in [length as u64 - 1, length as u64 + 1] {
            let key = key(harness, "wrong")?;
            let body = pattern(length);
            let request =
                PutStream::new(key.clone(), stream_of(&body, 50_000)).with_length(announced);
            expect_kind(
                harness.provider.put_stream(request).await,
                &[Kind::InvalidRequest],
            )?;
            missing(harness, &key).await?;
        }
    }
    Ok(())
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
    missing(harness, &key).await
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
    missing(harness, &key).await
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
    let told: Vec<_> = results.iter().map(|result| result.key.clone()).collect();
    ensure!(
        told == keys,
        "{} results for {} keys, or another order",
        told.len(),
        keys.len()
    );
    if let Some(failed) = results.iter().find(|result| result.result.is_err()) {
        return Err(CaseFailure::new(format!("not deleted: {failed:?}")));
    }
    for key in keys.iter().take(4) {
        missing(harness, key).await?;
    }
    Ok(())
}

async fn copy_keeps_bytes_and_metadata(harness: &StorageHarness) -> Case {
    let (from, to) = (key(harness, "from ä+b")?, key(harness, "to")?);
    put(harness, &from, b"copied").await?;
    take!(harness.provider.copy(CopyObject::new(from, to.clone())).await?, PutOutcome::Stored(_) => ());
    ensure!(
        bytes_of(harness, &to).await?.as_ref() == b"copied",
        "other bytes came back"
    );
    let info = harness.provider.head(HeadObject::new(to)).await?;
    ensure!(
        info.metadata.get("colour") == Some("blue"),
        "metadata {:?}",
        info.metadata
    );
    ensure!(
        info.content.content_type.as_deref() == Some("text/plain"),
        "type {:?}",
        info.content.content_type
    );
    Ok(())
}

async fn copy_replaces_metadata(harness: &StorageHarness) -> Case {
    let (from, to) = (key(harness, "from")?, key(harness, "to")?);
    put(harness, &from, b"copied").await?;
    let mut metadata = Metadata::default();
    metadata.insert("shape", "round")?;
    let replace = CopyMetadata::Replace {
        content: ContentHeaders::of_type("text/html"),
        metadata,
    };
    let request = CopyObject::new(from, to.clone()).with_metadata(replace);
    take!(harness.provider.copy(request).await?, PutOutcome::Stored(_) => ());
    let info = harness.provider.head(HeadObject::new(to)).await?;
    ensure!(
        info.metadata.get("shape") == Some("round"),
        "metadata {:?}",
        info.metadata
    );
    ensure!(
        info.metadata.get("colour").is_none(),
        "metadata {:?}",
        info.metadata
    );
    ensure!(
        info.content.content_type.as_deref() == Some("text/html"),
        "type {:?}",
        info.content.content_type
    );
    Ok(())
}

async fn copy_missing(harness: &StorageHarness) -> Case {
    let request = CopyObject::new(key(harness, "never-was")?, key(harness, "to")?);
    expect_kind(harness.provider.copy(request).await, &[Kind::NotFound])?;
    Ok(())
}
