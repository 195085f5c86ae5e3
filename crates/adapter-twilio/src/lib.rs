//! Twilio behind anyvendor's messaging and verification traits.
#![doc = include_str!("../README.md")]

mod auth;
mod client;
mod config;
mod error;
mod messaging;
mod webhook;
mod wire;

pub use self::{
    client::{Twilio, TwilioBuilder, VENDOR},
    config::TwilioConfig,
    messaging::{AddressRetention, ContentRetention, REFERENCE_PARAMETER, TwilioOptions},
};
pub use webhook::{TwilioWebhook, TwilioWebhookConfig};
