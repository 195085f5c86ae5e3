//! What the tests of anyvendor's crates share: a scripted HTTP server, a recording transport, clocks and an observer.
#![doc = include_str!("../README.md")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "only tests use this crate, and a panic is how a test fails"
)]

pub mod canary;
pub mod clock;
pub mod observer;
pub mod server;
pub mod transport;

pub use clock::{SkippingClock, manual_clock};
pub use observer::RecordingObserver;
pub use server::{Seen, Server, Step};
pub use transport::{RecordingTransport, Sent};
