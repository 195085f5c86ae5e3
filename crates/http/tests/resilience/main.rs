//! The traps of the call pipeline, tested on real sockets; docs/resilience.md names the test for each trap.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod bench;

mod clocks;
mod evidence;
mod herd;
mod limits;
mod redaction;
mod redirects;
mod sent_once;
mod tokens;
mod traps;
mod types;
