//! Several vendors behind one trait: which one is called, which is not, and what is remembered.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

#[path = "routing/connections.rs"]
mod connections;
#[path = "routing/customers.rs"]
mod customers;
#[path = "routing/fake.rs"]
mod fake;
#[path = "routing/follow_up.rs"]
mod follow_up;
#[path = "routing/messages.rs"]
mod messages;
#[path = "routing/payments.rs"]
mod payments;
#[path = "routing/store.rs"]
mod store;
