//! The adapter against the sandbox's PayPal, whose own records are compared.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

#[path = "sandbox/approval.rs"]
mod approval;
mod harness;
#[path = "sandbox/money.rs"]
mod money;
#[path = "sandbox/refused.rs"]
mod refused;
#[path = "sandbox/setup.rs"]
mod setup;
