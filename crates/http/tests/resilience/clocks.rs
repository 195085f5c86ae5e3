//! Clocks that are set while a call is in flight.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyvendor_core::{
    Error,
    resilience::{
        AuthRejection, Authorizer, CallOptions, Clock, NoJitter, OperationClass, Pipeline,
        UnsignedRequest,
    },
};
use anyvendor_http::ManualClock;
use anyvendor_testkit::{Server, Step};
use async_trait::async_trait;
use http::HeaderValue;

use super::bench::{acme, clock, operation, request, transport};

const HOUR: Duration = Duration::from_secs(3_600);

/// Sets the date on each attempt, as a signing authorizer does.
#[derive(Debug)]
struct Dating;

#[async_trait]
impl Authorizer for Dating {
    async fn authorize(&self, request: UnsignedRequest<'_>) -> Result<u64, Error> {
        let date = request.now.as_second().to_string();
        let date = HeaderValue::from_str(&date).unwrap();
        request.headers.insert("x-date", date);
        Ok(0)
    }

    async fn recover(&self, _: AuthRejection<'_>) -> Result<bool, Error> {
        Ok(false)
    }
}

#[tokio::test]
async fn t26_clock_steps_change_nothing() {
    let start = clock().wall();
    for stepped in [start - HOUR, start + HOUR] {
        let clock = Arc::new(clock());
        let (set, requests) = (clock.clone(), AtomicUsize::new(0));
        // The clock is set while the first request is at the vendor.
        let server = Server::answering(move |_| {
            if requests.fetch_add(1, Ordering::SeqCst) == 0 {
                set.set_wall(stepped);
                return Step::response(503, "").with_header("retry-after", "2");
            }
            Step::response(200, "{}")
        })
        .await;
        let pipeline = pipeline(&clock);
        let class = OperationClass::Safe;
        let options = CallOptions::default().with_timeout(Duration::from_secs(20));
        pipeline
            .call(
                &operation(class),
                request(server.address(), class),
                &options,
            )
            .await
            .unwrap();
        // The two seconds that the vendor requested, plus the jitter of one second.
        assert_eq!(clock.passed(), Duration::from_secs(3));
        let dates: Vec<_> = server
            .seen()
            .iter()
            .map(|request| request.header("x-date").unwrap().parse::<i64>().unwrap())
            .collect();
        assert_eq!(
            dates,
            [start.as_second(), stepped.as_second() + 3],
            "each attempt is signed again"
        );
    }
}

/// A `retry-after` date is compared with the vendor's clock, even if the local clock is wrong.
#[tokio::test]
async fn t26_a_date_to_wait_for_is_counted_from_the_answers_date() {
    for skew in [Duration::ZERO, HOUR] {
        let clock = Arc::new(clock());
        clock.set_wall(clock.wall() - skew);
        let headers = [
            ("date", "Fri, 01 Jan 2027 10:00:00 GMT"),
            ("retry-after", "Fri, 01 Jan 2027 10:00:05 GMT"),
        ];
        let server = Server::start([Step::response(429, "").with_headers(&headers)]).await;
        let class = OperationClass::Unkeyed;
        pipeline(&clock)
            .call(
                &operation(class),
                request(server.address(), class),
                &CallOptions::default(),
            )
            .await
            .unwrap();
        assert_eq!(clock.passed(), Duration::from_secs(5 + 1));
    }
}

fn pipeline(clock: &Arc<ManualClock>) -> Pipeline {
    Pipeline::builder("acme", transport(), Arc::new(Dating), acme(), clock.clone())
        .jitter(Arc::new(NoJitter))
        .build()
        .unwrap()
}
