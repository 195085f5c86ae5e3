//! PayPal as a payment provider of anyvendor.
#![doc = include_str!("../README.md")]

mod amount;
mod auth;
mod client;
mod config;
mod error;
mod issue;
mod payment;
mod times;
mod webhook;
mod wire;

pub use self::{
    client::{PayPal, PayPalBuilder},
    config::{Environment, PayPalConfig, VENDOR},
    payment::{
        CardVerification, PayPalCaptureOptions, PayPalOptions, PayPalRefundOptions, Reauthorize,
        ShippingPreference,
    },
    webhook::{PayPalVerification, PayPalWebhook, PayPalWebhookBuilder, PayPalWebhookConfig},
};
