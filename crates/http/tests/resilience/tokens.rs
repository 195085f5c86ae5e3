//! Tokens that the vendor stops accepting while many calls are in flight.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use anyvendor_core::{
    Error, Kind,
    resilience::{
        AuthRejection, Authorizer, CallOptions, NoJitter, OperationClass, Pipeline, Token,
        TokenCell, TokenSource, UnsignedRequest,
    },
};
use anyvendor_http::SystemClock;
use anyvendor_testkit::{Server, Step};
use async_trait::async_trait;
use futures_util::future::join_all;
use http::HeaderValue;
use tokio::sync::Semaphore;

use super::bench::{acme, operation, request, transport};

/// Issues the tokens 0, 1, 2, each when the test allows it.
#[derive(Debug)]
struct Counting {
    fetched: Arc<AtomicU32>,
    requested: Arc<Semaphore>,
    allowed: Arc<Semaphore>,
}

#[async_trait]
impl TokenSource for Counting {
    type Value = u32;

    async fn fetch(&self) -> Result<Token<u32>, Error> {
        self.requested.add_permits(1);
        self.allowed.acquire().await.unwrap().forget();
        let value = self.fetched.fetch_add(1, Ordering::SeqCst);
        Ok(Token {
            value,
            expires_in: None,
        })
    }
}

#[derive(Debug)]
struct Bearer {
    cell: TokenCell<Counting>,
}

#[async_trait]
impl Authorizer for Bearer {
    async fn authorize(&self, request: UnsignedRequest<'_>) -> Result<u64, Error> {
        let (token, generation) = self.cell.get().await?;
        let value = HeaderValue::from_str(&token.to_string()).unwrap();
        request.headers.insert("authorization", value);
        Ok(generation)
    }

    async fn recover(&self, rejection: AuthRejection<'_>) -> Result<bool, Error> {
        self.cell.replace(rejection.generation).await.map(|_| true)
    }
}

struct Tokens {
    server: Server,
    pipeline: Pipeline,
    fetched: Arc<AtomicU32>,
    requested: Arc<Semaphore>,
    allowed: Arc<Semaphore>,
}

/// A vendor that accepts the tokens for which `accepts` returns true.
async fn tokens(accepts: fn(&str) -> bool) -> Tokens {
    let server = Server::answering(move |seen| {
        let good = seen.header("authorization").is_some_and(accepts);
        Step::response(if good { 200 } else { 401 }, "{}")
    })
    .await;
    let (requested, allowed) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let fetched = Arc::new(AtomicU32::new(0));
    let source = Counting {
        fetched: fetched.clone(),
        requested: requested.clone(),
        allowed: allowed.clone(),
    };
    let clock = Arc::new(SystemClock);
    let cell = TokenCell::new(source, clock, Arc::new(NoJitter), Duration::from_secs(60));
    let bearer = Arc::new(Bearer { cell });
    let pipeline = Pipeline::builder("acme", transport(), bearer, acme(), Arc::new(SystemClock))
        .build()
        .unwrap();
    Tokens {
        server,
        pipeline,
        fetched,
        requested,
        allowed,
    }
}

impl Tokens {
    async fn call(&self) -> Result<(), Error> {
        let class = OperationClass::Unkeyed;
        let request = request(self.server.address(), class);
        let (operation, options) = (operation(class), CallOptions::default());
        let call = self.pipeline.call(&operation, request, &options);
        call.await.map(|_| ())
    }

    fn with_token(&self, token: &str) -> usize {
        let seen = self.server.seen();
        let sent = seen
            .iter()
            .filter(|request| request.header("authorization") == Some(token));
        sent.count()
    }
}

#[tokio::test]
async fn t25_hundred_401s_one_refresh() {
    let tokens = tokens(|token| token != "0").await;
    tokens.allowed.add_permits(100);
    let results = join_all((0..100).map(|_| tokens.call())).await;
    for result in results {
        result.unwrap();
    }
    assert_eq!(
        tokens.fetched.load(Ordering::SeqCst),
        2,
        "the first token, and one refresh for all calls"
    );
    let rejected = tokens.with_token("0");
    assert!((1..=100).contains(&rejected), "{rejected}");
    assert_eq!(tokens.with_token("1"), 100, "each is replayed once");
}

#[tokio::test]
async fn t25_the_refresh_outlives_the_call_that_began_it() {
    let tokens = tokens(|token| token != "0").await;
    tokens.allowed.add_permits(1);
    {
        let leader = tokens.call();
        tokio::pin!(leader);
        // The first time for the first token; the second time after the vendor has rejected it.
        for _ in 0..2 {
            tokio::select! {
                _ = &mut leader => panic!("the refresh was not allowed yet"),
                requested = tokens.requested.acquire() => requested.unwrap().forget(),
            }
        }
    }
    let others = join_all((0..10).map(|_| tokens.call()));
    let allow = async {
        tokio::task::yield_now().await;
        tokens.allowed.add_permits(1);
    };
    let (results, ()) = tokio::join!(others, allow);
    for result in results {
        result.unwrap();
    }
    assert_eq!(
        tokens.fetched.load(Ordering::SeqCst),
        2,
        "the refresh that the first call began served all calls"
    );
}

#[tokio::test]
async fn t25_a_second_refusal_is_final() {
    let tokens = tokens(|_| false).await;
    tokens.allowed.add_permits(100);
    let error = tokens.call().await.unwrap_err();
    assert_eq!(error.kind(), &Kind::Unauthenticated);
    assert_eq!(error.attempts(), 2);
    assert_eq!((tokens.with_token("0"), tokens.with_token("1")), (1, 1));
}
