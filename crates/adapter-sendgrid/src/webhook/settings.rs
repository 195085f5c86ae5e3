//! What an endpoint for SendGrid's webhooks needs to know.

use std::time::Duration;

use anyvendor_core::{Error, values::SecretSource, webhook::Window};
use schemars::JsonSchema;
use serde::Deserialize;

/// Settings of an endpoint: for events, or for mail that comes in.
///
/// ```toml
/// public_keys = ["MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE..."]
/// ```
///
/// Mail comes to an endpoint of its own, signed by a security policy with a key of its own:
///
/// ```toml
/// kind = "inbound"
/// public_keys = ["MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE..."]
/// ```
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SendGridWebhookConfig {
    /// What is posted to the endpoint. Default `events`.
    #[serde(default)]
    pub kind: SendGridWebhookKind,
    /// The verification keys that SendGrid shows once signing is switched on, or a security policy is made; any of them is
    /// good. They are no secrets.
    #[serde(default)]
    pub public_keys: Vec<String>,
    /// For mail that no security policy signs: `user:password` as it stands in the address that SendGrid posts to,
    /// `https://user:password@hooks.example.com/..`; any of them is good. It proves who posts, and not what. Of letters,
    /// digits and `-._~`, the password of at least 16, so that nothing in it is escaped.
    #[serde(default)]
    pub basic_auth: Vec<SecretSource>,
    /// How old a signed delivery may be. Unless set 25 hours for events and 73 for mail, an hour more than SendGrid tries.
    #[serde(default)]
    pub window: Option<Window>,
}

/// What is posted to an endpoint.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SendGridWebhookKind {
    /// What became of our mail (Event Webhook).
    #[default]
    Events,
    /// Mail that people write to us (Inbound Parse).
    Inbound,
}

impl SendGridWebhookConfig {
    /// The usual settings for events, with these keys.
    #[must_use]
    pub fn new(public_keys: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            kind: SendGridWebhookKind::Events,
            public_keys: public_keys.into_iter().map(Into::into).collect(),
            basic_auth: Vec::new(),
            window: None,
        }
    }

    /// Sets what is posted to the endpoint.
    #[must_use]
    pub fn with_kind(mut self, kind: SendGridWebhookKind) -> Self {
        self.kind = kind;
        self
    }

    /// Sets what stands in the address of an endpoint for mail that nothing signs.
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

    /// How old a signed delivery may be. SendGrid does not say whether it signs each try anew: a narrower window could lose
    /// what it sent during an outage of ours.
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

    /// Checks that there is a way to verify, and one alone; keys and secrets are read when the verifier is made.
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
                "is for kind = \"inbound\" alone; switch signing on, and name public_keys",
            ),
            (false, false) => (
                "basic_auth",
                "cannot stand beside public_keys, which prove more; take it out",
            ),
            (true, true) if inbound => (
                "public_keys",
                "must name at least one, or nothing could be verified; mail that no security policy signs needs basic_auth",
            ),
            (true, true) => (
                "public_keys",
                "must name at least one, or nothing could be verified",
            ),
            (true, false) if self.window.is_some() => (
                "window",
                "no time is signed where basic_auth proves the sender; take it out",
            ),
            (true, false) => return Ok(()),
        };
        Err(Error::config(field, remedy))
    }
}
