//! Stripe behind anyvendor's payment trait.
#![doc = include_str!("../README.md")]

mod amount;
mod auth;
mod client;
mod config;
mod error;
mod payment;
mod webhook;
mod wire;

pub use client::{Stripe, StripeBuilder};
pub use config::{KeyMode, StripeConfig, StripeOptions};
pub use webhook::{StripeWebhook, StripeWebhookConfig};

/// The version of the API that every request asks for, so that the account's default never changes a response.
pub const API_VERSION: &str = "2026-07-29.dahlia";

/// The vendor's name in ids and errors.
pub const VENDOR: &str = "stripe";
