//! One fetch serves all callers, also those that are dropped or not polled.

use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::future::join_all;

use super::*;
use crate::{
    error::Kind,
    resilience::{backoff::NoJitter, clock::TestClock},
};

/// Returns 0, 1, 2 and so on; from `FAILS` on it fails.
#[derive(Debug, Default)]
struct Counting(Arc<AtomicU32>);

const FAILS: u32 = 5;

#[async_trait]
impl TokenSource for Counting {
    type Value = u32;

    async fn fetch(&self) -> Result<Token<u32>, Error> {
        tokio::task::yield_now().await;
        let number = self.0.fetch_add(1, Ordering::SeqCst);
        if number >= FAILS {
            return Err(Error::new(Kind::Unavailable, Delivery::Unknown, "no more"));
        }
        Ok(Token {
            value: number,
            expires_in: Some(Duration::from_secs(3_600)),
        })
    }
}

fn cell() -> (Arc<TokenCell<Counting>>, Arc<AtomicU32>) {
    let count = Arc::new(AtomicU32::new(0));
    let source = Counting(Arc::clone(&count));
    let margin = Duration::from_secs(300);
    (
        Arc::new(TokenCell::new(
            source,
            Arc::new(TestClock),
            Arc::new(NoJitter),
            margin,
        )),
        count,
    )
}

#[tokio::test]
async fn t25_hundred_401s_one_refresh() {
    let (cell, count) = cell();
    let (_, refused) = cell.get().await.unwrap();
    let replaced = join_all((0..100).map(|_| cell.replace(refused))).await;
    assert!(replaced.iter().all(|token| token.as_ref().unwrap().0 == 1));
    assert_eq!(
        count.load(Ordering::SeqCst),
        2,
        "one fetch for the first, one for all the refused"
    );
}

#[tokio::test]
async fn t25_the_refresh_outlives_its_leader() {
    let (cell, count) = cell();
    {
        let leader = cell.get();
        let mut leader = std::pin::pin!(leader);
        // Polled until the fetch has begun, then dropped.
        let _ = futures_util::poll!(&mut leader);
    }
    assert_eq!(cell.get().await.unwrap().0, 0);
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn t25_a_caller_does_not_wait_for_one_that_nobody_polls() {
    let (cell, count) = cell();
    let mut stuck = Box::pin(cell.get());
    assert!(futures_util::poll!(&mut stuck).is_pending());
    assert_eq!(cell.get().await.unwrap().0, 0);
    assert_eq!(stuck.await.unwrap().0, 0);
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

/// Fails as soon as the gate is opened.
#[derive(Debug, Default)]
struct Gated {
    gate: Arc<tokio::sync::Notify>,
    count: Arc<AtomicU32>,
}

#[async_trait]
impl TokenSource for Gated {
    type Value = u32;

    async fn fetch(&self) -> Result<Token<u32>, Error> {
        self.count.fetch_add(1, Ordering::SeqCst);
        self.gate.notified().await;
        Err(Error::new(
            Kind::Unavailable,
            Delivery::Unknown,
            "not today",
        ))
    }
}

#[tokio::test(start_paused = true)]
async fn t25_all_who_wait_share_one_failure() {
    let source = Gated::default();
    let (gate, count) = (Arc::clone(&source.gate), Arc::clone(&source.count));
    let clock = Arc::new(TestClock);
    let cell = TokenCell::new(source, clock, Arc::new(NoJitter), Duration::ZERO);
    let mut waiting = Box::pin(join_all((0..100).map(|_| cell.get())));
    assert!(futures_util::poll!(&mut waiting).is_pending());
    gate.notify_one();
    assert!(waiting.await.iter().all(Result::is_err));
    assert_eq!(count.load(Ordering::SeqCst), 1);
    gate.notify_one();
    let error = cell.get().await.unwrap_err();
    assert!(matches!(error.kind(), Kind::CircuitOpen { .. }), "{error}");
    assert_eq!(count.load(Ordering::SeqCst), 1, "not before the pause ends");
    tokio::time::advance(Duration::from_millis(1_100)).await;
    cell.get().await.unwrap_err();
    assert_eq!(count.load(Ordering::SeqCst), 2);
}

/// Panics the first time.
#[derive(Debug, Default)]
struct Panicking(AtomicU32);

#[async_trait]
impl TokenSource for Panicking {
    type Value = u32;

    async fn fetch(&self) -> Result<Token<u32>, Error> {
        assert!(self.0.fetch_add(1, Ordering::SeqCst) > 0, "the first time");
        Ok(Token {
            value: 1,
            expires_in: None,
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_source_that_panics_fails_one_fetch() {
    let (source, clock) = (Panicking::default(), Arc::new(TestClock));
    let cell = TokenCell::new(source, clock, Arc::new(NoJitter), Duration::ZERO);
    cell.get().await.unwrap_err();
    tokio::time::advance(Duration::from_millis(1_100)).await;
    assert_eq!(cell.get().await.unwrap(), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_failed_early_renewal_is_no_outage() {
    let (cell, count) = cell();
    let (_, generation) = cell.get().await.unwrap();
    count.store(FAILS, Ordering::SeqCst);
    tokio::time::advance(Duration::from_secs(3_600 - 1)).await;
    assert_eq!(cell.get().await.unwrap(), (0, generation));
    assert!(
        cell.replace(generation).await.is_err(),
        "a refused one is no good"
    );
    tokio::time::advance(Duration::from_secs(1)).await;
    assert!(cell.get().await.is_err(), "it has ended");
    assert_eq!(
        count.load(Ordering::SeqCst),
        FAILS + 1,
        "nobody asks again before the pause ends"
    );
}

#[tokio::test(start_paused = true)]
async fn a_credential_is_replaced_before_its_end() {
    let (cell, count) = cell();
    cell.get().await.unwrap();
    tokio::time::advance(Duration::from_secs(3_600 - 331)).await;
    cell.get().await.unwrap();
    assert_eq!(count.load(Ordering::SeqCst), 1);
    tokio::time::advance(Duration::from_secs(2)).await;
    cell.get().await.unwrap();
    assert_eq!(count.load(Ordering::SeqCst), 2);
}
