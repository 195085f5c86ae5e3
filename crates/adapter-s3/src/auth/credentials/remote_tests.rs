//! The three services, scripted.

use std::sync::Mutex;

use anyvendor_core::{
    resilience::ManualClock,
    transport::{Incoming, Outgoing, TransportError},
};
use futures_util::{StreamExt, stream};
use http::StatusCode;

use super::*;

/// Answers in order, and keeps what was asked.
#[derive(Debug, Default)]
struct Script {
    answers: Mutex<Vec<&'static str>>,
    asked: Mutex<Vec<(Method, String, HeaderMap)>>,
}

#[async_trait]
impl Transport for Script {
    async fn send(&self, request: Outgoing) -> Result<Incoming, TransportError> {
        self.asked
            .lock()
            .unwrap()
            .push((request.method, request.url.to_string(), request.headers));
        let body = stream::iter([Ok(self.answers.lock().unwrap().remove(0).into())]).boxed();
        Ok(Incoming::new(StatusCode::OK, HeaderMap::new(), body))
    }
}

fn remote(way: Way, answers: &[&'static str]) -> (Remote, Arc<Script>) {
    let script = Arc::new(Script::default());
    script.answers.lock().unwrap().extend(answers);
    let clock = Arc::new(ManualClock::at("2026-01-01T00:00:00Z".parse().unwrap()));
    let nothing = Environment::new(|_| None);
    (
        Remote::new(way, script.clone(), clock, nothing).unwrap(),
        script,
    )
}

const JSON: &str = r#"{"AccessKeyId":"ASIA1","SecretAccessKey":"S","Token":"T","Expiration":"2026-01-01T06:00:00Z"}"#;

#[tokio::test]
async fn an_instance_is_asked_by_version_2() {
    let (remote, script) = remote(Way::Instance, &["session", "my-role\n", JSON]);
    let token = remote.fetch().await.unwrap();
    assert_eq!(token.value.access_key_id, "ASIA1");
    assert_eq!(token.expires_in, Some(Duration::from_secs(6 * 3_600)));
    let asked = script.asked.lock().unwrap();
    assert_eq!(asked[0].0, Method::PUT);
    assert_eq!(asked[0].2["x-aws-ec2-metadata-token-ttl-seconds"], "21600");
    assert_eq!(
        asked[2].1,
        "http://169.254.169.254/latest/meta-data/iam/security-credentials/my-role"
    );
    assert_eq!(asked[2].2["x-aws-ec2-metadata-token"], "session");
}

#[tokio::test]
async fn a_container_is_asked_with_its_token() {
    let (remote, script) = remote(Way::Container, &[JSON]);
    let token = remote
        .read_container(url("http://169.254.170.2/v2/x").unwrap(), Some("tok"))
        .await
        .unwrap();
    assert_eq!(token.value.session_token.unwrap().expose(), "T");
    assert_eq!(script.asked.lock().unwrap()[0].2["authorization"], "tok");
}

#[tokio::test]
async fn a_role_is_assumed_by_web_identity() {
    let xml = "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>\
        <AccessKeyId>ASIA2</AccessKeyId><SecretAccessKey>S</SecretAccessKey><SessionToken>T</SessionToken>\
        <Expiration>2026-01-01T01:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult>\
        </AssumeRoleWithWebIdentityResponse>";
    let way = Way::WebIdentity {
        role_arn: None,
        token_file: None,
        endpoint: "https://sts.example.com".to_owned(),
    };
    let (remote, _) = remote(way, &[xml]);
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
