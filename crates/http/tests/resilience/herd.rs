//! Many clients and one outage: no client multiplies the load, and they do not come back together.

use std::{sync::Arc, time::Duration};

use anyvendor_core::{
    Error, Kind, RetryStop,
    resilience::{
        BreakerConfig, BudgetConfig, CallOptions, Clock, FullJitter, OperationClass, Policy,
    },
    transport::{Incoming, Outgoing, Transport, TransportError},
};
use anyvendor_http::ManualClock;
use anyvendor_testkit::{Server, Step};
use async_trait::async_trait;
use futures_util::stream;
use http::{HeaderMap, HeaderValue, StatusCode};

use super::bench::{ALL, Bench, clock, operation, request};

fn budget(capacity: u32) -> BudgetConfig {
    let mut budget = BudgetConfig::default();
    budget.capacity = capacity;
    budget.refill_per_second = 0;
    budget
}

fn patient(capacity: u32) -> Policy {
    let mut policy = Policy::default().with_breaker(BreakerConfig::disabled());
    policy.budget = budget(capacity);
    policy
}

/// A server that reads each request and then closes the connection. A missing server makes no difference to the
/// pipeline.
#[tokio::test]
async fn t13_attempts_do_not_multiply() {
    const CALLS: usize = 60;
    const RETRIES: usize = 10;
    let cost = BudgetConfig::default().cost as usize;
    let capacity = u32::try_from(RETRIES * cost).unwrap();
    for class in ALL {
        let server = Server::answering(|_| Step::Close).await;
        let bench = Bench::at(server, |builder| builder.policy(patient(capacity)));
        let mut attempts = 0;
        let mut stops = Vec::new();
        for _ in 0..CALLS {
            let error = bench.call(class).await.unwrap_err();
            attempts += error.attempts() as usize;
            stops.push(error.stop());
        }
        let server = bench.settle().await;
        assert_eq!(
            server.heads(),
            attempts,
            "the transport sends no requests of its own"
        );
        if class == OperationClass::Unkeyed {
            assert_eq!(attempts, CALLS);
        } else {
            assert_eq!(attempts, CALLS + RETRIES, "{class:?}");
            assert_eq!(stops.last(), Some(&Some(RetryStop::BudgetEmpty)));
        }
    }
}

#[tokio::test]
async fn t13_many_callers_at_once_share_one_budget_and_one_breaker() {
    const CALLS: usize = 64;
    const RETRIES: usize = 5;
    let capacity = u32::try_from(RETRIES).unwrap() * BudgetConfig::default().cost;
    let server = Server::answering(|_| Step::Close).await;
    let bench = Bench::at(server, |builder| builder.policy(patient(capacity)));
    let calls = (0..CALLS).map(|_| bench.call(OperationClass::Idempotent));
    let results = futures_util::future::join_all(calls).await;
    assert!(results.iter().all(Result::is_err));
    assert_eq!(bench.settle().await.heads(), CALLS + RETRIES);

    let server = Server::answering(|_| Step::Close).await;
    let mut policy = Policy::default();
    policy.budget = budget(0);
    let minimum = policy.breaker.minimum_calls as usize;
    let bench = Bench::at(server, |builder| builder.policy(policy));
    let mut rejected = 0;
    for _ in 0..CALLS {
        let error = bench.call(OperationClass::Idempotent).await.unwrap_err();
        rejected += usize::from(matches!(error.kind(), Kind::CircuitOpen { .. }));
    }
    assert_eq!(
        bench.settle().await.heads(),
        minimum,
        "then the breaker is open"
    );
    assert_eq!(rejected, CALLS - minimum);
}

/// Fails the first requests of each client and responds to the others. Sockets would only add noise to the spread.
#[derive(Debug)]
struct Outage {
    clock: Arc<ManualClock>,
    /// When the vendor works again, counted from the start of the clock.
    until: Duration,
    headers: HeaderMap,
}

