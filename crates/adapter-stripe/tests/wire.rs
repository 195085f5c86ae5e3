//! How the adapter reads the vendor's responses: documented bodies, rejections and malformed responses.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

#[path = "wire/calls.rs"]
mod calls;
#[path = "wire/customer.rs"]
mod customer;
#[path = "wire/find.rs"]
mod find;
#[path = "wire/malformed.rs"]
mod malformed;
#[path = "wire/outcome.rs"]
mod outcome;
#[path = "wire/payment.rs"]
mod payment;
#[path = "wire/retry.rs"]
mod retry;
#[path = "wire/source.rs"]
mod source;
mod support;
