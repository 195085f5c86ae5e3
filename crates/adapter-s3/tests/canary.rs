//! Nothing secret and nothing personal is printed. Alone in its program: what is logged is decided for all threads.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod harness;
mod support;

use std::time::Duration;

use anyvendor_adapter_s3::CredentialsConfig;
use anyvendor_conformance::{Printed, all_prints};
use anyvendor_core::{
    storage::{GetObject, HeadObject, Presign, PutObject, PutStream, StorageProvider},
    values::{Metadata, Secret},
};
use anyvendor_sandbox::Sandbox;
use anyvendor_testkit::transport::response;
use bytes::Bytes;
use futures_util::stream;
use harness::{build_over, config};
use support::{key, over_network};

/// A refusal that quotes what was sent, as some stores' do.
const REFUSAL: &str = "<Error><Code>AccessDenied</Code>\
    <Message>Denied for canary@example.com at https://x/canary with AKIA0CANARY0canary123456</Message>\
    <Resource>/canary-key</Resource><AWSAccessKeyId>AKIACANARY</AWSAccessKeyId>\
    <StringToSign>canary</StringToSign></Error>";

#[tokio::test]
async fn t23_canary_never_prints() {
    // The emulator's server is in this program too; what it logs about our requests does not count.
    let printed = Printed::listen("trace,s3s=off");
    let sandbox = Sandbox::start().await.unwrap();
    let mut settings = config(&sandbox);
    settings.credentials = CredentialsConfig::Static {
        access_key_id: Secret::new("AKIACANARY-canary").into(),
        secret_access_key: Secret::new("canary-secret").into(),
        session_token: Some(Secret::new("canary-token").into()),
    };
    let mut shown = format!("{settings:?}");
    // First the store's own refusal of a key that it does not know, then one that quotes.
    let between = over_network(|sent| {
        let quotes = sent.method == "GET";
        async move { quotes.then(|| response(403, &[], REFUSAL)) }
    });
    let s3 = build_over(settings, between.clone());
    let name = || key("canary-key/ann");
    let note = Metadata::new().with("note", "canary-note").unwrap();
    let put = || PutObject::new(key("plain"), "canary-body").with_metadata(note.clone());
    shown += &format!("{:?}", put());
    let body = stream::iter([Ok(Bytes::from_static(b"canary-body"))]);
    let errors = [
        s3.put(put()).await.unwrap_err(),
        s3.get(GetObject::new(name())).await.unwrap_err(),
        s3.head(HeadObject::new(name())).await.unwrap_err(),
        s3.put_stream(PutStream::new(name(), Box::pin(body)))
            .await
            .unwrap_err(),
    ];
    for error in &errors {
        shown += &all_prints(error);
    }
    for link in [Presign::get, Presign::put] {
        let link = s3.presign(link(name(), Duration::from_secs(60))).await;
        let link = link.unwrap();
        assert!(link.url.expose().contains("canary-key"), "the link is good");
        assert!(link.url.expose().contains("X-Amz-Signature="));
        shown += &format!("{link:?}");
    }
    shown += &format!("{s3:?} {:?}", s3.health());
    let leaks = |text: &str| -> Vec<String> {
        text.lines()
            .filter(|line| line.to_lowercase().contains("canary") || line.contains("X-Amz-"))
            .map(str::to_owned)
            .collect()
    };
    assert!(leaks(&shown).is_empty(), "{shown}");
    assert!(
        between.sent().iter().all(|sent| sent
            .header("x-amz-security-token")
            .is_some_and(|token| token == "canary-token")),
        "the canaries were not even sent"
    );
    assert!(between.sent().len() >= errors.len());
    let logged = printed.text();
    assert!(logged.contains("storage.put"), "nothing was logged at all");
    let leaks = leaks(&logged);
    assert!(leaks.is_empty(), "{leaks:#?}");
    sandbox.shutdown().await;
}
