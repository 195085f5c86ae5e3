//! The fuzz targets for the webhooks of each vendor, and the properties that must hold. `fuzz/` calls them, and `fuzz.rs` without a fuzzer.
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

use anyvendor_conformance::webhook::Adversarial;

/// Tries one input, and returns which property does not hold.
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

static INBOUND: LazyLock<Adversarial> = LazyLock::new(sendgrid::inbound);
static PAYPAL: LazyLock<Adversarial> = LazyLock::new(paypal::adversarial);
static SENDGRID: LazyLock<Adversarial> = LazyLock::new(sendgrid::adversarial);
static STRIPE: LazyLock<Adversarial> = LazyLock::new(stripe::adversarial);
static TWILIO: LazyLock<Adversarial> = LazyLock::new(twilio::adversarial);

/// The vendors whose deliveries are verified.
#[must_use]
pub fn vendors() -> [&'static Adversarial; 5] {
    [&INBOUND, &PAYPAL, &SENDGRID, &STRIPE, &TWILIO]
}

/// Tries one input on the target of this name.
///
/// # Panics
/// If a property does not hold, which is what a fuzzer looks for.
pub fn run(name: &str, bytes: &[u8]) {
    let target = TARGETS.iter().find(|(target, _)| *target == name);
    let (_, target) = target.expect("a target of this name");
    if let Err(failure) = target(bytes) {
        panic!("{name}: {failure}");
    }
}

fn verify(vendor: &Adversarial, bytes: &[u8]) -> Result<(), String> {
    vendor.verify(bytes).map_err(text)
}

fn events(vendor: &Adversarial, bytes: &[u8]) -> Result<(), String> {
    vendor.events(bytes).map_err(text)
}

fn text(failure: impl Display) -> String {
    failure.to_string()
}
