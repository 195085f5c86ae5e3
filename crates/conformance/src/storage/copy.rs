//! Copying inside the store.

use anyvendor_core::{
    Kind,
    storage::{ContentHeaders, CopyMetadata, CopyObject, HeadObject, PutOutcome},
    values::Metadata,
};

use super::steps::{bytes_of, key, put};
use crate::{
    harness::StorageHarness,
    report::{Case, Report, ensure, expect_kind, expect_refused_unsent, take},
};

pub(super) async fn run(harness: &StorageHarness, report: &mut Report) {
    let capabilities = harness.provider.capabilities();
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
