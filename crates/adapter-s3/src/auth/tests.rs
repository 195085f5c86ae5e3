//! Each source of credentials over an environment of the test's own, files and local services.

use std::{collections::HashMap, path::PathBuf};

use anyvendor_core::Kind;
use anyvendor_http::ManualClock;
use anyvendor_testkit::{Seen, Server, Step};
use futures_util::future::join_all;
use http::{HeaderMap, Method, StatusCode};
use url::Url;

use super::*;

const START: &str = "2026-01-01T00:00:00Z";

/// A service that issues numbered credentials of one hour.
async fn service(clock: Arc<ManualClock>) -> Server {
    let mut number = 0;
    Server::answering(move |seen| {
        number += 1;
        respond(
            seen.path(),
            number,
            clock.wall() + Duration::from_secs(3_600),
        )
    })
    .await
}

fn respond(path: &str, number: usize, end: Timestamp) -> Step {
    let whole = |body: String| Step::response(200, body);
    match path {
        "/" => whole(format!(
            "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>\
             <AccessKeyId>ASIA{number}</AccessKeyId><SecretAccessKey>S</SecretAccessKey>\
             <SessionToken>T{number}</SessionToken><Expiration>{end}</Expiration></Credentials>\
             </AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"
        )),
        "/latest/api/token" => whole("session".to_owned()),
        "/latest/meta-data/iam/security-credentials/" => whole("my-role".to_owned()),
        "/latest/meta-data/iam/security-credentials/my-role" | "/container" => whole(format!(
            r#"{{"AccessKeyId":"ASIA{number}","SecretAccessKey":"S","Token":"T{number}","Expiration":"{end}"}}"#
        )),
        _ => Step::response(403, "no"),
    }
}

struct Bench {
    clock: Arc<ManualClock>,
    service: Server,
}

impl Bench {
    async fn new() -> Self {
        let clock = Arc::new(ManualClock::at(START.parse().unwrap()));
        let service = service(clock.clone()).await;
        Self { clock, service }
    }

    fn auth(&self, config: &CredentialsConfig, variables: &[(&str, &str)]) -> Arc<S3Auth> {
        let variables: HashMap<String, String> = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let environment = Environment::new(move |name| variables.get(name).cloned());
        let mut open = TransportConfig::default();
        open.allow_private_addresses = true;
        let clock = self.clock.clone();
        let source = Source::new(config, "us-east-1", open, clock.clone(), environment).unwrap();
        Arc::new(S3Auth::with_source(source, "us-east-1", clock))
    }

    fn container(&self) -> Arc<S3Auth> {
        let address = [&self.service.url(), "/container"].concat();
        let variables = [("AWS_CONTAINER_CREDENTIALS_FULL_URI", address.as_str())];
        self.auth(&CredentialsConfig::Container, &variables)
    }
}

/// Signs a request: who signed it, and the token that goes with it.
async fn signer(auth: &S3Auth) -> Result<(String, Option<String>), Error> {
    let mut url = Url::parse("https://bucket.s3.us-east-1.amazonaws.com/a").unwrap();
    let mut headers = HeaderMap::new();
    let unsigned = UnsignedRequest {
        method: &Method::GET,
        url: &mut url,
        headers: &mut headers,
        body: None,
        now: auth.now(),
    };
    auth.authorize(unsigned).await?;
    let text = |name: HeaderName| Some(headers.get(name)?.to_str().unwrap().to_owned());
    assert!(headers[header::AUTHORIZATION].is_sensitive());
    let signed = text(header::AUTHORIZATION).unwrap();
    let (_, rest) = signed.split_once("Credential=").unwrap();
    let (id, _) = rest.split_once('/').unwrap();
    Ok((id.to_owned(), text(SECURITY_TOKEN)))
}

fn signed(id: &str, token: Option<&str>) -> (String, Option<String>) {
    (id.to_owned(), token.map(str::to_owned))
}

