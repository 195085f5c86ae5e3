//! SendGrid as an email provider of anyvendor.
#![doc = include_str!("../README.md")]

mod auth;
mod client;
mod config;
mod email;
mod error;
mod webhook;
mod wire;

pub use self::{
    client::{SendGrid, SendGridBuilder},
    config::{Region, SendGridConfig, VENDOR},
    email::{GoogleAnalytics, REFERENCE_ARG, SendGridOptions},
    webhook::{SendGridWebhook, SendGridWebhookConfig, SendGridWebhookKind},
};
