//! Credentials that change while a call is in flight, over the sandbox, which checks every signature.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod harness;
mod support;

use std::{path::PathBuf, sync::Arc};

use anyvendor_adapter_s3::{CredentialsConfig, S3};
use anyvendor_core::{
    Kind,
    storage::{PutObject, StorageProvider},
};
use anyvendor_sandbox::Sandbox;
use anyvendor_testkit::{RecordingTransport, transport::response};
use harness::{build, build_over, config};
use support::{key, over_network, recording};

/// A file of our own, gone with the test.
struct Shared(PathBuf);

impl Shared {
    fn new(text: &str) -> Self {
        let name = format!("anyvendor-{}.credentials", uuid::Uuid::new_v4());
        let file = Self(std::env::temp_dir().join(name));
        file.write(text);
        file
    }

    fn write(&self, text: &str) {
        std::fs::write(&self.0, text).unwrap();
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn profile(id: &str, secret: &str) -> String {
    format!("[app]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n")
}

fn over(sandbox: &Sandbox, file: &Shared, between: Arc<RecordingTransport>) -> S3 {
    let mut config = config(sandbox);
    config.credentials = CredentialsConfig::Profile {
        name: Some("app".to_owned()),
        file: Some(file.0.clone()),
    };
    build_over(config, between)
}

#[tokio::test]
async fn an_expired_token_is_read_again_and_the_attempt_signed_with_the_new_one() {
    const EXPIRED: &str = "<Error><Code>ExpiredToken</Code><Message>expired</Message></Error>";
    let sandbox = Sandbox::start().await.unwrap();
    let file = Arc::new(Shared::new(&profile("AKIAOLD", "old")));
    let good = profile(sandbox.s3().access_key(), sandbox.s3().secret_key());
    let rotated = Arc::clone(&file);
    let between = over_network(move |sent| {
        let old = sent.header("authorization").unwrap().contains("AKIAOLD");
        if old {
            rotated.write(&good);
        }
        async move { old.then(|| response(400, &[], EXPIRED)) }
    });
    let s3 = over(&sandbox, &file, between.clone());
    s3.put(PutObject::new(key("k"), "bytes")).await.unwrap();
    let sent = between.sent();
    assert_eq!(sent.len(), 2, "one refusal, one success");
    let second = sent[1].header("authorization").unwrap();
    assert!(second.contains(sandbox.s3().access_key()));
    assert_eq!(sandbox.s3().objects().len(), 1);
    sandbox.shutdown().await;
}

#[tokio::test]
async fn an_expired_token_that_stays_is_reported_and_not_tried_for_ever() {
    const EXPIRED: &str = "<Error><Code>ExpiredToken</Code><Message>expired</Message></Error>";
    let sandbox = Sandbox::start().await.unwrap();
    let file = Shared::new(&profile("AKIAOLD", "old"));
    let between = over_network(|_| async { Some(response(400, &[], EXPIRED)) });
    let s3 = over(&sandbox, &file, between.clone());
    let put = PutObject::new(key("k"), "bytes");
    let error = s3.put(put).await.unwrap_err();
    assert_eq!(error.kind(), &Kind::Unauthenticated);
    assert_eq!(error.vendor_code(), Some("ExpiredToken"));
    assert_eq!(between.sent().len(), 2, "authorized again once");
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_wrong_secret_is_refused_at_the_first_attempt() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut config = config(&sandbox);
    config.credentials = CredentialsConfig::fixed(sandbox.s3().access_key(), "wrong");
    let put = PutObject::new(key("k"), "bytes");
    let error = build(config).put(put).await.unwrap_err();
    assert_eq!(error.kind(), &Kind::Unauthenticated);
    assert_eq!(error.vendor_code(), Some("SignatureDoesNotMatch"));
    assert_eq!(error.attempts(), 1);
    assert!(sandbox.s3().objects().is_empty());
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_profile_that_is_missing_is_named_before_anything_is_sent() {
    let sandbox = Sandbox::start().await.unwrap();
    let file = Shared::new("[other]\n");
    let between = recording();
    let s3 = over(&sandbox, &file, between.clone());
    let put = PutObject::new(key("k"), "bytes");
    let error = s3.put(put).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.field()),
        (&Kind::Config, Some("credentials"))
    );
    assert!(error.to_string().contains("app"), "{error}");
    assert!(between.sent().is_empty());
    sandbox.shutdown().await;
}
