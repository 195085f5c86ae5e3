//! Helpers of the tests: keys, a sandbox with a connection, and a transport that may respond in place of the sandbox.
#![allow(dead_code, reason = "each test file uses a part")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{sync::Arc, time::Duration};

use anyvendor_adapter_s3::S3;
use anyvendor_core::{transport::Incoming, values::ObjectKey};
use anyvendor_sandbox::Sandbox;
use anyvendor_testkit::{RecordingTransport, Sent};

use crate::harness::{build, config, network};

pub(crate) async fn start() -> (Sandbox, S3) {
    let sandbox = Sandbox::start().await.unwrap();
    let s3 = build(config(&sandbox));
    (sandbox, s3)
}

pub(crate) fn key(key: &str) -> ObjectKey {
    ObjectKey::new(key).unwrap()
}

/// Waits until something that another task does has happened.
pub(crate) async fn until(happened: impl Fn() -> bool) {
    let wait = async {
        while !happened() {
            tokio::task::yield_now().await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(20), wait).await;
    assert!(waited.is_ok(), "it never happened");
}

/// Records each request; the rule may wait, and may respond in place of the network.
pub(crate) fn over_network<F>(
    rule: impl Fn(&Sent) -> F + Send + Sync + 'static,
) -> Arc<RecordingTransport>
where
    F: Future<Output = Option<Incoming>> + Send + 'static,
{
    RecordingTransport::before(Arc::new(network()), rule)
}

/// Records each request.
pub(crate) fn recording() -> Arc<RecordingTransport> {
    over_network(|_| async { None })
}

pub(crate) fn is_part(sent: &Sent) -> bool {
    let query = sent.url.query();
    query.is_some_and(|query| query.contains("partNumber="))
}
