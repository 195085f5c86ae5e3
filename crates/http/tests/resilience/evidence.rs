//! What an error reports about the vendor's action, compared with what the server saw.

use std::{collections::HashMap, io, net::IpAddr, sync::Arc, time::Duration};

use anyvendor_core::{
    Delivery, Error, Kind, RetryStop,
    error::{ProtocolReason, TimeoutPhase, TransportPhase},
    resilience::{BreakerConfig, BudgetConfig, CallOptions, OperationClass, Policy, Request},
};
use anyvendor_http::{HttpTransport, Resolver, TransportConfig};
use anyvendor_testkit::{
    Server, Step,
    server::{head, refusing},
};
use async_trait::async_trait;
use url::Url;

use super::bench::{ALL, Bench, Stepped, local, operation, request, transport};

async fn call_url(bench: &Bench, class: OperationClass, url: &str) -> Error {
    let request = Request::new(Url::parse(url).unwrap())
        .with_form("a=1")
        .with_call_key("call-1".parse().unwrap());
    let result = bench
        .pipeline
        .call(&operation(class), request, &CallOptions::default())
        .await;
    result.expect_err("no server responds there")
}

#[derive(Debug)]
struct Nowhere;

#[async_trait]
impl Resolver for Nowhere {
    async fn resolve(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        Err(io::Error::other("no such name"))
    }
}

#[tokio::test]
async fn t02_not_sent_means_server_saw_nothing() {
    let (dead, _port) = refusing();
    let names = HttpTransport::builder(local()).resolver(Arc::new(Nowhere));
    let names = Arc::new(names.build().unwrap());
    let closed = TransportConfig::default();
    let closed = Arc::new(HttpTransport::new(closed).unwrap());
    let garbled = Step::Greet(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec());
    let network = |phase| Kind::Transport { phase };
    for class in ALL {
        let server = Server::start([]).await;
        let plain = format!("http://{}/", server.address());
        let named = format!("http://api.acme.example:{}/", server.address().port());
        let refusing = format!("http://{dead}/");
        let over = |transport: &Arc<HttpTransport>, server: &Server| {
            Bench::over(transport.clone(), server.clone(), |builder| builder)
        };
        for (bench, url, kind, attempts) in [
            (
                over(&transport(), &server),
                &refusing,
                network(TransportPhase::Connect),
                3,
            ),
            (
                over(&names, &server),
                &named,
                network(TransportPhase::Dns),
                3,
            ),
            (
                over(&closed, &server),
                &plain,
                Kind::Protocol(ProtocolReason::BlockedAddress),
                1,
            ),
        ] {
            let error = call_url(&bench, class, url).await;
            assert_eq!(error.kind(), &kind, "{class:?}");
            assert_eq!(
                (error.delivery(), error.attempts()),
                (Delivery::NotSent, attempts)
            );
        }
        let hung_up = Server::start(vec![Step::CloseUnread; 3]).await;
        let nonsense = Server::start(vec![garbled.clone(); 3]).await;
        for server in [&hung_up, &nonsense] {
            let url = format!("https://{}/", server.address());
            let error = call_url(&over(&transport(), server), class, &url).await;
            let unsecured = [TransportPhase::Connect, TransportPhase::Tls].map(network);
            assert!(unsecured.contains(error.kind()), "{class:?} {error:?}");
            assert_eq!((error.delivery(), error.attempts()), (Delivery::NotSent, 3));
            assert_eq!((server.connections(), server.heads()), (3, 0));
        }
        server.settle().await;
        assert_eq!(
            (server.heads(), server.connections()),
            (0, 1),
            "only the connection that `settle` opens"
        );
    }
}

