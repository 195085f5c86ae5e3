//! PayPal behind anyvendor's payment trait.
#![doc = include_str!("../README.md")]

mod amount;
mod auth;
mod client;
mod config;
mod error;
mod issue;
mod payment;
mod webhook;
mod wire;

pub use client::{PayPal, PayPalBuilder};
pub use config::{Environment, PayPalConfig, PayPalOptions, ShippingPreference};
pub use webhook::{PayPalVerification, PayPalWebhook, PayPalWebhookBuilder, PayPalWebhookConfig};

/// The vendor's name in ids and errors.
pub const VENDOR: &str = "paypal";
