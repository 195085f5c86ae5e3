//! Addresses beside AWS's endpoint tests, asked for through links, which send nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::{path::Path, time::Duration};

use anyvendor_adapter_s3::{Addressing, CredentialsConfig, S3, S3Config};
use anyvendor_core::{
    Error,
    storage::{Presign, StorageProvider},
    values::ObjectKey,
};
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Deserialize)]
struct File {
    #[serde(rename = "testCases")]
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    #[serde(default)]
    documentation: String,
    params: Map<String, Value>,
    expect: Value,
}

impl Case {
    fn text(&self, name: &str) -> Option<&str> {
        self.params.get(name).and_then(Value::as_str)
    }

    /// About a general-purpose bucket, and about nothing that our settings cannot say.
    fn concerns_us(&self) -> bool {
        const SAYABLE: [&str; 4] = ["Bucket", "Region", "Endpoint", "ForcePathStyle"];
        const OFF: [&str; 8] = [
            "Accelerate",
            "UseDualStack",
            "UseFIPS",
            "UseGlobalEndpoint",
            "UseObjectLambdaEndpoint",
            "UseS3ExpressControlEndpoint",
            "DisableAccessPoints",
            "DisableMultiRegionAccessPoints",
        ];
        let said = self.params.iter().all(|(name, value)| {
            SAYABLE.contains(&name.as_str()) || (OFF.contains(&name.as_str()) && value == false)
        });
        let plain = self.text("Bucket").is_some_and(|bucket| {
            !bucket.starts_with("arn:")
                && !["--x-s3", "--xa-s3", "--op-s3", "-s3alias"]
                    .iter()
                    .any(|mark| bucket.ends_with(mark))
        });
        said && plain && self.text("Region").is_some()
    }

    /// What we refuse on purpose although AWS's libraries let it pass.
    fn stricter(&self) -> bool {
        let bucket = self.text("Bucket").unwrap();
        bucket.len() < 3
            || bucket.contains(['#', ' ', '!'])
            || self.text("Region") == Some("aws-global")
            || self
                .text("Endpoint")
                .is_some_and(|endpoint| endpoint.ends_with("/foo"))
    }
}

/// The address of the key `k`, and the region that it is signed for.
async fn ours(case: &Case) -> Result<(String, String), Error> {
    let (bucket, region) = (case.text("Bucket").unwrap(), case.text("Region").unwrap());
    let mut config = S3Config::new(bucket, region, CredentialsConfig::fixed("id", "key"));
    config.endpoint = case.text("Endpoint").map(str::to_owned);
    if case.params.get("ForcePathStyle") == Some(&Value::Bool(true)) {
        config.addressing = Addressing::Path;
    }
    let link = Presign::get(ObjectKey::new("k").unwrap(), Duration::from_secs(60));
    let link = S3::new(config)?.presign(link).await?;
    let (address, query) = link.url.expose().split_once('?').unwrap();
    let (_, scope) = query.split_once("X-Amz-Credential=").unwrap();
    let region = scope.split("%2F").nth(2).unwrap();
    Ok((address.to_owned(), region.to_owned()))
}

#[tokio::test]
#[ignore = "needs ANYVENDOR_SPECS"]
async fn the_addresses_of_the_vendor() {
    let folder = std::env::var("ANYVENDOR_SPECS").expect("ANYVENDOR_SPECS names the folder");
    let file = Path::new(&folder).join("s3/endpoint-tests-1.json");
    let file: File = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let (mut equal, mut both_refuse, mut stricter) = (0, 0, 0);
    for case in file.cases.iter().filter(|case| case.concerns_us()) {
        let ours = ours(case).await;
        let name = &case.documentation;
        if case.expect.get("error").is_some() {
            assert!(ours.unwrap_err().field().is_some(), "{name}");
            both_refuse += 1;
        } else if case.stricter() {
            assert!(ours.unwrap_err().field().is_some(), "{name}");
            stricter += 1;
        } else {
            let theirs = case.expect.pointer("/endpoint/url").unwrap();
            let scope = "/endpoint/properties/authSchemes/0/signingRegion";
            let region = case.expect.pointer(scope).unwrap();
            let address = [theirs.as_str().unwrap(), "/k"].concat();
            assert_eq!(
                ours.unwrap(),
                (address, region.as_str().unwrap().to_owned()),
                "{name}"
            );
            equal += 1;
        }
    }
    eprintln!("{equal} equal, {both_refuse} refused by both, {stricter} refused by us alone");
    assert_eq!(file.cases.len(), 393);
    assert_eq!((equal, both_refuse, stricter), (28, 3, 12));
}

#[test]
fn the_alias_of_the_libraries_is_refused_with_a_remedy() {
    let config = S3Config::new("bucket", "aws-global", CredentialsConfig::Environment);
    let error = config.check().unwrap_err();
    assert_eq!(error.field(), Some("region"));
    assert!(error.to_string().contains("us-east-1"), "{error}");
}
