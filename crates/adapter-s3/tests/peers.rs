//! The contract of `StorageProvider`, kept by this adapter over a server that others wrote.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::{env, sync::Arc};

use anyvendor_adapter_s3::{CredentialsConfig, S3Config};
use anyvendor_conformance::{StorageHarness, storage};
use support::{PART, Stranger, build};

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("set {name}: see CONTRIBUTING.md"))
}

#[tokio::test]
#[ignore = "needs ANYVENDOR_S3_PEER: the address of another's S3 server, with ANYVENDOR_S3_PEER_NAME, _BUCKET, _REGION, _ACCESS_KEY and _SECRET_KEY"]
async fn keeps_the_contract_over_anothers_server() {
    let endpoint = variable("ANYVENDOR_S3_PEER");
    let name = variable("ANYVENDOR_S3_PEER_NAME");
    let credentials = CredentialsConfig::fixed(
        variable("ANYVENDOR_S3_PEER_ACCESS_KEY"),
        variable("ANYVENDOR_S3_PEER_SECRET_KEY"),
    );
    let config = S3Config::new(
        variable("ANYVENDOR_S3_PEER_BUCKET"),
        variable("ANYVENDOR_S3_PEER_REGION"),
        credentials,
    )
    .with_local_endpoint(endpoint)
    .with_part_size(PART as u64);
    let harness = StorageHarness {
        provider: Arc::new(build(config)),
        prefix: format!("suite-{}/", uuid::Uuid::new_v4()),
        part_size: PART,
        fetch: Some(Arc::new(Stranger::of_any_server())),
    };
    let report = storage::run(&harness).await;
    report.assert_passed(30);
    println!("{name}: all {} cases pass", report.cases.len());
}
