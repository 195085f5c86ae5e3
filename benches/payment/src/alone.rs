//! Without a socket: the cost of building the request, the pipeline and decoding the response together.

use std::{sync::Arc, time::Instant};

use anyvendor_adapter_stripe::{Stripe, StripeConfig};
use anyvendor_bench_support::{instantly::Instantly, stats::median};
use anyvendor_core::{payment::PaymentProvider, values::Secret};

use crate::sample::{HEADERS, INTENT, payment};

const CALLS: u32 = 200;

pub(crate) async fn run(rounds: usize) {
    let stripe = Stripe::builder(StripeConfig::new(Secret::new("sk_test_0123456789abcdef")))
        .transport(Arc::new(Instantly::new(HEADERS, INTENT)))
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
