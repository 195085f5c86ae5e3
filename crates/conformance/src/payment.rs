//! The contract of `PaymentProvider`.

mod confirm;
mod create;
mod find;
mod follow_up;
mod keys;
mod limits;
mod source;
mod steps;

use crate::{harness::PaymentHarness, report::Report};

/// Runs every case that the provider's capabilities call for.
pub async fn run(harness: &PaymentHarness) -> Report {
    let mut report = Report::default();
    create::run(harness, &mut report).await;
    confirm::run(harness, &mut report).await;
    follow_up::run(harness, &mut report).await;
    keys::run(harness, &mut report).await;
    limits::run(harness, &mut report).await;
    find::run(harness, &mut report).await;
    source::run(harness, &mut report).await;
    report
}
