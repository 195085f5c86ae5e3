//! The settings of an endpoint for Stripe's webhooks.

use anyvendor_core::{Error, values::SecretSource, webhook::Window};
use schemars::JsonSchema;
use serde::Deserialize;

/// Settings of a webhook endpoint.
///
/// ```toml
/// secrets = ["env:STRIPE_WEBHOOK_SECRET"]
/// ```
///
/// An endpoint for connected accounts also receives the events of accounts that somebody else opened, and in live mode their
/// test events:
///
/// ```toml
/// secrets = ["env:STRIPE_CONNECT_SECRET"]
/// accounts = ["acct_1032D82eZvKYlo2C"]
/// ```
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct StripeWebhookConfig {
    /// The endpoint's secrets (`whsec_...`), each in full; any of them is accepted. Name only those of the
    /// application's mode: an event of the other mode is not handed on.
    pub secrets: Vec<SecretSource>,
    /// How old a delivery may be. Stripe signs each attempt again.
    #[serde(default)]
    pub window: Window,
    /// The connected accounts (`acct_...`) whose events are handed on; those of any other connected account are ignored.
    /// Events of the endpoint's own account name no account and are always handed on. Default: all accounts, and then an
    /// application must look at [`WebhookEvent::account`](anyvendor_core::webhook::WebhookEvent::account).
    #[serde(default)]
    pub accounts: Vec<String>,
}

impl StripeWebhookConfig {
    /// The default settings with these secrets.
    #[must_use]
    pub fn new(secrets: impl IntoIterator<Item = impl Into<SecretSource>>) -> Self {
        Self {
            secrets: secrets.into_iter().map(Into::into).collect(),
            window: Window::default(),
            accounts: Vec::new(),
        }
    }

    /// Sets the connected accounts whose events are handed on.
    #[must_use]
    pub fn with_accounts(mut self, accounts: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.accounts = accounts.into_iter().map(Into::into).collect();
        self
    }

    /// Checks every setting except the secrets, which are read when the verifier is built.
    ///
    /// # Errors
    /// `Config` that names the field.
    pub fn check(&self) -> Result<(), Error> {
        self.window.check()?;
        let is_account = |account: &String| {
            let id = account.strip_prefix("acct_").unwrap_or_default();
            !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        if self.accounts.iter().all(is_account) {
            Ok(())
        } else {
            let remedy = "must be ids of connected accounts, such as acct_1032D82eZvKYlo2C";
            Err(Error::config("accounts", remedy))
        }
    }

    /// Sets how old a delivery may be.
    #[must_use]
    pub fn with_window(mut self, window: Window) -> Self {
        self.window = window;
        self
    }
}