/// A file that is gone after the test.
struct File(PathBuf);

impl File {
    fn holding(text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("anyvendor-{}", uuid::Uuid::new_v4()));
        std::fs::write(&path, text).unwrap();
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn refusal(code: &str, generation: u64, now: Timestamp) -> AuthRejection<'_> {
    AuthRejection {
        status: StatusCode::BAD_REQUEST,
        date: None,
        vendor_code: Some(code),
        generation,
        now,
    }
}

#[tokio::test]
async fn variables_sign() {
    let bench = Bench::new().await;
    let mut variables = vec![
        ("AWS_ACCESS_KEY_ID", "AKIA1"),
        ("AWS_SECRET_ACCESS_KEY", "S"),
    ];
    let auth = bench.auth(&CredentialsConfig::Environment, &variables);
    assert_eq!(signer(&auth).await.unwrap(), signed("AKIA1", None));
    variables.push(("AWS_SESSION_TOKEN", "T"));
    let auth = bench.auth(&CredentialsConfig::Environment, &variables);
    assert_eq!(signer(&auth).await.unwrap(), signed("AKIA1", Some("T")));
    let auth = bench.auth(&CredentialsConfig::Environment, &[]);
    let error = signer(&auth).await.unwrap_err();
    assert_eq!(error.kind(), &Kind::Config);
}

#[tokio::test]
async fn a_profile_is_read_again_when_its_keys_expire() {
    let bench = Bench::new().await;
    let profile = |id: &str| {
        format!(
            "[default]\naws_access_key_id = other\naws_secret_access_key = S\n[work]\naws_access_key_id = {id}\naws_secret_access_key = S\n"
        )
    };
    let file = File::holding(&profile("AKIA1"));
    let variables = [
        ("AWS_SHARED_CREDENTIALS_FILE", file.path()),
        ("AWS_PROFILE", "work"),
    ];
    let config = CredentialsConfig::Profile {
        name: None,
        file: None,
    };
    let auth = bench.auth(&config, &variables);
    assert_eq!(signer(&auth).await.unwrap(), signed("AKIA1", None));
    std::fs::write(&file.0, profile("AKIA2")).unwrap();
    assert_eq!(signer(&auth).await.unwrap(), signed("AKIA1", None));
    assert!(
        !auth
            .recover(refusal("AccessDenied", 0, auth.now()))
            .await
            .unwrap()
    );
    assert!(
        auth.recover(refusal("ExpiredToken", 0, auth.now()))
            .await
            .unwrap()
    );
    assert_eq!(signer(&auth).await.unwrap(), signed("AKIA2", None));
    let home = [("HOME", "/nowhere")];
    let error = signer(&bench.auth(&config, &home)).await.unwrap_err();
    assert!(
        error.to_string().contains("/nowhere/.aws/credentials"),
        "{error}"
    );
}

#[tokio::test]
async fn a_web_identity_takes_on_its_role() {
    let bench = Bench::new().await;
    let token = File::holding("a jwt\n");
    let url = bench.service.url();
    let variables = [
        ("AWS_ENDPOINT_URL_STS", url.as_str()),
        ("AWS_ROLE_ARN", "arn:aws:iam::1:role/r"),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", token.path()),
    ];
    let config = CredentialsConfig::WebIdentity {
        role_arn: None,
        token_file: None,
    };
    let auth = bench.auth(&config, &variables);
    assert_eq!(signer(&auth).await.unwrap(), signed("ASIA1", Some("T1")));
    let Seen { headers, body, .. } = bench.service.seen().remove(0);
    let body = String::from_utf8(body).unwrap();
    assert_eq!(
        body,
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr\
         &RoleSessionName=anyvendor&WebIdentityToken=a%20jwt"
    );
    assert_eq!(headers["content-type"], "application/x-www-form-urlencoded");
    // The token in the file is replaced long before a role is taken on again.
    std::fs::write(&token.0, "another").unwrap();
    bench.clock.advance(Duration::from_secs(3_600));
    assert_eq!(signer(&auth).await.unwrap(), signed("ASIA2", Some("T2")));
    assert!(
        bench.service.seen()[1]
            .text()
            .ends_with("WebIdentityToken=another")
    );
    let error = signer(&bench.auth(&config, &variables[..1]))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.field()),
        (&Kind::Config, Some("role_arn"))
    );
}

