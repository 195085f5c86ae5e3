//! Nothing secret and nothing personal is printed. Alone in its program: what is logged is decided for all threads.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod support;

use std::{
    error::Error as _,
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use anyvendor_adapter_s3::{CredentialsConfig, S3, S3Config};
use anyvendor_core::{
    Error, Kind,
    storage::{
        ContentHeaders, CopyObject, DeleteObject, DeleteObjects, GetObject, HeadObject,
        ListObjects, Presign, PutObject, PutStream, StorageProvider, WriteCondition,
    },
    values::{Metadata, Secret},
};
use anyvendor_sandbox::Sandbox;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use support::{Between, PART, answer, build, build_over, config, key};

/// Everything that the program prints.
#[derive(Debug, Clone, Default)]
struct Printed(Arc<Mutex<Vec<u8>>>);

impl io::Write for Printed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn put() -> PutObject {
    PutObject::new(key("canary-key"), "canary-body")
        .with_content(
            ContentHeaders::of_type("text/plain")
                .with_content_disposition("inline; filename=canary-file".to_owned()),
        )
        .with_metadata(Metadata::new().with("note", "canary-note").unwrap())
        .with_condition(WriteCondition::IfAbsent)
}

/// Fails every call that there is.
async fn failures(s3: &S3) -> Vec<Error> {
    let parts = vec![Bytes::from(vec![0; PART]); 2];
    let parts = stream::iter(parts.into_iter().map(Ok)).boxed();
    vec![
        s3.put(put()).await.unwrap_err(),
        s3.put_stream(PutStream::new(key("canary-key"), parts))
            .await
            .unwrap_err(),
        s3.get(GetObject::new(key("canary-key"))).await.unwrap_err(),
        s3.head(HeadObject::new(key("canary-key")))
            .await
            .unwrap_err(),
        s3.list(ListObjects::default()).await.unwrap_err(),
        s3.delete(DeleteObject::new(key("canary-key")))
            .await
            .unwrap_err(),
        s3.delete_many(DeleteObjects::new(vec![key("canary-key")]))
            .await
            .unwrap_err(),
        s3.copy(CopyObject::new(key("canary-key"), key("canary-copy")))
            .await
            .unwrap_err(),
    ]
}

fn with_credentials(mut config: S3Config) -> S3Config {
    config.credentials = CredentialsConfig::Static {
        access_key_id: Secret::new("AKIA7canaryAAAAAAAAA").into(),
        secret_access_key: Secret::new("canary-secret").into(),
        session_token: Some(Secret::new("canary-token").into()),
    };
    config
}

#[tokio::test]
async fn t23_canary_never_prints() {
    let printed = Printed::default();
    let writer = printed.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(move || writer.clone())
        .with_ansi(false)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let sandbox = Sandbox::start().await.unwrap();

    // The store knows no such key, and quotes what was signed.
    let refused = with_credentials(config(&sandbox));
    let mut shown = format!("{refused:?}");
    let refused = build(refused);
    let mut errors = failures(&refused).await;
    assert!(
        errors
            .iter()
            .all(|error| matches!(error.kind(), Kind::Unauthenticated | Kind::PermissionDenied)),
        "{errors:?}"
    );

    // A store that quotes what was sent, and one that cannot be understood.
    let quoting = Between::new(|_| async {
        let body = "<Error><Code>InvalidRequest</Code><Message>no: canary-1@example.com https://x/canary-2 \
                    AKIA7canaryAAAAAAAAA</Message><Resource>/canary-key</Resource></Error>";
        Some(answer(400, &[("x-amz-request-id", "R1")], body))
    });
    errors.extend(failures(&build_over(with_credentials(config(&sandbox)), quoting)).await);
    let odd = Between::new(|sent| {
        let lists = sent.method == "GET";
        async move { Some(answer(if lists { 200 } else { 404 }, &[], "<canary-xml")) }
    });
    let odd = build_over(with_credentials(config(&sandbox)), odd);
    errors.push(odd.list(ListObjects::default()).await.unwrap_err());
    errors.push(
        odd.get(GetObject::new(key("canary-key")))
            .await
            .unwrap_err(),
    );

    // And a good day.
    let good = build(config(&sandbox));
    let stored = good.put(put()).await.unwrap();
    let link = Presign::get(key("x"), Duration::from_secs(60));
    let link = refused.presign(link).await.unwrap();
    assert!(link.url.expose().contains("canary-token"));
    let object = good.get(GetObject::new(key("canary-key"))).await.unwrap();
    drop(object.into_object().unwrap().body);
    shown += &format!("{stored:?} {link:?} {refused:?} {:?}", refused.health());
    for error in &errors {
        shown += &format!("{error} {error:?}");
        let mut source = error.source();
        while let Some(inner) = source {
            shown += &format!("{inner} {inner:?}");
            source = inner.source();
        }
    }
    assert!(!shown.contains("canary"), "{shown}");
    let logged = String::from_utf8(printed.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("storage.put"), "nothing was logged at all");
    // The sandbox runs in this program too, and its S3 library logs what it is asked.
    let ours = |line: &&str| !line.contains(" s3s::");
    let leaks: Vec<_> = logged
        .lines()
        .filter(ours)
        .filter(|line| line.contains("canary"))
        .collect();
    assert!(leaks.is_empty(), "{leaks:#?}");
}
