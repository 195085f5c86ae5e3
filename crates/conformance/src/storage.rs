//! The contract of `StorageProvider`.

mod find;
mod read;
mod steps;
mod write;

use crate::{harness::StorageHarness, report::Report};

/// Runs every case that the provider's capabilities call for.
pub async fn run(harness: &StorageHarness) -> Report {
    let mut report = Report::default();
    write::run(harness, &mut report).await;
    read::run(harness, &mut report).await;
    find::run(harness, &mut report).await;
    report
}
