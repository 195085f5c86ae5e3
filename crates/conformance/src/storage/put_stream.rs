//! Writing a stream: small and large, under a condition, failing, and of a wrong length.

use anyvendor_core::{
    Error, Kind,
    storage::{ContentHeaders, HeadObject, PutOutcome, PutStream, WriteCondition},
};
use futures_util::{StreamExt, stream};

use super::steps::{bytes_of, expect_missing, key, pattern, put, stream_of};
use crate::{
    harness::StorageHarness,
    report::{Case, Report, ensure, expect_kind, take},
};

pub(super) async fn run(harness: &StorageHarness, report: &mut Report) {
    let capabilities = harness.provider.capabilities();
    if capabilities.condition.write_if_absent {
        report
            .run("put_stream_if_absent", put_stream_if_absent(harness))
            .await;
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

async fn put_stream_failing_leaves_nothing(harness: &StorageHarness) -> Case {
    for length in [100, harness.part_size * 2] {
        let key = key(harness, "failing")?;
        let good = stream_of(&pattern(length), 50_000);
        let bad = stream::iter([Err(Error::unsent(Kind::Other, "the source broke"))]);
        let request = PutStream::new(key.clone(), good.chain(bad).boxed());
        expect_kind(harness.provider.put_stream(request).await, &[Kind::Other])?;
        expect_missing(harness, &key).await?;
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
            expect_missing(harness, &key).await?;
        }
    }
    Ok(())
}
