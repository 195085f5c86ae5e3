//! The contract of `StorageProvider`, kept by this adapter over a third-party server.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;
mod support;

use std::{collections::BTreeMap, env, sync::Arc};

use anyvendor_adapter_s3::{CredentialsConfig, S3Config};
use anyvendor_conformance::{StorageHarness, storage};
use anyvendor_core::{Kind, storage::StorageProviderExt};
use harness::{PART, PlainClient, build};

/// The cases of the suite.
const CASES: usize = 30;

/// A known difference of a server: the case, a part of its failure, and the reason.
type Difference = (&'static str, &'static str, &'static str);

/// moto checks signatures only with its access control on, and that reads them from the header alone.
const MOTO_SIGNED: &[Difference] = &[
    (
        "presign_get_reads",
        "status 500",
        "it looks for an Authorization header, which a link does not have",
    ),
    (
        "presign_put_writes",
        "status 500",
        "it looks for an Authorization header, which a link does not have",
    ),
];

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("set {name}: see CONTRIBUTING.md"))
}

fn config(secret: &str) -> S3Config {
    let credentials = CredentialsConfig::fixed(variable("ANYVENDOR_S3_INTEROP_ACCESS_KEY"), secret);
    S3Config::new(
        variable("ANYVENDOR_S3_INTEROP_BUCKET"),
        variable("ANYVENDOR_S3_INTEROP_REGION"),
        credentials,
    )
    .with_local_endpoint(variable("ANYVENDOR_S3_INTEROP"))
    .with_part_size(PART as u64)
}

#[tokio::test]
#[ignore = "needs ANYVENDOR_S3_INTEROP: the address of a third-party S3 server, with ANYVENDOR_S3_INTEROP_NAME, _BUCKET, _REGION, _ACCESS_KEY and _SECRET_KEY"]
async fn keeps_the_contract_over_a_third_party_server() {
    let name = variable("ANYVENDOR_S3_INTEROP_NAME");
    let (signed, differences) = match name.as_str() {
        "moto" => (false, &[] as &[Difference]),
        "moto-signed" => (true, MOTO_SIGNED),
        _ => (true, &[] as &[Difference]),
    };
    if signed {
        let error = build(config("not the secret"))
            .get_bytes(&support::key("any"), 1)
            .await
            .expect_err("the server takes any signature");
        assert_eq!(*error.kind(), Kind::Unauthenticated, "{error}");
    }
    let harness = StorageHarness {
        provider: Arc::new(build(config(&variable("ANYVENDOR_S3_INTEROP_SECRET_KEY")))),
        prefix: format!("suite-{}/", uuid::Uuid::new_v4()),
        part_size: PART,
        fetch: Some(Arc::new(PlainClient::of_any_server())),
    };
    let report = storage::run(&harness).await;

    assert_eq!(report.cases.len(), CASES, "the suite ran other cases");
    let failed: BTreeMap<_, _> = report
        .failures()
        .filter_map(|case| Some((case.name, case.failure.as_ref()?.to_string())))
        .collect();
    let mut wrong = Vec::new();
    for (case, how) in &failed {
        match differences.iter().find(|(known, ..)| known == case) {
            Some((_, piece, why)) if how.contains(piece) => {
                println!("{name}: {case} differs: {why}")
            }
            _ => wrong.push(format!("{case}: {how}")),
        }
    }
    for (case, ..) in differences {
        if !failed.contains_key(case) {
            wrong.push(format!("{case}: passes now; take it from the list"));
        }
    }
    assert!(wrong.is_empty(), "over {name}:\n{}", wrong.join("\n"));
    println!(
        "{name}: {} of {CASES} cases pass, {} differ as known",
        CASES - failed.len(),
        failed.len()
    );
}
