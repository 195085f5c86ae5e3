//! The three services, scripted.

use std::{collections::VecDeque, sync::Mutex};

use anyvendor_http::ManualClock;
use anyvendor_testkit::RecordingTransport;
use futures_util::future::join_all;

use super::*;
use crate::auth::{S3Auth, credentials::Source};

/// A transport that responds in order.
fn script(responses: &[&'static str]) -> Arc<RecordingTransport> {
    let responses = Mutex::new(VecDeque::from(responses.to_vec()));
    RecordingTransport::responding(move |_| {
        let body = responses.lock().unwrap().pop_front().unwrap();
        (200, body.to_owned())
    })
}

fn remote(service: Service, responses: &[&'static str]) -> (Remote, Arc<RecordingTransport>) {
    let script = script(responses);
    let clock = Arc::new(ManualClock::at("2026-01-01T00:00:00Z".parse().unwrap()));
    let nothing = Environment::new(|_| None);
    (
        Remote::new(service, script.clone(), clock, nothing).unwrap(),
        script,
    )
}

const JSON: &str = r#"{"AccessKeyId":"ASIA1","SecretAccessKey":"S","Token":"T","Expiration":"2026-01-01T06:00:00Z"}"#;

#[tokio::test]
async fn an_instance_is_asked_by_version_2() {
    let (remote, script) = remote(Service::Instance, &["session", "my-role\n", JSON]);
    let token = remote.fetch().await.unwrap();
    assert_eq!(token.value.access_key_id, "ASIA1");
    assert_eq!(token.expires_in, Some(Duration::from_secs(6 * 3_600)));
    let sent = script.sent();
    assert_eq!(sent[0].method, Method::PUT);
    assert_eq!(
        sent[0].headers["x-aws-ec2-metadata-token-ttl-seconds"],
        "21600"
    );
    assert_eq!(
        sent[2].url.as_str(),
        "http://169.254.169.254/latest/meta-data/iam/security-credentials/my-role"
    );
    assert_eq!(sent[2].headers["x-aws-ec2-metadata-token"], "session");
}

#[tokio::test]
async fn a_container_is_asked_with_its_token() {
    let (remote, script) = remote(Service::Container, &[JSON]);
    let token = remote
        .read_container(url("http://169.254.170.2/v2/x").unwrap(), Some("tok"))
        .await
        .unwrap();
    assert_eq!(token.value.session_token.unwrap().expose(), "T");
    assert_eq!(script.sent()[0].headers["authorization"], "tok");
}

#[tokio::test]
async fn a_role_is_assumed_by_web_identity() {
    let xml = "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>\
        <AccessKeyId>ASIA2</AccessKeyId><SecretAccessKey>S</SecretAccessKey><SessionToken>T</SessionToken>\
        <Expiration>2026-01-01T01:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult>\
        </AssumeRoleWithWebIdentityResponse>";
    let service = Service::WebIdentity {
        role_arn: None,
        token_file: None,
        endpoint: "https://sts.example.com".to_owned(),
    };
    let (remote, _) = remote(service, &[xml]);
    let token = remote
        .assume_role("https://sts.example.com", "arn:aws:iam::1:role/r", "jwt")
        .await
        .unwrap();
    assert_eq!(
        (token.value.access_key_id.as_str(), token.expires_in),
        ("ASIA2", Some(Duration::from_secs(3_600)))
    );
}

#[test]
fn a_container_may_not_send_us_anywhere() {
    let with = |full: &'static str| {
        container_url(move |name| name.ends_with("FULL_URI").then(|| full.to_owned()))
    };
    assert!(with("http://169.254.170.23/v1/credentials").is_ok());
    assert!(with("http://127.0.0.1/x").is_ok());
    assert!(with("https://credentials.example.com/x").is_ok());
    assert!(with("http://169.254.169.254/x").is_err());
    assert!(with("http://evil.example.com/x").is_err());
    let relative =
        container_url(|name| name.ends_with("RELATIVE_URI").then(|| "/v2/c".to_owned())).unwrap();
    assert_eq!(relative.as_str(), "http://169.254.170.2/v2/c");
}

#[test]
fn sf13_a_relative_uri_names_no_host() {
    let with = |relative: &str| {
        container_url(|name| name.ends_with("RELATIVE_URI").then(|| relative.to_owned()))
    };
    for relative in [
        "/v2/c",
        "/v2/c?id=1",
        "/@evil.example.com/x",
        "/:80/x",
        "/v2/../x",
    ] {
        let url = with(relative).unwrap();
        assert_eq!(url.host_str(), Some("169.254.170.2"), "{relative}");
        assert_eq!(
            (url.scheme(), url.port(), url.username()),
            ("http", None, ""),
            "{relative}"
        );
    }
    assert_eq!(
        with("/v2/c?id=1").unwrap().as_str(),
        "http://169.254.170.2/v2/c?id=1"
    );
    for relative in [
        "",
        "@evil.example.com/x",
        ".evil.example.com/x",
        ":80@evil.example.com",
        "v2/c",
        "//evil.example.com/x",
        "/\\evil.example.com/x",
        "/a#b",
        "/a\nb",
        "http://evil.example.com/x",
    ] {
        let error = with(relative).unwrap_err();
        assert!(
            error.message().contains("RELATIVE_URI must be a path"),
            "{relative}: {error}"
        );
    }
}

const LATER: &str = r#"{"AccessKeyId":"ASIA9","SecretAccessKey":"S","Token":"T","Expiration":"2026-01-01T12:00:00Z"}"#;

/// The whole authorizer over an instance's responses, at midnight.
fn over_instance(
    responses: &[&'static str],
) -> (S3Auth, Arc<RecordingTransport>, Arc<ManualClock>) {
    let script = script(responses);
    let clock = Arc::new(ManualClock::at("2026-01-01T00:00:00Z".parse().unwrap()));
    let nothing = Environment::new(|_| None);
    let remote = Remote::new(Service::Instance, script.clone(), clock.clone(), nothing).unwrap();
    let auth = S3Auth::with_source(Source::Remote(remote), "us-east-1", clock.clone());
    (auth, script, clock)
}

#[tokio::test]
async fn credentials_are_replaced_before_they_end() {
    let (auth, script, clock) = over_instance(&["session", "role", JSON, "session", "role", LATER]);
    let id = async || auth.credentials().await.unwrap().access_key_id;
    let asked = || script.sent().len();
    assert_eq!(id().await, "ASIA1");
    // The margin is five minutes and up to a tenth of it.
    clock.advance(Duration::from_secs(6 * 3_600 - 331));
    assert_eq!((id().await.as_str(), asked()), ("ASIA1", 3));
    clock.advance(Duration::from_secs(32));
    assert_eq!((id().await.as_str(), asked()), ("ASIA9", 6));
}

#[tokio::test]
async fn many_who_need_credentials_cause_one_fetch() {
    let (auth, script, _) = over_instance(&["session", "role", JSON]);
    let all = join_all((0..100).map(|_| auth.credentials())).await;
    assert!(
        all.iter()
            .all(|one| one.as_ref().unwrap().access_key_id == "ASIA1")
    );
    assert_eq!(script.sent().len(), 3, "one fetch for all");
}

#[tokio::test]
async fn a_web_identity_is_read_from_its_file_each_time() {
    const XML: &str = "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>\
        <AccessKeyId>ASIA2</AccessKeyId><SecretAccessKey>S</SecretAccessKey><SessionToken>T</SessionToken>\
        <Expiration>2026-01-01T01:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult>\
        </AssumeRoleWithWebIdentityResponse>";
    let file = std::env::temp_dir().join(format!("anyvendor-{}.jwt", uuid::Uuid::new_v4()));
    let service = Service::WebIdentity {
        role_arn: Some("arn:aws:iam::1:role/r".to_owned()),
        token_file: Some(file.clone()),
        endpoint: "https://sts.example.com".to_owned(),
    };
    let (remote, script) = remote(service, &[XML, XML]);
    for token in ["first\n", "second\n"] {
        std::fs::write(&file, token).unwrap();
        remote.fetch().await.unwrap();
    }
    std::fs::remove_file(&file).unwrap();
    let sent = script.sent();
    let text = |at: usize| sent[at].text();
    assert!(text(0).contains("RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr"));
    assert!(text(0).ends_with("WebIdentityToken=first"), "{}", text(0));
    assert!(text(1).ends_with("WebIdentityToken=second"), "{}", text(1));
    let error = remote.fetch().await.err().unwrap();
    assert_eq!(error.field(), Some("token_file"));
}
