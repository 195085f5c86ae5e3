//! What money depends on, over the sandbox, whose own state counts.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod approval;
#[path = "../harness/mod.rs"]
mod harness;
mod money;
mod place;
mod refused;