#[async_trait]
impl Transport for Outage {
    async fn send(&self, _: Outgoing) -> Result<Incoming, TransportError> {
        let status = if self.clock.passed() < self.until {
            StatusCode::SERVICE_UNAVAILABLE
        } else {
            StatusCode::OK
        };
        let body = Box::pin(stream::empty());
        Ok(Incoming::new(status, self.headers.clone(), body))
    }
}

const CLIENTS: u32 = 1_000;

/// The times at which many clients retry after the same failure at the same moment.
async fn returns(
    headers: &[(&'static str, &'static str)],
    policy: &Policy,
    after: impl AsyncFn(&Client) -> Duration,
) -> Vec<Duration> {
    // Full jitter, but the same in each run of the test.
    fastrand::seed(12);
    let mut times = Vec::new();
    for _ in 0..CLIENTS {
        let clock = Arc::new(clock());
        let headers = headers.iter().map(|(name, value)| {
            (
                http::HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        });
        let outage = Outage {
            clock: clock.clone(),
            until: Duration::from_nanos(1),
            headers: headers.collect(),
        };
        let client = Client::new(clock, outage, policy.clone());
        times.push(after(&client).await);
    }
    times
}

struct Client {
    clock: Arc<ManualClock>,
    pipeline: anyvendor_core::resilience::Pipeline,
}

impl Client {
    fn new(clock: Arc<ManualClock>, outage: Outage, policy: Policy) -> Self {
        let acme = super::bench::acme();
        let pipeline = anyvendor_core::resilience::Pipeline::builder(
            "acme",
            Arc::new(outage),
            acme.clone(),
            acme,
            clock.clone() as Arc<dyn Clock>,
        )
        .policy(policy)
        .jitter(Arc::new(FullJitter))
        .build()
        .unwrap();
        Self { clock, pipeline }
    }

    async fn call(&self) -> Result<(), Error> {
        let nowhere = "127.0.0.1:1".parse().unwrap();
        let class = OperationClass::Idempotent;
        let (operation, options) = (operation(class), CallOptions::default());
        let call = self
            .pipeline
            .call(&operation, request(nowhere, class), &options);
        call.await.map(|_| ())
    }
}

/// Checks ten equal parts of the span: an even spread puts a hundred into each, and chance varies that by a few tens.
fn assert_spread(times: &[Duration], from: Duration, span: Duration) {
    let mut parts = [0_u32; 10];
    for time in times {
        let into = time
            .checked_sub(from)
            .expect("no client comes before the time");
        let part = into.as_nanos() * 10 / span.as_nanos();
        parts[usize::try_from(part).unwrap().min(9)] += 1;
    }
    assert!(
        parts.iter().all(|count| (60..=150).contains(count)),
        "{parts:?}"
    );
}

#[tokio::test]
async fn t12_return_is_spread() {
    let second = Duration::from_secs(1);
    let policy = Policy::default().with_delays(second, second);
    let passed = async |client: &Client| {
        client.call().await.unwrap();
        client.clock.passed()
    };
    let times = returns(&[], &policy, passed).await;
    assert_spread(&times, Duration::ZERO, second);
    // The vendor names a time: no client retries before it, and not all retry exactly at it.
    let times = returns(&[("retry-after", "7")], &policy, passed).await;
    assert_spread(&times, 7 * second, second);
}

#[tokio::test]
async fn t12_circuits_that_opened_together_do_not_probe_together() {
    let mut breaker = BreakerConfig::default();
    breaker.minimum_calls = 1;
    let policy = Policy::default().with_attempts(1).with_breaker(breaker);
    let times = returns(&[], &policy, async |client| {
        client.call().await.unwrap_err();
        let rejected = client.call().await.unwrap_err();
        assert_eq!(client.clock.passed(), Duration::ZERO);
        rejected.retry_after().unwrap()
    });
    assert_spread(&times.await, breaker.open_for, breaker.open_for / 10);
}