/// The shorter of two limits ends a handshake that hangs; in both cases the request is not sent.
#[tokio::test(start_paused = true)]
async fn t02_a_hanging_handshake_is_not_sent() {
    let _stepped = Stepped::new();
    let second = Duration::from_secs(1);
    for (attempt, passing, phase) in [
        (60 * second, 4 * second, TimeoutPhase::Connect),
        (second, 2 * second, TimeoutPhase::Send),
    ] {
        let policy = Policy::default()
            .with_timeouts(attempt, Duration::from_secs(600))
            .with_attempts(1);
        let bench = Bench::with_policy(&[Step::Greet(Vec::new())], policy).await;
        let url = format!("https://{}/", bench.server.address());
        let call = call_url(&bench, OperationClass::Unkeyed, &url);
        let step = async {
            bench.server.fell_silent().await;
            tokio::time::advance(passing).await;
        };
        let (error, ()) = tokio::join!(call, step);
        assert_eq!(error.kind(), &Kind::Timeout { phase });
        assert_eq!(error.delivery(), Delivery::NotSent);
        assert_eq!(bench.settle().await.heads(), 0);
    }
}

#[tokio::test]
async fn t02_our_own_refusals_send_nothing() {
    let bench = Bench::new(&[]).await;
    bench.pipeline.isolate();
    let error = bench.call(OperationClass::Unkeyed).await.unwrap_err();
    assert!(matches!(error.kind(), Kind::CircuitOpen { .. }));
    assert_eq!((error.delivery(), error.attempts()), (Delivery::NotSent, 0));
    bench.pipeline.reset();
    let options = CallOptions::default().with_timeout(Duration::ZERO);
    let error = bench
        .call_with(OperationClass::Unkeyed, &options)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), &Kind::DeadlineExceeded);
    assert_eq!((error.delivery(), error.attempts()), (Delivery::NotSent, 0));
    assert_eq!(bench.settle().await.heads(), 0);
}

