//! Reading: whole, in part, under conditions, and by link.

use std::time::Duration;

use anyvendor_core::{
    Kind,
    storage::{
        ByteRange, ETag, GetObject, GetOutcome, GetRange, HeadObject, Presign, ReadCondition,
        collect,
    },
};
use bytes::Bytes;

use super::steps::{bytes_of, key, put};
use crate::{
    harness::StorageHarness,
    report::{Case, CaseFailure, Report, ensure, expect_kind, expect_refused_unsent, take},
};

pub(super) async fn run(harness: &StorageHarness, report: &mut Report) {
    let capabilities = harness.provider.capabilities();
    report.run("get_missing", get_missing(harness)).await;
    if capabilities.condition.read {
        report
            .run("get_if_none_match", get_if_none_match(harness))
            .await;
        report.run("get_if_match", get_if_match(harness)).await;
    }
    if capabilities.ranges {
        report
            .run("get_range_forms", get_range_forms(harness))
            .await;
        report
            .run("get_range_past_the_end", get_range_past_the_end(harness))
            .await;
    } else {
        let case = async {
            let request = GetRange::new(key(harness, "x")?, ByteRange::From(1));
            expect_refused_unsent(
                harness.provider.get_range(request).await,
                &[Kind::Unsupported],
            )
        };
        report.run("get_range_is_unsupported", case).await;
    }
    report
        .run("head_says_what_get_says", head_says_what_get_says(harness))
        .await;
    report.run("head_missing", head_missing(harness)).await;
    let presign = capabilities.presign;
    if presign.get {
        if harness.fetch.is_some() {
            report
                .run("presign_get_reads", presign_get_reads(harness))
                .await;
        }
        if let Some(max) = presign.max_seconds {
            let case = presign_too_long_is_refused(harness, max.get());
            report.run("presign_too_long_is_refused", case).await;
        }
    } else {
        let case = async {
            let request = Presign::get(key(harness, "x")?, Duration::from_secs(60));
            expect_refused_unsent(
                harness.provider.presign(request).await,
                &[Kind::Unsupported],
            )
        };
        report.run("presign_is_unsupported", case).await;
    }
    if presign.put && harness.fetch.is_some() {
        report
            .run("presign_put_writes", presign_put_writes(harness))
            .await;
    }
}

async fn get_missing(harness: &StorageHarness) -> Case {
    let request = GetObject::new(key(harness, "never-was")?);
    expect_kind(harness.provider.get(request).await, &[Kind::NotFound])?;
    Ok(())
}

async fn etag_of_new(
    harness: &StorageHarness,
    key: &anyvendor_core::values::ObjectKey,
) -> Result<ETag, CaseFailure> {
    Ok(take!(put(harness, key, b"state").await?.etag, Some(etag) => etag))
}

async fn get_if_none_match(harness: &StorageHarness) -> Case {
    let key = key(harness, "cached")?;
    let etag = etag_of_new(harness, &key).await?;
    let request =
        GetObject::new(key.clone()).with_condition(ReadCondition::if_none_match(etag.clone()));
    take!(harness.provider.get(request.clone()).await?, GetOutcome::NotModified => ());
    put(harness, &key, b"another state").await?;
    take!(harness.provider.get(request).await?, GetOutcome::Found(_) => ());
    Ok(())
}

async fn get_if_match(harness: &StorageHarness) -> Case {
    let key = key(harness, "pinned")?;
    let etag = etag_of_new(harness, &key).await?;
    let request = GetObject::new(key.clone()).with_condition(ReadCondition::if_match(etag));
    take!(harness.provider.get(request.clone()).await?, GetOutcome::Found(_) => ());
    put(harness, &key, b"another state").await?;
    take!(harness.provider.get(request).await?, GetOutcome::ConditionNotMet => ());
    Ok(())
}

