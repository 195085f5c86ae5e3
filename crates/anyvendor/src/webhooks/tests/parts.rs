//! Tests the receiver with custom parts: a store that fails, an observer.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use anyvendor_core::{
    Error, Kind,
    resilience::{AttemptReport, CallReport, Observer, WebhookReport},
};
use async_trait::async_trait;
use jiff::Timestamp;

use super::{builder, delivery, post, status_of};
use crate::webhooks::{Claim, DedupeKey, DedupeStore, EventKey, MemoryDedupe};

/// A store whose given method fails once.
#[derive(Debug)]
struct Failing(MemoryDedupe, &'static str, AtomicU32);

impl Failing {
    fn fail_in(&self, method: &str) -> Result<(), Error> {
        if method == self.1 && self.2.fetch_add(1, Ordering::SeqCst) == 0 {
            Err(Error::unsent(Kind::Other, "no response"))
        } else {
            Ok(())
        }
    }
}

#[async_trait]
impl DedupeStore for Failing {
    async fn claim(&self, key: &EventKey, lease: Duration) -> Result<Claim, Error> {
        self.fail_in("claim")?;
        self.0.claim(key, lease).await
    }

    async fn settle(&self, key: &EventKey, ticket: u64) -> Result<(), Error> {
        self.fail_in("settle")?;
        self.0.settle(key, ticket).await
    }

    async fn release(&self, key: &EventKey, ticket: u64) -> Result<(), Error> {
        self.fail_in("release")?;
        self.0.release(key, ticket).await
    }

    async fn bind(&self, signature: &EventKey, content: &DedupeKey) -> Result<bool, Error> {
        self.fail_in("bind")?;
        self.0.bind(signature, content).await
    }
}

#[tokio::test]
async fn a_store_that_fails_causes_a_repetition_and_loses_nothing() {
    for (method, event, times) in [
        ("claim", "a", 1),
        ("settle", "a", 2),
        ("release", "fails", 2),
        ("bind", "a", 1),
    ] {
        let (builder, app) = builder();
        let clock = Arc::new(anyvendor_http::ManualClock::at(Timestamp::UNIX_EPOCH));
        let memory = MemoryDedupe::default().with_clock(clock.clone());
        let store = Failing(memory, method, AtomicU32::new(0));
        let receiver = builder.dedupe(Arc::new(store)).clock(clock.clone()).build();
        let post = async || {
            let mut request = delivery(event);
            let id = "1".parse().unwrap();
            request.headers_mut().insert("acme-id", id);
            status_of(receiver.receive("acme", request).await).await
        };
        assert_eq!(post().await, 503, "{method}");
        // An event that could not be released is free after its lease has expired.
        clock.advance(Duration::from_secs(46));
        assert_eq!(post().await, 200, "{method}");
        assert_eq!(app.times(event), times, "{method}");
    }
}

#[derive(Debug, Default)]
pub(super) struct Reports(pub(super) Mutex<Vec<WebhookReport>>);

impl Observer for Reports {
    fn attempt(&self, _: &AttemptReport) {}
    fn call(&self, _: &CallReport) {}
    fn webhook(&self, report: &WebhookReport) {
        self.0.lock().unwrap().push(*report);
    }
}

#[tokio::test]
async fn the_observer_gets_a_report_of_each_delivery() {
    let (builder, _) = builder();
    let reports = Arc::new(Reports::default());
    let receiver = builder.observer(reports.clone()).build();
    post(&receiver, "a b").await;
    post(&receiver, "b c fails").await;
    let mut bad = delivery("a");
    bad.headers_mut().clear();
    status_of(receiver.receive("acme", bad).await).await;
    let reports: Vec<_> = reports
        .0
        .lock()
        .unwrap()
        .iter()
        .map(|report| {
            (
                report.status.as_u16(),
                report.error,
                report.handled,
                report.duplicates,
                report.failed,
            )
        })
        .collect();
    assert_eq!(
        reports,
        [
            (200, None, 2, 0, 0),
            (503, Some("handler"), 1, 1, 1),
            (415, Some("content_type"), 0, 0, 0),
        ]
    );
}
