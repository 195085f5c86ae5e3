//! Settings, and the URLs that they lead to, compared with those of AWS's own libraries.

use serde_json::Value;

use super::*;

fn url(bucket: &str, region: &str, endpoint: Option<&str>, addressing: Addressing) -> String {
    let mut config = S3Config::new(bucket, region, CredentialsConfig::Environment);
    config.endpoint = endpoint.map(str::to_owned);
    config.allow_private_addresses = true;
    config.addressing = addressing;
    config.bucket_url().unwrap().to_string()
}

#[test]
fn the_documented_addresses() {
    let auto = Addressing::Auto;
    assert_eq!(
        url("bucket-name", "us-west-2", None, auto),
        "https://bucket-name.s3.us-west-2.amazonaws.com/"
    );
    assert_eq!(
        url("bucket-name", "cn-north-1", None, auto),
        "https://bucket-name.s3.cn-north-1.amazonaws.com.cn/"
    );
    assert_eq!(
        url("bucket.name", "us-east-1", None, auto),
        "https://s3.us-east-1.amazonaws.com/bucket.name/"
    );
    assert_eq!(
        url("Bucket_1", "us-east-1", None, auto),
        "https://s3.us-east-1.amazonaws.com/Bucket_1/"
    );
    assert_eq!(
        url("bucket", "auto", Some("https://foo.com"), auto),
        "https://bucket.foo.com/"
    );
    assert_eq!(
        url("bucket.name", "auto", Some("http://example.com"), auto),
        "http://bucket.name.example.com/"
    );
    assert_eq!(
        url("bucket", "auto", Some("http://127.0.0.1:9000"), auto),
        "http://127.0.0.1:9000/bucket/"
    );
    assert_eq!(
        url("bucket", "auto", Some("https://foo.com"), Addressing::Path),
        "https://foo.com/bucket/"
    );
}

#[test]
fn bad_settings_are_named() {
    let good = S3Config::new("bucket", "us-east-1", CredentialsConfig::Environment);
    let field = |config: S3Config| config.check().unwrap_err().field();
    assert_eq!(
        field(S3Config {
            bucket: "a/b".into(),
            ..good.clone()
        }),
        Some("bucket")
    );
    assert_eq!(
        field(S3Config {
            region: String::new(),
            ..good.clone()
        }),
        Some("region")
    );
    assert_eq!(
        field(S3Config {
            region: "aws-global".into(),
            ..good.clone()
        }),
        Some("region")
    );
    assert_eq!(
        field(S3Config {
            part_size: 1,
            ..good.clone()
        }),
        Some("part_size")
    );
    assert_eq!(
        field(S3Config {
            endpoint: Some("https://x.example/a".into()),
            ..good
        }),
        Some("endpoint")
    );
}

/// What a case asks for that we do not offer: other kinds of buckets and of addresses.
fn is_elsewhere(params: &Value) -> bool {
    let bucket = params["Bucket"].as_str().unwrap_or_default();
    let on = |name: &str| params[name].as_bool() == Some(true);
    let express_or_outpost = ["--x-s3", "--xa-s3", "--op-s3"];
    bucket.is_empty()
        || bucket.starts_with("arn:")
        || express_or_outpost.iter().any(|end| bucket.ends_with(end))
        || params["Region"] == "aws-global"
        || on("UseFIPS")
        || on("UseDualStack")
        || on("Accelerate")
        || on("UseGlobalEndpoint")
        || on("UseS3ExpressControlEndpoint")
}

#[test]
#[ignore = "needs ANYVENDOR_SPECS"]
fn addresses_are_those_of_the_endpoint_tests() {
    let folder = std::env::var("ANYVENDOR_SPECS").unwrap();
    let file = std::path::Path::new(&folder).join("s3/endpoint-tests-1.json");
    let tests: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let (mut equal, mut refused, mut stricter) = (0, 0, Vec::new());
    for case in tests["testCases"].as_array().unwrap() {
        let params = &case["params"];
        if is_elsewhere(params) {
            continue;
        }
        let text = |name: &str| params[name].as_str().unwrap_or_default().to_owned();
        let credentials = CredentialsConfig::Environment;
        let mut config = S3Config::new(text("Bucket"), text("Region"), credentials);
        config.endpoint = params["Endpoint"].as_str().map(str::to_owned);
        config.allow_private_addresses = true;
        if params["ForcePathStyle"] == true {
            config.addressing = Addressing::Path;
        }
        let expected = case["expect"]["endpoint"]["url"].as_str();
        match (config.check(), expected) {
            (Ok(()), Some(expected)) => {
                let url = config.bucket_url().unwrap();
                assert_eq!(url.as_str().trim_end_matches('/'), expected, "{case}");
                equal += 1;
            }
            (Ok(()), None) => panic!("ours is no error: {case}"),
            (Err(_), None) => refused += 1,
            (Err(error), Some(_)) => stricter.push((error.field(), text("Bucket"))),
        }
    }
    assert_eq!((equal, refused), (28, 4));
    // No bucket can be made under such names any more, and an endpoint with a path is no store that we know.
    let known = [
        (Some("bucket"), "example.com#"),
        (Some("bucket"), "bucket name"),
        (Some("endpoint"), "bucketname"),
        (Some("bucket"), "aa"),
    ];
    assert_eq!(
        stricter,
        known.map(|(field, name)| (field, name.to_owned()))
    );
}

#[test]
fn sf11_in_sandbox_mode_the_bucket_is_not_at_aws() {
    for (endpoint, allowed) in [
        (None, false),
        (Some("https://s3.eu-central-1.amazonaws.com"), false),
        (Some("https://s3.cn-north-1.amazonaws.com.cn"), false),
        (Some("http://127.0.0.1:9000"), true),
        (Some("https://store.example.com"), true),
    ] {
        let credentials = CredentialsConfig::fixed("id", "key");
        let mut config = S3Config::new("receipts", "eu-central-1", credentials);
        config.endpoint = endpoint.map(str::to_owned);
        let result = config.apply_mode(Mode::Sandbox);
        let field = result.as_ref().err().and_then(Error::field);
        assert_eq!(field, (!allowed).then_some("endpoint"), "{endpoint:?}");
        assert!(config.apply_mode(Mode::Live).is_ok());
        config.real_vendor = true;
        assert!(config.apply_mode(Mode::Sandbox).is_ok());
    }
}
