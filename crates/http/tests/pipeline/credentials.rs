//! Tokens that cannot be had: nobody waits for them past a deadline, and nobody storms their issuer.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use anyvendor_core::{
    Delivery, Error, Kind,
    error::TimeoutPhase,
    resilience::{
        AuthRejection, Authorizer, BreakerState, CallOptions, NoJitter, OperationClass, Token,
        TokenCell, TokenSource, UnsignedRequest,
    },
};
use anyvendor_http::SystemClock;
use async_trait::async_trait;
use futures_util::future::join_all;

use crate::pressure::{SECOND, Stopwatch, call, later, pipeline, slow};

/// A token endpoint that the test scripts: each fetch takes a time, and then fails or succeeds.
#[derive(Debug)]
struct Endpoint {
    fetches: Arc<AtomicU32>,
    time: Duration,
    /// The fetches that succeed, by their number.
    good: fn(u32) -> bool,
    failure: Kind,
}

#[async_trait]
impl TokenSource for Endpoint {
    type Value = u32;

    async fn fetch(&self) -> Result<Token<u32>, Error> {
        let number = self.fetches.fetch_add(1, Ordering::SeqCst);
        later(self.time).await;
        if (self.good)(number) {
            return Ok(Token {
                value: number,
                expires_in: None,
            });
        }
        Err(Error::new(
            self.failure.clone(),
            Delivery::Refused,
            "no token",
        ))
    }
}

#[derive(Debug)]
struct Bearer(TokenCell<Endpoint>);

#[async_trait]
impl Authorizer for Bearer {
    async fn authorize(&self, _: UnsignedRequest<'_>) -> Result<u64, Error> {
        Ok(self.0.get().await?.1)
    }

    async fn recover(&self, rejection: AuthRejection<'_>) -> Result<bool, Error> {
        self.0.replace(rejection.generation).await.map(|_| true)
    }
}

fn bearer(time: Duration, good: fn(u32) -> bool, failure: Kind) -> (Arc<Bearer>, Arc<AtomicU32>) {
    let fetches = Arc::new(AtomicU32::new(0));
    let endpoint = Endpoint {
        fetches: Arc::clone(&fetches),
        time,
        good,
        failure,
    };
    let clock = Arc::new(SystemClock);
    let cell = TokenCell::new(endpoint, clock, Arc::new(NoJitter), Duration::from_secs(60));
    (Arc::new(Bearer(cell)), fetches)
}

/// The vendor revokes the token, and its token endpoint hangs.
#[tokio::test(start_paused = true)]
async fn f10_a_hanging_token_endpoint_never_outlives_a_deadline() {
    let hour = Duration::from_secs(3_600);
    let transport = slow(Duration::from_millis(10), |_| (401, ""));
    // The first token is there at once, and the renewal hangs.
    #[derive(Debug)]
    struct FirstOnly(Bearer, AtomicU32);
    #[async_trait]
    impl Authorizer for FirstOnly {
        async fn authorize(&self, _: UnsignedRequest<'_>) -> Result<u64, Error> {
            self.1.fetch_add(1, Ordering::SeqCst);
            Ok(0)
        }
        async fn recover(&self, _: AuthRejection<'_>) -> Result<bool, Error> {
            self.0.0.get().await.map(|_| true)
        }
    }
    let (hanging, _) = bearer(hour, |_| true, Kind::Other);
    let hanging = Arc::try_unwrap(hanging).unwrap();
    let authorizer = Arc::new(FirstOnly(hanging, AtomicU32::new(0)));
    let pipeline = pipeline(&transport, authorizer);
    let options = CallOptions::default().with_timeout(2 * SECOND);
    let begun = Stopwatch::start();
    let calls = (0..20).map(|_| async {
        let error = call(&pipeline, OperationClass::Keyed, &options)
            .await
            .unwrap_err();
        (error, begun.elapsed())
    });
    for (error, took) in join_all(calls).await {
        assert!(took <= 2 * SECOND, "{took:?}");
        // The order itself was refused: by its 401, not by what happened to the token.
        assert_eq!(error.delivery(), Delivery::Refused, "{error}");
        assert_eq!(
            error.kind(),
            &Kind::Timeout {
                phase: TimeoutPhase::Total
            }
        );
        assert_eq!(error.operation(), Some("thing.make"));
    }
    assert_eq!(transport.sent().len(), 20, "each order was sent once");
}