async fn get_range_forms(harness: &StorageHarness) -> Case {
    let key = key(harness, "alphabet")?;
    put(harness, &key, b"abcdefghij").await?;
    let forms: [(ByteRange, &[u8], std::ops::Range<u64>); 5] = [
        (ByteRange::From(7), b"hij", 7..10),
        (ByteRange::Between { start: 2, end: 5 }, b"cde", 2..5),
        (ByteRange::Between { start: 8, end: 99 }, b"ij", 8..10),
        (ByteRange::Last(4), b"ghij", 6..10),
        (ByteRange::Last(99), b"abcdefghij", 0..10),
    ];
    for (range, bytes, place) in forms {
        let outcome = harness
            .provider
            .get_range(GetRange::new(key.clone(), range))
            .await?;
        let object = take!(outcome, GetOutcome::Found(object) => object);
        ensure!(
            object.range == place,
            "{range:?} lies at {:?}",
            object.range
        );
        ensure!(
            object.info.size == 10,
            "{range:?} is of {} bytes",
            object.info.size
        );
        let got = collect(object, 100).await?;
        ensure!(got.as_ref() == bytes, "{range:?} gave {got:?}");
    }
    Ok(())
}

async fn get_range_past_the_end(harness: &StorageHarness) -> Case {
    let key = key(harness, "short")?;
    put(harness, &key, b"abc").await?;
    let ranges = [
        ByteRange::From(3),
        ByteRange::Between { start: 1, end: 1 },
        ByteRange::Last(0),
    ];
    for range in ranges {
        let request = GetRange::new(key.clone(), range);
        expect_kind(
            harness.provider.get_range(request).await,
            &[Kind::InvalidRequest],
        )?;
    }
    Ok(())
}

async fn head_says_what_get_says(harness: &StorageHarness) -> Case {
    let key = key(harness, "told")?;
    put(harness, &key, b"some bytes").await?;
    let head = harness.provider.head(HeadObject::new(key.clone())).await?;
    let object = harness
        .provider
        .get(GetObject::new(key))
        .await?
        .into_object()?;
    ensure!(head.size == 10, "size is {}", head.size);
    ensure!(head == object.info, "head {head:?}, get {:?}", object.info);
    Ok(())
}

async fn head_missing(harness: &StorageHarness) -> Case {
    let request = HeadObject::new(key(harness, "never-was")?);
    expect_kind(harness.provider.head(request).await, &[Kind::NotFound])?;
    Ok(())
}

async fn presign_get_reads(harness: &StorageHarness) -> Case {
    let Some(fetch) = &harness.fetch else {
        return Err(CaseFailure::new("the harness has no `fetch`"));
    };
    let key = key(harness, "shared ä+&.txt")?;
    put(harness, &key, b"for anybody").await?;
    let request = Presign::get(key, Duration::from_secs(300)).with_content_disposition("inline");
    let link = harness.provider.presign(request).await?;
    let (status, body) = fetch.get(link.url.expose(), &link.headers).await;
    ensure!(
        status == 200 && body.as_ref() == b"for anybody",
        "status {status}, {} bytes",
        body.len()
    );
    let forged = link.url.expose().replace("shared", "sharee");
    let (status, _) = fetch.get(&forged, &link.headers).await;
    ensure!(
        (400..500).contains(&status),
        "a link changed by hand gets the status {status}"
    );
    Ok(())
}

async fn presign_put_writes(harness: &StorageHarness) -> Case {
    let Some(fetch) = &harness.fetch else {
        return Err(CaseFailure::new("the harness has no `fetch`"));
    };
    let key = key(harness, "dropped.txt")?;
    let request =
        Presign::put(key.clone(), Duration::from_secs(300)).with_content_type("text/plain");
    let link = harness.provider.presign(request).await?;
    let status = fetch
        .put(
            link.url.expose(),
            &link.headers,
            Bytes::from_static(b"from anybody"),
        )
        .await;
    ensure!(status == 200, "status {status}");
    ensure!(
        bytes_of(harness, &key).await?.as_ref() == b"from anybody",
        "other bytes came back"
    );
    Ok(())
}

async fn presign_too_long_is_refused(harness: &StorageHarness, max: u32) -> Case {
    for seconds in [0, u64::from(max) + 1] {
        let request = Presign::get(key(harness, "x")?, Duration::from_secs(seconds));
        expect_refused_unsent(
            harness.provider.presign(request).await,
            &[Kind::InvalidRequest],
        )?;
    }
    Ok(())
}
