//! Local doubles of the vendors: state, idempotency, faults, no account.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), anyvendor_sandbox::SandboxError> {
//! use anyvendor_sandbox::{Fault, FaultKind, Sandbox, Vendor};
//!
//! let sandbox = Sandbox::start().await?;
//! sandbox.inject(Fault::new(FaultKind::ActThenCut).vendor(Vendor::Stripe).method("POST"));
//! // .. point a client at `sandbox.stripe_url()` with `sandbox.stripe_key()` ..
//! assert!(sandbox.stripe().charges().is_empty());
//! sandbox.shutdown().await;
//! # Ok(()) }
//! ```

// `json!` recurses once per field, and Stripe's objects have many.
#![recursion_limit = "256"]

mod body;
mod builder;
mod clock;
mod config_text;
mod control;
mod error;
mod faults;
mod ids;
mod keys;
mod log;
mod sandbox;
mod server;
mod vendors;
mod webhooks;
mod work;

pub use builder::{PortPlan, SandboxBuilder};
pub use config_text::secrets_in_files;
pub use error::SandboxError;
pub use faults::{Fault, FaultKind, FaultPlan, Profile};
pub use log::{Answer, RecordedRequest};
pub use sandbox::Sandbox;
pub use vendors::Vendor;
pub use vendors::s3::ObjectRecord;
pub use webhooks::{WebhookAnswer, WebhookDelivery, WebhookKind, WebhookPlan, WebhookState};

/// The objects in `PayPal`'s books.
pub mod paypal {
    pub use crate::vendors::paypal::{Authorization, Capture, Order, PayPalBooks, Refund};
}

/// The objects in Stripe's books.
pub mod stripe {
    pub use crate::vendors::stripe::{
        Charge, Customer, IntentStatus, PaymentIntent, Refund, RefundStatus, StripeBooks,
    };
}

/// The messages and verifications in Twilio's books, and the templates to put there.
pub mod twilio {
    pub use crate::vendors::twilio::{
        CodeSent, ContentTemplate, Encoding, Message, MessageStatus, TwilioBooks, Verification,
        VerificationStatus,
    };
}

/// The mail in `SendGrid`'s books, and the templates to put there.
pub mod sendgrid {
    pub use crate::vendors::sendgrid::{
        Attachment, Line, Message, MessageStatus, Person, SendGridBooks, Template,
    };
}
