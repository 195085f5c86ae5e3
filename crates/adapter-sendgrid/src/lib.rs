//! SendGrid behind anyvendor's email trait.
#![doc = include_str!("../README.md")]

mod auth;
mod client;
mod config;
mod email;
mod error;
mod webhook;
mod wire;

pub use self::{
    client::{SendGrid, SendGridBuilder, VENDOR},
    config::{Region, SendGridConfig},
    email::{GoogleAnalytics, REFERENCE_ARG, SendGridOptions},
    webhook::{SendGridWebhook, SendGridWebhookConfig, SendGridWebhookKind},
};
