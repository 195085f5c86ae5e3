//! The contract of `StorageProvider`, kept by this adapter over the sandbox.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

use std::sync::Arc;

use anyvendor_adapter_s3::S3Config;
use anyvendor_conformance::storage;
use anyvendor_sandbox::Sandbox;
use harness::{build, harness};

async fn keeps_the_contract(config: impl Fn(&Sandbox) -> S3Config) {
    let sandbox = Sandbox::start().await.unwrap();
    let provider = Arc::new(build(config(&sandbox)));
    let harness = harness(provider, &sandbox);
    storage::run(&harness).await.assert_passed(30);
    assert_eq!(sandbox.s3().open_uploads(), 0, "an upload was left open");
    sandbox.shutdown().await;
}

#[tokio::test]
async fn keeps_the_contract_with_the_bucket_in_the_path() {
    keeps_the_contract(harness::config).await;
}

#[tokio::test]
async fn keeps_the_contract_with_the_bucket_in_the_host() {
    keeps_the_contract(harness::virtual_config).await;
}
