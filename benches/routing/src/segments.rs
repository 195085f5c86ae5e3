//! Segments of texts, in characters per second.

use std::{hint::black_box, time::Instant};

use anyvendor_bench_support::stats::median;
use anyvendor_core::messaging::Segments;

const ROUNDS: usize = 200;
const TEXTS: usize = 2_000;

pub(crate) fn run() {
    println!("| text | million characters per second |");
    println!("|---|---:|");
    for (name, text) in [
        (
            "ASCII, 160 characters",
            "Your order is on its way. ".repeat(7)[..160].to_owned(),
        ),
        (
            "GSM-7 with umlauts and braces, 160",
            "Grüße {Ännchen}, ".repeat(10).chars().take(160).collect(),
        ),
        (
            "UCS-2 from the first character, 160",
            "Ваш заказ в пути. ".repeat(9).chars().take(160).collect(),
        ),
        (
            "UCS-2 because of the last character, 1600",
            format!(
                "{}\u{1f600}",
                "Your order. "
                    .repeat(134)
                    .chars()
                    .take(1599)
                    .collect::<String>()
            ),
        ),
    ] {
        let characters = text.chars().count() * TEXTS;
        let mut rates = Vec::with_capacity(ROUNDS);
        for _ in 0..ROUNDS {
            let started = Instant::now();
            for _ in 0..TEXTS {
                black_box(Segments::of(black_box(&text)));
            }
            rates.push(characters as f64 / started.elapsed().as_secs_f64() / 1e6);
        }
        println!("| {name} | {:.0} |", median(rates));
    }
}
