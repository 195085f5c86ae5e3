//! Without a socket: what building the request, the pipeline and reading the answer cost together.

use std::{sync::Arc, time::Instant};

use anyvendor_adapter_stripe::{Stripe, StripeConfig};
use anyvendor_bench_support::stats::median;
use anyvendor_core::{
    payment::PaymentProvider,
    transport::{ByteStream, Incoming, Outgoing, Transport, TransportError},
    values::Secret,
};
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream;
use hyper::{
    HeaderMap, StatusCode,
    header::{HeaderName, HeaderValue},
};

use crate::{HEADERS, INTENT, payment};

const CALLS: u32 = 200;

/// Answers at once, with the headers that the server sends.
#[derive(Debug)]
struct Instantly(HeaderMap);

#[async_trait]
impl Transport for Instantly {
    async fn send(&self, _: Outgoing) -> Result<Incoming, TransportError> {
        let body: ByteStream = Box::pin(stream::iter([Ok(Bytes::from_static(INTENT))]));
        Ok(Incoming::new(StatusCode::OK, self.0.clone(), body))
    }
}

pub(crate) async fn run(rounds: usize) {
    let headers = HEADERS.map(|(name, value)| {
        (
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        )
    });
    let stripe = Stripe::builder(StripeConfig::new(Secret::new("sk_test_0123456789abcdef")))
        .transport(Arc::new(Instantly(HeaderMap::from_iter(headers))))
        .build()
        .expect("good settings");
    let mut took = Vec::with_capacity(rounds);
    for _ in 0..rounds {
        let started = Instant::now();
        for _ in 0..CALLS {
            stripe.create(payment()).await.expect("a payment");
        }
        took.push(started.elapsed().as_secs_f64() * 1e6 / f64::from(CALLS));
    }
    println!("| subject | us per call |");
    println!("|---|---:|");
    println!("| anyvendor adapter-stripe | {:.2} |", median(took));
}
