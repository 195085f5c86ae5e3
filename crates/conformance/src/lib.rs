//! The contract of each anyvendor trait as a suite that any adapter can run, also one that is not in this repository.
#![doc = include_str!("../README.md")]

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
