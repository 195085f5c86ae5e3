//! Twilio as a messaging provider and a verification provider of anyvendor.
#![doc = include_str!("../README.md")]

mod auth;
mod client;
mod config;
mod error;
mod messaging;
mod webhook;
mod wire;

pub use self::{
    client::{Twilio, TwilioBuilder},
    config::{REFERENCE_PARAMETER, TwilioConfig, VENDOR},
    messaging::{AddressRetention, ContentRetention, TwilioOptions},
    webhook::{TwilioWebhook, TwilioWebhookConfig, TwilioWebhookMethod},
};