/// Runs every script of three faults, for every class. A request that was rejected before any work and a read that got
/// a response do not count: the call went on and the vendor did nothing.
#[tokio::test]
async fn t02_whatever_goes_wrong_not_sent_means_that_nothing_arrived() {
    let closing = |status: &str| {
        let head =
            format!("HTTP/1.1 {status} No\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
        Step::RespondAndClose(head.into_bytes())
    };
    let faults = [
        Step::CloseUnread,
        Step::CloseAfterHead,
        Step::Close,
        Step::RespondAndClose(head(2)),
        closing("503"),
        closing("429"),
        closing("402"),
    ];
    let transport = transport();
    let policy = Policy::default().with_breaker(BreakerConfig::disabled());
    let mut deliveries = HashMap::new();
    for script in 0..faults.len().pow(3) {
        let script = [script, script / 7, script / 49].map(|digit| faults[digit % 7].clone());
        for class in ALL {
            let server = Server::start(script.clone()).await;
            let bench = Bench::over(transport.clone(), server, |builder| {
                builder.policy(policy.clone())
            });
            let request = request(bench.server.address(), class).with_form("a=1");
            let error = bench
                .pipeline
                .call(&operation(class), request, &CallOptions::default())
                .await
                .expect_err("three faults end the call");
            let server = bench.settle().await;
            let arrived = server.count();
            let context = format!("{script:?} {class:?} {error:?}");
            assert!(arrived <= error.attempts() as usize, "{context}");
            if error.delivery() == Delivery::NotSent {
                let made = &script[..error.attempts() as usize];
                let harmless = made.iter().filter(|fault| is_harmless(fault, class));
                assert_eq!(arrived, harmless.count(), "{context}");
            }
            if error.delivery() == Delivery::Refused {
                assert!(arrived > 0, "{context}");
            }
            *deliveries.entry(error.delivery()).or_insert(0) += 1;
        }
    }
    assert_eq!(deliveries.len(), 3, "each was seen: {deliveries:?}");
}

fn is_harmless(fault: &Step, class: OperationClass) -> bool {
    let has_status = |status: &[u8]| matches!(fault, Step::RespondAndClose(text) if text[9..].starts_with(status));
    has_status(b"429") || (class == OperationClass::Safe && has_status(b"503"))
}

#[tokio::test]
async fn t02_a_body_half_written_is_unknown() {
    let bench = Bench::new(&[Step::CloseAfterHead]).await;
    let request =
        request(bench.server.address(), OperationClass::Unkeyed).with_form(vec![b'a'; 4 << 20]);
    let error = bench
        .pipeline
        .call(
            &operation(OperationClass::Unkeyed),
            request,
            &CallOptions::default(),
        )
        .await
        .unwrap_err();
    assert_eq!((error.delivery(), error.attempts()), (Delivery::Unknown, 1));
    let server = bench.settle().await;
    assert_eq!((server.heads(), server.count()), (1, 0));
}

/// The bytes of an empty body are never requested, so a missing request for them proves nothing.
#[tokio::test]
async fn t02_an_empty_body_proves_nothing() {
    let bench = Bench::new(&[Step::Close]).await;
    let request = request(bench.server.address(), OperationClass::Unkeyed).with_form("");
    let (operation, options) = (operation(OperationClass::Unkeyed), CallOptions::default());
    let call = bench.pipeline.call(&operation, request, &options);
    let error = call.await.unwrap_err();
    assert_eq!((error.delivery(), error.attempts()), (Delivery::Unknown, 1));
    assert_eq!(bench.settle().await.count(), 1);
}

#[tokio::test]
async fn t17_a_reused_connection_that_closes_after_reading_is_unknown() {
    let bench = Bench::new(&[Step::response(200, "{}"), Step::Close]).await;
    bench.call(OperationClass::Unkeyed).await.unwrap();
    let error = bench.call(OperationClass::Unkeyed).await.unwrap_err();
    assert_eq!((error.delivery(), error.attempts()), (Delivery::Unknown, 1));
    assert_eq!(error.stop(), Some(RetryStop::NotIdempotent));
    let server = bench.settle().await;
    assert_eq!(
        (server.connections(), server.count()),
        (1 + 1, 2),
        "one is the connection that `settle` opens"
    );
}

/// The server closes idle connections at the worst moments: with its response, and while the next request is in flight.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t17_idle_close_race_is_never_resent_unkeyed() {
    const ROUNDS: usize = 150;
    let ok = [head(2), b"{}".to_vec()].concat();
    let mut budget = BudgetConfig::default();
    budget.capacity = 1_000_000;
    let mut policy = Policy::default().with_breaker(BreakerConfig::disabled());
    policy.budget = budget;
    for (step, hang_up) in [
        (Step::RespondAndClose(ok.clone()), false),
        (Step::RespondAndCloseLater(ok.clone()), true),
        (Step::Respond(ok), false),
    ] {
        let response = step.clone();
        let server = Server::answering(move |_| response.clone()).await;
        let bench = Bench::at(server, |builder| builder.policy(policy.clone()));
        let mut results = Vec::new();
        for round in 0..ROUNDS {
            let request = request(bench.server.address(), OperationClass::Unkeyed)
                .with_form(format!("round={round}"));
            let result = bench
                .pipeline
                .call(
                    &operation(OperationClass::Unkeyed),
                    request,
                    &CallOptions::default(),
                )
                .await;
            results.push(result.map(|_| ()));
            if hang_up {
                bench.server.hang_up();
            }
        }
        let seen = bench.settle().await.seen();
        for (round, result) in results.into_iter().enumerate() {
            let body = format!("round={round}").into_bytes();
            let arrived = seen.iter().filter(|request| request.body == body).count();
            let allowed = match &result {
                Ok(()) => 1..=1,
                Err(error) if error.delivery() == Delivery::NotSent => 0..=0,
                Err(error) => {
                    assert_eq!(error.delivery(), Delivery::Unknown);
                    0..=1
                }
            };
            assert!(
                allowed.contains(&arrived),
                "{step:?}: {arrived} of {result:?}"
            );
        }
    }
}

#[tokio::test]
async fn t17_a_connection_known_to_be_closed_is_replaced() {
    let response = [head(2), b"{}".to_vec()].concat();
    let bench = Bench::new(&[Step::RespondAndCloseLater(response)]).await;
    bench.call(OperationClass::Unkeyed).await.unwrap();
    bench.server.hang_up();
    bench.server.settle().await;
    bench.call(OperationClass::Unkeyed).await.unwrap();
    let server = bench.settle().await;
    assert_eq!(server.count(), 2);
}
