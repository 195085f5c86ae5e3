//! The pipeline that is measured: every policy is on, and none delays a call.

use std::{
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyvendor_core::{
    Error,
    resilience::{
        AttemptReport, AuthRejection, Authorizer, ByStatus, CallReport, Observer, Operation,
        OperationClass, Pipeline, Policy, QuotaHeaders, RateWindow, ResetUnit, UnsignedRequest,
    },
    transport::Transport,
};
use anyvendor_http::SystemClock;
use async_trait::async_trait;
use http::{HeaderValue, Method, header::AUTHORIZATION};

/// The response that every subject gets.
pub(crate) const BODY: &[u8] = br#"{"id":"thing_1","object":"thing","amount":1000,"ok":true}"#;
/// Headers as vendors send them: a request id and a quota.
pub(crate) const HEADERS: [(&str, &str); 5] = [
    ("content-type", "application/json"),
    ("request-id", "req_0123456789"),
    ("x-ratelimit-limit", "1000000"),
    ("x-ratelimit-remaining", "999999"),
    ("x-ratelimit-reset", "60"),
];
/// The credentials that every subject sends.
pub(crate) const BEARER: HeaderValue = HeaderValue::from_static("Bearer sk_test_0123456789abcdef");

pub(crate) const READ: Operation = Operation::new(
    "thing.get",
    &Method::GET,
    "/v1/things/{id}",
    OperationClass::Safe,
);

/// Every policy is on: a rate limit and a concurrency limit that are never reached, breaker, budget, quota and observer.
pub(crate) fn pipeline(transport: Arc<dyn Transport>) -> Pipeline {
    let window = RateWindow {
        limit: NonZeroU32::MAX,
        per: Duration::from_secs(1),
    };
    let policy = Policy::default()
        .with_rate_limit(vec![window])
        .with_max_concurrency(NonZeroU32::MIN.saturating_add(999));
    let quota = QuotaHeaders {
        window: "requests",
        limit: "x-ratelimit-limit",
        remaining: "x-ratelimit-remaining",
        reset: "x-ratelimit-reset",
        reset_unit: ResetUnit::DeltaSeconds,
    };
    let (authorizer, classifier) = (Arc::new(Bearer), Arc::new(ByStatus));
    let clock = Arc::new(SystemClock);
    Pipeline::builder("bench", transport, authorizer, classifier, clock)
        .policy(policy)
        .quota(vec![quota])
        .observer(Arc::new(Counter::default()))
        .build()
        .expect("a good policy")
}

#[derive(Debug)]
struct Bearer;

#[async_trait]
impl Authorizer for Bearer {
    async fn authorize(&self, request: UnsignedRequest<'_>) -> Result<u64, Error> {
        request.headers.insert(AUTHORIZATION, BEARER);
        Ok(0)
    }

    async fn recover(&self, _: AuthRejection<'_>) -> Result<bool, Error> {
        Ok(false)
    }
}

/// Counts, as an application's metrics would.
#[derive(Debug, Default)]
struct Counter {
    attempts: AtomicU64,
    calls: AtomicU64,
}

impl Observer for Counter {
    fn attempt(&self, _: &AttemptReport) {
        self.attempts.fetch_add(1, Ordering::Relaxed);
    }

    fn call(&self, _: &CallReport) {
        self.calls.fetch_add(1, Ordering::Relaxed);
    }
}
