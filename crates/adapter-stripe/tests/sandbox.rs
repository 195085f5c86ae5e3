//! The adapter against the sandbox's Stripe, whose own records are compared.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

#[path = "sandbox/account.rs"]
mod account;
#[path = "sandbox/complete.rs"]
mod complete;
#[path = "sandbox/connect.rs"]
mod connect;
#[path = "sandbox/current.rs"]
mod current;
#[path = "sandbox/faults.rs"]
mod faults;
#[path = "sandbox/page.rs"]
mod page;
#[path = "sandbox/payer.rs"]
mod payer;
#[path = "sandbox/setup.rs"]
mod setup;
mod support;
