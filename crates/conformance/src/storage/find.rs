//! Finding objects by listing.

use std::num::NonZeroU32;

use anyvendor_core::{
    storage::{ListObjects, StorageProviderExt},
    values::{KeyPrefix, ObjectKey, PageRequest},
};
use futures_util::TryStreamExt;

use super::steps::{key, put};
use crate::{
    harness::StorageHarness,
    report::{Case, CaseFailure, Report, ensure},
};

pub(super) async fn run(harness: &StorageHarness, report: &mut Report) {
    report
        .run("list_pages_through_all", list_pages_through_all(harness))
        .await;
    if harness.provider.capabilities().delimiter {
        report
            .run(
                "list_by_prefix_and_delimiter",
                list_by_prefix_and_delimiter(harness),
            )
            .await;
    }
    report
        .run("list_start_after", list_start_after(harness))
        .await;
}

/// Fills a new folder; the names are given in the order of their bytes.
async fn folder(harness: &StorageHarness, names: &[&str]) -> Result<ObjectKey, CaseFailure> {
    let folder = key(harness, "folder/")?;
    for name in names {
        put(
            harness,
            &ObjectKey::new(format!("{}{name}", folder.as_str()))?,
            b"x",
        )
        .await?;
    }
    Ok(folder)
}

async fn list_pages_through_all(harness: &StorageHarness) -> Case {
    let names = ["B", "a", "a b", "a+b", "a/c", "z", "é"];
    let folder = folder(harness, &names).await?;
    let two = NonZeroU32::MIN.saturating_add(1);
    let request = ListObjects::new()
        .with_prefix(KeyPrefix::new(folder.as_str())?)
        .with_page(PageRequest::default().with_limit(two));
    let first = harness.provider.list(request.clone()).await?;
    ensure!(
        first.objects.len() <= 2,
        "a page of two holds {}",
        first.objects.len()
    );
    let all: Vec<_> = harness.provider.objects(request).try_collect().await?;
    let listed: Vec<_> = all
        .iter()
        .filter_map(|object| object.key.strip_prefix(folder.as_str()))
        .collect();
    ensure!(listed == names, "listed {listed:?}");
    ensure!(
        all.iter().all(|object| object.size == 1),
        "the sizes are not all 1"
    );
    Ok(())
}

async fn list_by_prefix_and_delimiter(harness: &StorageHarness) -> Case {
    let folder = folder(harness, &["a", "deep/one", "deep/two", "deeper/three", "z"]).await?;
    let request = ListObjects::new()
        .with_prefix(KeyPrefix::new(folder.as_str())?)
        .with_delimiter('/');
    let page = harness.provider.list(request).await?;
    let strip = |key: &str| {
        key.strip_prefix(folder.as_str())
            .unwrap_or("elsewhere")
            .to_owned()
    };
    let objects: Vec<_> = page
        .objects
        .iter()
        .map(|object| strip(&object.key))
        .collect();
    let prefixes: Vec<_> = page.prefixes.iter().map(|prefix| strip(prefix)).collect();
    ensure!(objects == ["a", "z"], "objects {objects:?}");
    ensure!(prefixes == ["deep/", "deeper/"], "prefixes {prefixes:?}");
    Ok(())
}

async fn list_start_after(harness: &StorageHarness) -> Case {
    let folder = folder(harness, &["a", "b", "c"]).await?;
    let request = ListObjects::new()
        .with_prefix(KeyPrefix::new(folder.as_str())?)
        .with_start_after(ObjectKey::new(format!("{}a", folder.as_str()))?);
    let page = harness.provider.list(request).await?;
    let listed: Vec<_> = page
        .objects
        .iter()
        .filter_map(|object| object.key.strip_prefix(folder.as_str()))
        .collect();
    ensure!(listed == ["b", "c"], "listed {listed:?}");
    Ok(())
}
