//! Local emulators of the vendors: state, idempotency, faults, no account.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), anyvendor_sandbox::SandboxError> {
//! use anyvendor_sandbox::{Fault, FaultKind, Sandbox, Vendor};
//!
//! let sandbox = Sandbox::start().await?;
//! sandbox.inject(Fault::new(FaultKind::ActThenCut).vendor(Vendor::Stripe).method("POST"));
//! // .. point a client at `sandbox.stripe().url()` with `sandbox.stripe().key()` ..
//! assert!(sandbox.stripe().state().charges().is_empty());
//! sandbox.shutdown().await;
//! # Ok(()) }
//! ```

// `json!` recurses once per field, and some vendors' objects have many.
#![recursion_limit = "256"]

mod body;
mod builder;
mod call;
mod clock;
mod config;
mod control;
mod emulator;
mod error;
mod faults;
mod guard;
mod html;
mod ids;
mod log;
mod mask;
mod middleware;
mod reply;
mod sandbox;
mod server;
mod state;
mod vendors;
mod webhooks;
mod work;

pub use builder::{PortPlan, SandboxBuilder};
pub use config::secrets_in_files;
pub use error::SandboxError;
pub use faults::{Fault, FaultKind, FaultPlan, Profile};
pub use log::{RecordedRequest, RecordedResponse};
pub use sandbox::Sandbox;
// tidy: glob: the list of vendors is in `vendors.rs` alone.
pub use vendors::*;
pub use webhooks::{WebhookDelivery, WebhookKind, WebhookPlan, WebhookResponse, WebhookState};
