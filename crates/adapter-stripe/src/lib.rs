//! Stripe as a payment provider of anyvendor.
#![doc = include_str!("../README.md")]

mod amount;
mod auth;
mod client;
mod config;
mod error;
mod payment;
mod webhook;
mod wire;

pub use self::{
    client::{Stripe, StripeBuilder},
    config::{API_VERSION, KeyMode, StripeConfig, VENDOR},
    payment::StripeOptions,
    webhook::{StripeWebhook, StripeWebhookConfig},
};
