//! The settings of an endpoint for Twilio's webhooks.

use anyvendor_core::values::SecretSource;
use schemars::JsonSchema;
use serde::Deserialize;

/// Settings of a webhook endpoint.
///
/// ```toml
/// auth_tokens = ["env:TWILIO_AUTH_TOKEN"]
/// public_url = "https://hooks.example.com"
/// ```
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TwilioWebhookConfig {
    /// The account's primary tokens; any of them is accepted. Twilio signs webhooks with the token even if requests are
    /// signed with an API key.
    pub auth_tokens: Vec<SecretSource>,
    /// The part before the path of the URL that Twilio calls: scheme, host, and the part of the path that a proxy removes.
    /// Never taken from the request: the sender controls its Host header.
    #[serde(default)]
    pub public_url: Option<String>,
}

anyvendor_core::debug_only!(TwilioWebhookConfig { auth_tokens });

impl TwilioWebhookConfig {
    /// The default settings with these tokens.
    #[must_use]
    pub fn new(auth_tokens: impl IntoIterator<Item = impl Into<SecretSource>>) -> Self {
        Self {
            auth_tokens: auth_tokens.into_iter().map(Into::into).collect(),
            public_url: None,
        }
    }

    /// Sets the part before the path of the URL that Twilio calls.
    #[must_use]
    pub fn with_public_url(mut self, public_url: impl Into<String>) -> Self {
        self.public_url = Some(public_url.into());
        self
    }
}
