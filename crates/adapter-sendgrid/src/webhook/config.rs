//! The settings of an endpoint for SendGrid's webhooks.

use std::time::Duration;

use anyvendor_core::{Error, values::SecretSource, webhook::Window};
use schemars::JsonSchema;
use serde::Deserialize;

/// Settings of a webhook endpoint, for events or for inbound email.
///
/// ```toml
/// public_keys = ["MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE..."]
/// ```
///
/// Inbound email has its own endpoint and its own key, which belongs to a security policy:
///
/// ```toml
/// kind = "inbound"
/// public_keys = ["MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE..."]
/// ```
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SendGridWebhookConfig {
    /// What SendGrid posts to the endpoint. Default: `events`.
    #[serde(default)]
    pub kind: SendGridWebhookKind,
    /// The verification keys that SendGrid shows once signing is switched on, or a security policy is created; any of them is
    /// accepted. They are not secret.
    #[serde(default)]
    pub public_keys: Vec<String>,
    /// For inbound email without a security policy: `user:password` as in the URL that SendGrid posts to,
    /// `https://user:password@hooks.example.com/..`; any of them is accepted. It proves who posts, but not what. Only letters,
    /// digits and `-._~`, with a password of at least 16, so that nothing is escaped.
    #[serde(default)]
    pub basic_auth: Vec<SecretSource>,
    /// How old a signed delivery may be. Default: 25 hours for events and 73 for email, an hour more than SendGrid retries.
    #[serde(default)]
    pub window: Option<Window>,
}

anyvendor_core::debug_only!(SendGridWebhookConfig {
    kind,
    basic_auth,
    window
});

/// What SendGrid posts to an endpoint.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SendGridWebhookKind {
    /// Events about the email that we sent (Event Webhook).
    #[default]
    Events,
    /// Email that we receive (Inbound Parse).
    Inbound,
}

impl SendGridWebhookConfig {
    /// The default settings for events, with these keys.
    #[must_use]
    pub fn new(public_keys: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            kind: SendGridWebhookKind::Events,
            public_keys: public_keys.into_iter().map(Into::into).collect(),
            basic_auth: Vec::new(),
            window: None,
        }
    }

    /// Sets what SendGrid posts to the endpoint.
    #[must_use]
    pub fn with_kind(mut self, kind: SendGridWebhookKind) -> Self {
        self.kind = kind;
        self
    }

    /// Sets the credentials in the URL of an endpoint for unsigned inbound email.
    #[must_use]
    pub fn with_basic_auth(
        mut self,
        basic_auth: impl IntoIterator<Item = impl Into<SecretSource>>,
    ) -> Self {
        self.basic_auth = basic_auth.into_iter().map(Into::into).collect();
        self
    }

    /// Sets how old a delivery may be.
    #[must_use]
    pub fn with_window(mut self, window: Window) -> Self {
        self.window = Some(window);
        self
    }

    /// How old a signed delivery may be. SendGrid does not document whether it signs each attempt again: a narrower window
    /// could lose deliveries during an outage of our endpoint.
    #[must_use]
    pub fn window(&self) -> Window {
        let hours = match self.kind {
            // A rolling 24 hours.
            SendGridWebhookKind::Events => 25,
            // Three days.
            SendGridWebhookKind::Inbound => 73,
        };
        let usual = Window::new(Duration::from_hours(hours), Window::default().future);
        self.window.unwrap_or(usual)
    }

    /// Checks that there is exactly one way to verify; keys and secrets are read when the verifier is built.
    ///
    /// # Errors
    /// `Config` that names the field.
    pub fn check(&self) -> Result<(), Error> {
        self.window().check()?;
        let inbound = self.kind == SendGridWebhookKind::Inbound;
        let (field, remedy) = match (self.public_keys.is_empty(), self.basic_auth.is_empty()) {
            (false, true) => return Ok(()),
            (_, false) if !inbound => (
                "basic_auth",
                "is only for kind = \"inbound\"; switch signing on, and set public_keys",
            ),
            (false, false) => (
                "basic_auth",
                "cannot be combined with public_keys, which prove more; remove it",
            ),
            (true, true) if inbound => (
                "public_keys",
                "must name at least one, or nothing can be verified; email without a security policy needs basic_auth",
            ),
            (true, true) => (
                "public_keys",
                "must name at least one, or nothing can be verified",
            ),
            (true, false) if self.window.is_some() => (
                "window",
                "no time is signed if basic_auth proves the sender; remove it",
            ),
            (true, false) => return Ok(()),
        };
        Err(Error::config(field, remedy))
    }
}
