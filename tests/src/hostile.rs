//! What a fuzzer throws at the webhooks of each vendor, and what must hold; `fuzz/` calls it, and `fuzz.rs` without a fuzzer.
//!
//! A new target is a line in [`TARGETS`], a file in `fuzz/fuzz_targets` with its `[[bin]]`, and seeds in `fuzz/corpus`.

#![allow(
    clippy::expect_used,
    reason = "made for tests and fuzzers, which may panic"
)]

mod certificate;
mod paypal;
mod sendgrid;
mod stripe;
mod twilio;

use std::{fmt::Display, sync::LazyLock};

use anyvendor_conformance::webhook::Hostile;

/// Tries one input.
type Target = fn(&[u8]) -> Result<(), String>;

/// Every target, by its name.
pub const TARGETS: [(&str, Target); 11] = [
    ("certificate", certificate::check),
    ("inbound_events", |bytes| events(&INBOUND, bytes)),
    ("inbound_verify", |bytes| verify(&INBOUND, bytes)),
    ("paypal_events", |bytes| events(&PAYPAL, bytes)),
    ("paypal_verify", |bytes| verify(&PAYPAL, bytes)),
    ("sendgrid_events", |bytes| events(&SENDGRID, bytes)),
    ("sendgrid_verify", |bytes| verify(&SENDGRID, bytes)),
    ("stripe_events", |bytes| events(&STRIPE, bytes)),
    ("stripe_verify", |bytes| verify(&STRIPE, bytes)),
    ("twilio_events", |bytes| events(&TWILIO, bytes)),
    ("twilio_verify", |bytes| verify(&TWILIO, bytes)),
];

static INBOUND: LazyLock<Hostile> = LazyLock::new(sendgrid::inbound);
static PAYPAL: LazyLock<Hostile> = LazyLock::new(paypal::hostile);
static SENDGRID: LazyLock<Hostile> = LazyLock::new(sendgrid::hostile);
static STRIPE: LazyLock<Hostile> = LazyLock::new(stripe::hostile);
static TWILIO: LazyLock<Hostile> = LazyLock::new(twilio::hostile);

/// The vendors that deliveries are verified of.
#[must_use]
pub fn vendors() -> [&'static Hostile; 5] {
    [&INBOUND, &PAYPAL, &SENDGRID, &STRIPE, &TWILIO]
}

/// Tries one input on the target of this name.
///
/// # Panics
/// When something does not hold, which is what a fuzzer looks for.
pub fn run(name: &str, bytes: &[u8]) {
    let target = TARGETS.iter().find(|(target, _)| *target == name);
    let (_, target) = target.expect("a target of this name");
    if let Err(failure) = target(bytes) {
        panic!("{name}: {failure}");
    }
}

fn verify(vendor: &Hostile, bytes: &[u8]) -> Result<(), String> {
    vendor.verify(bytes).map_err(told)
}

fn events(vendor: &Hostile, bytes: &[u8]) -> Result<(), String> {
    vendor.events(bytes).map_err(told)
}

fn told(failure: impl Display) -> String {
    failure.to_string()
}
