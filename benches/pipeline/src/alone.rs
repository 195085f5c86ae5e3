//! Without a socket: the cost that the pipeline adds to a transport that responds immediately.

use std::{sync::Arc, time::Instant};

use anyvendor_bench_support::{instantly::Instantly, stats::median};
use anyvendor_core::{
    resilience::{CallOptions, Pipeline, Request},
    transport::{Outgoing, OutgoingBody, Transport},
};
use bytes::Bytes;
use futures_util::StreamExt;
use http::{HeaderMap, Method, header::AUTHORIZATION};
use reqwest::Url;

use crate::subject::{BEARER, BODY, HEADERS, READ, pipeline};

const CALLS: u32 = 200;

pub(crate) async fn run(rounds: usize) {
    let transport = Arc::new(Instantly::new(HEADERS, BODY));
    let pipeline = pipeline(transport.clone());
    let url: Url = "http://127.0.0.1:1/v1/things/thing_1"
        .parse()
        .expect("an address");
    let (mut bare, mut whole) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        bare.push(seam(transport.as_ref(), &url).await);
        whole.push(calls(&pipeline, &url).await);
    }
    let added: Vec<_> = whole
        .iter()
        .zip(&bare)
        .map(|(whole, bare)| whole - bare)
        .collect();
    let options = CallOptions::default();
    let call = pipeline.call(&READ, Request::new(url.clone()), &options);
    println!("A call's future has {} bytes.\n", size_of_val(&call));
    println!("| subject | us per call |");
    println!("|---|---:|");
    println!("| the transport alone | {:.3} |", median(bare));
    println!(
        "| the pipeline over it, every policy on | {:.3} |",
        median(whole)
    );
    println!("| added by the pipeline | {:.3} |", median(added));
}

async fn seam(transport: &dyn Transport, url: &Url) -> f64 {
    let started = Instant::now();
    for _ in 0..CALLS {
        let headers = HeaderMap::from_iter([(AUTHORIZATION, BEARER)]);
        let body = OutgoingBody::from(Bytes::new());
        let sent = Outgoing::new(Method::GET, url.clone(), headers, body);
        let mut response = transport.send(sent).await.expect("a response");
        assert_eq!(
            response
                .body
                .next()
                .await
                .expect("a piece")
                .expect("a body"),
            BODY
        );
        assert!(response.body.next().await.is_none());
    }
    per_call(started)
}

async fn calls(pipeline: &Pipeline, url: &Url) -> f64 {
    let options = CallOptions::default();
    let started = Instant::now();
    for _ in 0..CALLS {
        let response = pipeline
            .call(&READ, Request::new(url.clone()), &options)
            .await;
        assert_eq!(response.expect("a response").body, BODY);
    }
    per_call(started)
}

fn per_call(started: Instant) -> f64 {
    started.elapsed().as_secs_f64() * 1e6 / f64::from(CALLS)
}