#[tokio::test]
async fn a_container_asks_its_agent() {
    let bench = Bench::new().await;
    let token = File::holding("Bearer x\n");
    let address = [&bench.service.url(), "/container"].concat();
    let variables = [
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", address.as_str()),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "not this one"),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", token.path()),
    ];
    let auth = bench.auth(&CredentialsConfig::Container, &variables);
    assert_eq!(signer(&auth).await.unwrap(), signed("ASIA1", Some("T1")));
    assert_eq!(bench.service.seen()[0].headers["authorization"], "Bearer x");

    let denied = [&bench.service.url(), "/denied"].concat();
    let denied = [("AWS_CONTAINER_CREDENTIALS_FULL_URI", denied.as_str())];
    let auth = bench.auth(&CredentialsConfig::Container, &denied);
    let error = signer(&auth).await.unwrap_err();
    assert_eq!(error.kind(), &Kind::Unauthenticated);
}

#[tokio::test]
async fn an_instance_asks_its_service() {
    let bench = Bench::new().await;
    let url = bench.service.url();
    let variables = [("AWS_EC2_METADATA_SERVICE_ENDPOINT", url.as_str())];
    let auth = bench.auth(&CredentialsConfig::Instance, &variables);
    assert_eq!(signer(&auth).await.unwrap(), signed("ASIA3", Some("T3")));
    let roles = "/latest/meta-data/iam/security-credentials/";
    assert_eq!(
        bench
            .service
            .seen()
            .iter()
            .map(Seen::path)
            .collect::<Vec<_>>(),
        ["/latest/api/token", roles, &[roles, "my-role"].concat()]
    );
    let seen = bench.service.seen();
    assert_eq!(
        seen[0].headers["x-aws-ec2-metadata-token-ttl-seconds"],
        "21600"
    );
    assert_eq!(seen[1].headers["x-aws-ec2-metadata-token"], "session");
    assert_eq!(seen[2].headers["x-aws-ec2-metadata-token"], "session");
}

#[tokio::test]
async fn temporary_credentials_are_replaced_early() {
    let bench = Bench::new().await;
    let auth = bench.container();
    assert_eq!(signer(&auth).await.unwrap(), signed("ASIA1", Some("T1")));
    // 5 minutes before the end, and up to a tenth more at random.
    bench.clock.advance(Duration::from_secs(3_600 - 331));
    assert_eq!(signer(&auth).await.unwrap(), signed("ASIA1", Some("T1")));
    bench.clock.advance(Duration::from_secs(32));
    assert_eq!(signer(&auth).await.unwrap(), signed("ASIA2", Some("T2")));
    assert_eq!(bench.service.count(), 2);
}

#[tokio::test]
async fn t25_many_calls_cause_one_fetch() {
    let bench = Bench::new().await;
    let auth = bench.container();
    let all = join_all((0..50).map(|_| signer(&auth))).await;
    assert!(all.into_iter().all(|who| who.unwrap().0 == "ASIA1"));
    assert_eq!(bench.service.count(), 1);
    bench.clock.advance(Duration::from_secs(3_600));
    let all = join_all((0..50).map(|_| signer(&auth))).await;
    assert!(all.into_iter().all(|who| who.unwrap().0 == "ASIA2"));
    let refused = || refusal("ExpiredToken", 1, auth.now());
    let all = join_all((0..50).map(|_| auth.recover(refused()))).await;
    assert!(all.into_iter().all(|mended| mended.unwrap()));
    assert_eq!(bench.service.count(), 3, "one for all the refused");
}
