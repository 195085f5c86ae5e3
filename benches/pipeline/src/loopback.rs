//! Over loopback, against a server on its own thread.

use std::{sync::Arc, time::Duration};

use anyvendor_bench_support::{
    server::{ok, serve_all},
    stats::{Subject, print, turns},
};
use anyvendor_core::{
    resilience::{CallOptions, Request},
    transport::{Outgoing, OutgoingBody, Transport},
};
use anyvendor_http::{HttpTransport, TransportConfig};
use bytes::Bytes;
use futures_util::StreamExt;
use http::{HeaderMap, Method, header::AUTHORIZATION};
use reqwest_middleware::ClientBuilder;
use reqwest_retry::{RetryTransientMiddleware, policies::ExponentialBackoff};

use crate::subject::{BEARER, BODY, HEADERS, READ, pipeline};

/// Few, so that a slow moment of the machine hits all subjects of a round.
const CALLS: usize = 20;

/// reqwest as anyvendor sets it up.
fn raw() -> reqwest::Client {
    reqwest::Client::builder()
        .user_agent("anyvendor/0.1.0")
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .connect_timeout(Duration::from_millis(3_100))
        .pool_idle_timeout(Duration::from_secs(20))
        .no_proxy()
        .build()
        .expect("a client")
}

pub(crate) async fn run(rounds: usize) {
    let address = serve_all(ok(&HEADERS, BODY));
    let url: reqwest::Url = format!("http://{address}/v1/things/thing_1")
        .parse()
        .expect("an address");

    let client = raw();
    let get = || async {
        let sent = client.get(url.clone()).header(AUTHORIZATION, BEARER);
        let response = sent.send().await.expect("a response");
        assert_eq!(response.bytes().await.expect("a body"), BODY);
    };
    let timed_client = raw();
    let get_timed = || async {
        let sent = timed_client.get(url.clone()).header(AUTHORIZATION, BEARER);
        let sent = sent.timeout(Duration::from_secs(10));
        let response = sent.send().await.expect("a response");
        assert_eq!(response.bytes().await.expect("a body"), BODY);
    };
    let transport =
        HttpTransport::new(TransportConfig::of(Duration::from_millis(3_100), true)).expect("TLS");
    let pipeline = pipeline(Arc::new(transport.clone()));
    let options = CallOptions::default();
    let call = || async {
        let response = pipeline
            .call(&READ, Request::new(url.clone()), &options)
            .await;
        assert_eq!(response.expect("a response").body, BODY);
    };
    let seam = || async {
        let headers = HeaderMap::from_iter([(AUTHORIZATION, BEARER)]);
        let body = OutgoingBody::from(Bytes::new());
        let sent = Outgoing::new(Method::GET, url.clone(), headers, body);
        let mut response = transport.send(sent).await.expect("a response");
        let body = response
            .body
            .next()
            .await
            .expect("a piece")
            .expect("a body");
        assert_eq!(body, BODY);
        assert!(response.body.next().await.is_none());
    };
    let backoff = ExponentialBackoff::builder().build_with_max_retries(3);
    let middleware = ClientBuilder::new(raw())
        .with(RetryTransientMiddleware::new_with_policy(backoff))
        .build();
    let with_middleware = || async {
        let sent = middleware.get(url.clone()).header(AUTHORIZATION, BEARER);
        let response = sent.send().await.expect("a response");
        assert_eq!(response.bytes().await.expect("a body"), BODY);
    };

    let mut subjects = [
        Subject::new("raw reqwest"),
        Subject::new("raw reqwest with a timeout"),
        Subject::new("anyvendor HttpTransport alone"),
        Subject::new("anyvendor Pipeline, every policy on"),
        Subject::new("reqwest-middleware + reqwest-retry"),
    ];
    for turn in turns(rounds, subjects.len()) {
        if turn.warmed_up {
            subjects.iter_mut().for_each(Subject::warmed_up);
        }
        let subject = &mut subjects[turn.subject];
        match turn.subject {
            0 => subject.round(CALLS, get).await,
            1 => subject.round(CALLS, get_timed).await,
            2 => subject.round(CALLS, seam).await,
            3 => subject.round(CALLS, call).await,
            _ => subject.round(CALLS, with_middleware).await,
        }
    }
    print(&subjects);
}
