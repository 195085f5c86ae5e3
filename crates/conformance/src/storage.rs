//! The contract of `StorageProvider`.

mod copy;
mod delete;
mod find;
mod put;
mod put_stream;
mod read;
mod steps;

use crate::{harness::StorageHarness, report::Report};

/// Runs every case that the provider's capabilities call for.
pub async fn run(harness: &StorageHarness) -> Report {
    let mut report = Report::default();
    put::run(harness, &mut report).await;
    put_stream::run(harness, &mut report).await;
    delete::run(harness, &mut report).await;
    copy::run(harness, &mut report).await;
    read::run(harness, &mut report).await;
    find::run(harness, &mut report).await;
    report
}