/// A token that hangs before anything is sent: nothing was sent, and the deadline holds.
#[tokio::test(start_paused = true)]
async fn f10_without_a_token_nothing_is_sent() {
    let transport = slow(Duration::ZERO, |_| (200, "{}"));
    let (hanging, fetches) = bearer(Duration::from_secs(3_600), |_| true, Kind::Other);
    let pipeline = pipeline(&transport, hanging);
    let options = CallOptions::default().with_timeout(2 * SECOND);
    let begun = Stopwatch::start();
    let error = call(&pipeline, OperationClass::Keyed, &options)
        .await
        .unwrap_err();
    assert!(begun.elapsed() <= 2 * SECOND);
    assert_eq!(error.delivery(), Delivery::NotSent, "{error}");
    assert!(transport.sent().is_empty());
    assert_eq!(fetches.load(Ordering::SeqCst), 1);
    assert_eq!(pipeline.health().breaker, BreakerState::Closed);
}

/// Fifty callers at once, one fetch; then a pause that grows, during which callers fail at once.
#[tokio::test(start_paused = true)]
async fn f11_a_token_that_cannot_be_had_is_asked_for_once_and_then_after_a_pause() {
    for failure in [Kind::Unauthenticated, Kind::Unavailable] {
        let transport = slow(Duration::ZERO, |_| (200, "{}"));
        let (issuer, fetches) = bearer(SECOND / 10, |number| number >= 3, failure.clone());
        let pipeline = pipeline(&transport, issuer);
        let options = CallOptions::default().without_retries();
        let calls = join_all((0..50).map(|_| call(&pipeline, OperationClass::Keyed, &options)));
        for result in calls.await {
            let error = result.unwrap_err();
            assert_eq!(
                (error.kind(), error.delivery()),
                (&failure, Delivery::NotSent)
            );
        }
        let asked = || fetches.load(Ordering::SeqCst);
        assert_eq!(asked(), 1, "one fetch for all who waited");
        for _ in 0..100 {
            let error = call(&pipeline, OperationClass::Keyed, &options)
                .await
                .unwrap_err();
            assert_eq!(error.delivery(), Delivery::NotSent);
            assert!(
                error.retry_after().is_some_and(|wait| wait <= 2 * SECOND),
                "{error:?}"
            );
            match (&failure, error.kind()) {
                (Kind::Unauthenticated, Kind::Unauthenticated)
                | (Kind::Unavailable, Kind::CircuitOpen { .. }) => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(asked(), 1, "nobody asks during the pause");
        // The pauses are 1.1 s, 2.2 s and 4.4 s, with the jitter of a tenth.
        for (wait, expected) in [(1_200, 2), (1_200, 2), (1_200, 3), (2_500, 3), (2_500, 4)] {
            later(Duration::from_millis(wait)).await;
            let _ = call(&pipeline, OperationClass::Keyed, &options).await;
            assert_eq!(asked(), expected, "after {wait} ms");
        }
        call(&pipeline, OperationClass::Keyed, &options)
            .await
            .unwrap();
    }
}

/// A vendor that rejects every token that it issues is not asked for a new one by every call.
#[tokio::test(start_paused = true)]
async fn f11_rejected_tokens_are_not_replaced_by_every_call() {
    let transport = slow(Duration::ZERO, |_| (401, ""));
    let (issuer, fetches) = bearer(Duration::ZERO, |_| true, Kind::Other);
    let pipeline = pipeline(&transport, issuer);
    for _ in 0..50 {
        let options = CallOptions::default();
        let error = call(&pipeline, OperationClass::Keyed, &options)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), &Kind::Unauthenticated);
        assert_eq!(error.delivery(), Delivery::Refused);
    }
    assert_eq!(
        fetches.load(Ordering::SeqCst),
        2,
        "the first token and one replacement"
    );
    later(2 * SECOND).await;
    let _ = call(&pipeline, OperationClass::Keyed, &CallOptions::default()).await;
    assert_eq!(
        fetches.load(Ordering::SeqCst),
        3,
        "later it is worth another try"
    );
}
