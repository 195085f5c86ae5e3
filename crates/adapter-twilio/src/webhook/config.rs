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
    /// Never taken from the request: the sender controls its Host header. Needed in live mode; a verifier made with
    /// [`TwilioWebhook::new`](super::TwilioWebhook::new) does without it if it gets whole URLs.
    #[serde(default)]
    pub public_url: Option<String>,
    /// The HTTP method that Twilio is told to use for the endpoint. Any other is rejected: the signature does not cover the
    /// method, and the fields of a POST can also be written as the end of a URL. Default: `post`.
    #[serde(default)]
    pub method: TwilioWebhookMethod,
}

/// The HTTP method of an endpoint's deliveries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TwilioWebhookMethod {
    /// POST, with the fields in the body.
    #[default]
    Post,
    /// GET, with the fields in the URL.
    Get,
}

anyvendor_core::debug_only!(TwilioWebhookConfig { auth_tokens });

impl TwilioWebhookConfig {
    /// The default settings with these tokens.
    #[must_use]
    pub fn new(auth_tokens: impl IntoIterator<Item = impl Into<SecretSource>>) -> Self {
        Self {
            auth_tokens: auth_tokens.into_iter().map(Into::into).collect(),
            public_url: None,
            method: TwilioWebhookMethod::Post,
        }
    }

    /// Sets the part before the path of the URL that Twilio calls.
    #[must_use]
    pub fn with_public_url(mut self, public_url: impl Into<String>) -> Self {
        self.public_url = Some(public_url.into());
        self
    }

    /// Sets the HTTP method that Twilio is told to use.
    #[must_use]
    pub fn with_method(mut self, method: TwilioWebhookMethod) -> Self {
        self.method = method;
        self
    }
}
