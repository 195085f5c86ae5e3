//! The settings of an endpoint for Stripe's webhooks.

use anyvendor_core::{values::SecretSource, webhook::Window};
use schemars::JsonSchema;
use serde::Deserialize;

/// Settings of a webhook endpoint.
///
/// ```toml
/// secrets = ["env:STRIPE_WEBHOOK_SECRET"]
/// ```
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct StripeWebhookConfig {
    /// The endpoint's secrets (`whsec_...`), each in full; any of them is accepted. An endpoint has one per mode.
    pub secrets: Vec<SecretSource>,
    /// How old a delivery may be. Stripe signs each attempt again.
    #[serde(default)]
    pub window: Window,
}

impl StripeWebhookConfig {
    /// The default settings with these secrets.
    #[must_use]
    pub fn new(secrets: impl IntoIterator<Item = impl Into<SecretSource>>) -> Self {
        Self {
            secrets: secrets.into_iter().map(Into::into).collect(),
            window: Window::default(),
        }
    }

    /// Sets how old a delivery may be.
    #[must_use]
    pub fn with_window(mut self, window: Window) -> Self {
        self.window = window;
        self
    }
}
