//! The call pipeline over a scripted transport: what is sent, how often, and what is reported afterwards.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod script;

mod attempts;
mod credentials;
mod limits;
mod logging;
mod outcomes;
mod pressure;
