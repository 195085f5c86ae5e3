//! Writing in one request: bytes, keys and conditions.

use anyvendor_core::{
    Kind,
    storage::{ETag, HeadObject, ListObjects, PutObject, PutOutcome, WriteCondition},
    values::KeyPrefix,
};
use bytes::Bytes;

use super::steps::{bytes_of, key, put};
use crate::{
    harness::StorageHarness,
    report::{Case, Report, ensure, expect_refused_unsent, take},
};

pub(super) async fn run(harness: &StorageHarness, report: &mut Report) {
    let capabilities = harness.provider.capabilities();
    report.run("put_then_get", put_then_get(harness)).await;
    report.run("put_empty", put_empty(harness)).await;
    report.run("put_overwrites", put_overwrites(harness)).await;
    report.run("put_odd_keys", put_odd_keys(harness)).await;
    if capabilities.condition.write_if_absent {
        report.run("put_if_absent", put_if_absent(harness)).await;
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
    ensure!(
        bytes_of(harness, &key).await?.is_empty(),
        "the object is not empty"
    );
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
            "{name:?} contains something else"
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
