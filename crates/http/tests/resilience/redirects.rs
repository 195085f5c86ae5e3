//! Redirects are never followed, and their target receives no request.

use anyvendor_core::{
    Delivery, Kind,
    error::ProtocolReason,
    resilience::{CallOptions, OperationClass},
};
use anyvendor_testkit::{Server, Step};
use http::{HeaderName, HeaderValue};

use super::bench::{ALL, Bench, operation, request};

#[tokio::test]
async fn t20_redirects_carry_nothing() {
    for status in [301, 302, 303, 307, 308] {
        for class in ALL {
            let second = Server::start([]).await;
            let location = format!("http://{}/collect", second.address());
            let first = Step::response(status, "").with_header("location", location);
            let bench = Bench::new(&[first]).await;
            let mut request = request(bench.server.address(), class);
            for (name, value) in [("authorization", "Bearer secret"), ("x-api-key", "secret")] {
                let value = HeaderValue::from_static(value);
                request = request.with_header(HeaderName::from_static(name), value);
            }
            let error = bench
                .pipeline
                .call(&operation(class), request, &CallOptions::default())
                .await
                .unwrap_err();
            let context = format!("{status} {class:?}");
            assert_eq!(
                error.kind(),
                &Kind::Protocol(ProtocolReason::UnexpectedRedirect),
                "{context}"
            );
            // A redirect does not say what became of the write.
            let delivery = match class {
                OperationClass::Safe => Delivery::Refused,
                _ => Delivery::Unknown,
            };
            assert_eq!(
                (error.delivery(), error.attempts()),
                (delivery, 1),
                "{context}"
            );
            assert_eq!(error.status().map(|status| status.as_u16()), Some(status));
            assert!(
                !format!("{error} {error:?}").contains("collect"),
                "{error:?}"
            );
            let first = bench.settle().await;
            assert_eq!(first.count(), 1, "{context}");
            assert_eq!(second.connections(), 0, "{context}");
        }
    }
}

/// A redirect to another page of the same origin is not followed either, and no request has a `referer` header.
#[tokio::test]
async fn t20_the_same_origin_is_no_exception_and_there_is_no_referer() {
    let bench = Bench::new(&[Step::response(302, "").with_header("location", "/there")]).await;
    bench.call(OperationClass::Safe).await.unwrap_err();
    bench.call(OperationClass::Safe).await.unwrap();
    let seen = bench.settle().await.seen();
    assert_eq!(seen.len(), 2);
    for request in seen {
        assert!(request.line() == "GET /things");
        assert_eq!(request.header("referer"), None);
        assert_eq!(request.header("cookie"), None);
    }
}
