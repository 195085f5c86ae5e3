//! The contract of each anyvendor trait as a suite that any adapter, also an outsider's, can run.
//!
//! Fill a harness with a provider and with what the suite cannot know of its vendor, run the suite in a test of yours
//! and assert the number of cases:
//!
//! ```no_run
//! # async fn demo(harness: anyvendor_conformance::EmailHarness) {
//! let report = anyvendor_conformance::email::run(&harness).await;
//! report.assert_passed(13);
//! # }
//! ```
//!
//! Cases bear the names of the bullets in the traits' documentation. A capability that is `false` has a case too: the
//! call must answer `Unsupported`.

pub mod email;
mod harness;
pub mod messaging;
pub mod payment;
mod printed;
mod report;
pub mod storage;
pub mod webhook;

pub use harness::{
    DeclinedSource, EmailHarness, MessagingHarness, PagePayer, Payer, PayerAction, PaymentHarness,
    PresignedFetch, StorageHarness,
};
pub use printed::{Printed, all_prints};
pub use report::{CaseFailure, CaseReport, Report};
pub use webhook::{SignedDelivery, WebhookHarness, WebhookSigner};
