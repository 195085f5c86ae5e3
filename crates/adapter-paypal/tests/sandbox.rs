//! The adapter against the sandbox's PayPal, whose own records are compared.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

#[path = "sandbox/approval.rs"]
mod approval;
#[path = "sandbox/find.rs"]
mod find;
mod harness;
#[path = "sandbox/money.rs"]
mod money;
#[path = "sandbox/parts.rs"]
mod parts;
#[path = "sandbox/refused.rs"]
mod refused;
#[path = "sandbox/reserve.rs"]
mod reserve;
#[path = "sandbox/setup.rs"]
mod setup;
#[path = "sandbox/sources.rs"]
mod sources;
