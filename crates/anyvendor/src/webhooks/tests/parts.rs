//! The receiver with parts of the application's own: a store that fails, an observer.

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

use super::{builder, delivery, post, silent};
use crate::webhooks::{Claim, DedupeStore, EventKey, MemoryDedupe};

/// A store that fails once where it is told to.
#[derive(Debug)]
struct Failing(MemoryDedupe, &'static str, AtomicU32);

impl Failing {
    fn now(&self, place: &str) -> Result<(), Error> {
        match place == self.1 && self.2.fetch_add(1, Ordering::SeqCst) == 0 {
            true => Err(Error::new(Kind::Other, "no response")),
            false => Ok(()),
        }
    }
}

#[async_trait]
impl DedupeStore for Failing {
    async fn claim(&self, key: &EventKey, lease: Duration, now: Timestamp) -> Result<Claim, Error> {
        self.now("claim")?;
        self.0.claim(key, lease, now).await
    }

    async fn settle(&self, key: &EventKey, ticket: u64) -> Result<(), Error> {
        self.now("settle")?;
        self.0.settle(key, ticket).await
    }

    async fn release(&self, key: &EventKey, ticket: u64) -> Result<(), Error> {
        self.now("release")?;
        self.0.release(key, ticket).await
    }
}

#[tokio::test]
async fn a_store_that_fails_costs_a_repeat_and_loses_nothing() {
    for (place, event, times) in [
        ("claim", "a", 1),
        ("settle", "a", 2),
        ("release", "fails", 2),
    ] {
        let (builder, app) = builder();
        let store = Failing(MemoryDedupe::default(), place, AtomicU32::new(0));
        let clock = Arc::new(anyvendor_http::ManualClock::at(Timestamp::UNIX_EPOCH));
        let receiver = builder.dedupe(Arc::new(store)).clock(clock.clone()).build();
        assert_eq!(post(&receiver, event).await, 503, "{place}");
        // What could not be released is free once its lease has run out.
        clock.advance(Duration::from_secs(46));
        assert_eq!(post(&receiver, event).await, 200, "{place}");
        assert_eq!(app.times(event), times, "{place}");
    }
}

#[derive(Debug, Default)]
struct Told(Mutex<Vec<WebhookReport>>);

impl Observer for Told {
    fn attempt(&self, _: &AttemptReport) {}
    fn call(&self, _: &CallReport) {}
    fn webhook(&self, report: &WebhookReport) {
        self.0.lock().unwrap().push(*report);
    }
}

#[tokio::test]
async fn the_observer_is_told_what_became_of_each_delivery() {
    let (builder, _) = builder();
    let told = Arc::new(Told::default());
    let receiver = builder.observer(told.clone()).build();
    post(&receiver, "a b").await;
    post(&receiver, "b c fails").await;
    let mut bad = delivery("a");
    bad.headers_mut().clear();
    silent(receiver.receive("acme", bad).await).await;
    let told: Vec<_> = told
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
        told,
        [
            (200, None, 2, 0, 0),
            (503, Some("handler"), 1, 1, 1),
            (415, Some("content_type"), 0, 0, 0),
        ]
    );
}
