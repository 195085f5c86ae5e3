//! The settings of an endpoint for PayPal's webhooks.

use std::{fmt, time::Duration};

use anyvendor_core::{
    Error, address::api_address, resilience::Policy, values::SecretSource, webhook::Window,
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::config::{Environment, PayPalConfig};

/// Settings of a webhook endpoint.
///
/// ```toml
/// webhook_ids = ["1JE4291016473214C"]
/// ```
///
/// Or, to let PayPal's API verify every delivery:
///
/// ```toml
/// webhook_ids = ["1JE4291016473214C"]
/// verification = "online"
/// client_id = "env:PAYPAL_CLIENT_ID"
/// client_secret = "env:PAYPAL_CLIENT_SECRET"
/// environment = "sandbox"
/// ```
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PayPalWebhookConfig {
    /// The ids of our listeners, as PayPal shows them; any of them is accepted. They differ per URL and per environment.
    pub webhook_ids: Vec<String>,
    /// How old a delivery may be.
    #[serde(default = "window")]
    pub window: Window,
    /// How a delivery is verified. Default: `offline`.
    #[serde(default)]
    pub verification: PayPalVerification,
    /// The environment of the listeners. Needed for `online`; if it is not set, `offline` accepts certificates of both.
    #[serde(default)]
    pub environment: Option<Environment>,
    /// The REST app's id. Needed for `online`, and rejected for `offline`.
    #[serde(default)]
    pub client_id: Option<SecretSource>,
    /// The REST app's secret. Needed for `online`, and rejected for `offline`.
    #[serde(default)]
    pub client_secret: Option<SecretSource>,
    /// The only host of certificates and of the API. Default: PayPal's hosts.
    #[serde(default)]
    pub base_url: Option<String>,
    /// Whether plain HTTP, loopback and private addresses are allowed, for an emulator on this machine. Default: `false`.
    #[serde(default)]
    pub allow_private_addresses: bool,
    /// The root certificates of an emulator, in PEM form. Default: those of this machine. Needs `base_url`.
    #[serde(default)]
    pub root_certificates: Option<String>,
    /// Time limits, retries and the other settings of the requests to PayPal.
    #[serde(default)]
    pub resilience: Policy,
}

impl fmt::Debug for PayPalWebhookConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PayPalWebhookConfig")
            .field("webhook_ids", &self.webhook_ids)
            .field("window", &self.window)
            .field("verification", &self.verification)
            .field("environment", &self.environment)
            .field("client_id", &self.client_id)
            .field("client_secret", &self.client_secret)
            .finish_non_exhaustive()
    }
}

/// How a delivery is verified.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PayPalVerification {
    /// By the certificate that signed it, which is fetched once.
    #[default]
    Offline,
    /// By PayPal's API, which is called once for each delivery.
    Online,
}

/// PayPal makes up to 25 attempts over three days, and does not document whether it signs each attempt again.
fn window() -> Window {
    Window::new(Duration::from_hours(73), Window::default().future)
}

impl PayPalWebhookConfig {
    /// The default settings for these listeners.
    #[must_use]
    pub fn new(webhook_ids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            webhook_ids: webhook_ids.into_iter().map(Into::into).collect(),
            window: window(),
            verification: PayPalVerification::Offline,
            environment: None,
            client_id: None,
            client_secret: None,
            base_url: None,
            allow_private_addresses: false,
            root_certificates: None,
            resilience: Policy::default(),
        }
    }

    /// Sets how old a delivery may be.
    #[must_use]
    pub fn with_window(mut self, window: Window) -> Self {
        self.window = window;
        self
    }

    /// Lets PayPal's API verify every delivery, with these credentials.
    #[must_use]
    pub fn with_online_verification(
        mut self,
        client_id: impl Into<SecretSource>,
        client_secret: impl Into<SecretSource>,
        environment: Environment,
    ) -> Self {
        self.verification = PayPalVerification::Online;
        self.client_id = Some(client_id.into());
        self.client_secret = Some(client_secret.into());
        self.environment = Some(environment);
        self
    }

    /// Accepts only certificates of this environment.
    #[must_use]
    pub fn with_environment(mut self, environment: Environment) -> Self {
        self.environment = Some(environment);
        self
    }

    /// Sets the root certificates of an emulator, in PEM form.
    #[must_use]
    pub fn with_root_certificates(mut self, pem: impl Into<String>) -> Self {
        self.root_certificates = Some(pem.into());
        self
    }

    anyvendor_http::connection_setters!();

    /// Checks every setting except the credentials and the root certificates, which are read when the verifier is built.
    ///
    /// # Errors
    /// `Config` that names the field.
    pub fn check(&self) -> Result<(), Error> {
        self.window.check()?;
        self.resilience.check()?;
        let is_id = |id: &String| {
            (1..=50).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        if self.webhook_ids.is_empty() || !self.webhook_ids.iter().all(is_id) {
            let remedy =
                "must be the ids of listeners, 1 to 50 letters and digits each, at least one";
            return Err(Error::config("webhook_ids", remedy));
        }
        let needs_base = "is for an emulator of PayPal, which base_url names; remove it";
        match (&self.base_url, &self.root_certificates) {
            (None, Some(_)) => return Err(Error::config("root_certificates", needs_base)),
            (None, None) => {}
            (Some(base), _) => {
                let url = api_address("base_url", base, self.allow_private_addresses)?;
                if url.path() != "/" {
                    return Err(Error::config("base_url", "must be a host without a path"));
                }
            }
        }
        match self.verification {
            PayPalVerification::Online => self.connection().map(drop),
            PayPalVerification::Offline => self.offline_alone(),
        }
    }

    /// The connection to PayPal's API.
    pub(super) fn connection(&self) -> Result<PayPalConfig, Error> {
        let needed = |field| {
            Error::config(
                field,
                "is needed if verification is \"online\"; set it, or set \"offline\"",
            )
        };
        let id = self.client_id.clone().ok_or_else(|| needed("client_id"))?;
        let secret = self.client_secret.clone();
        let secret = secret.ok_or_else(|| needed("client_secret"))?;
        let environment = self.environment.ok_or_else(|| needed("environment"))?;
        if self.root_certificates.is_some() {
            let remedy = "no certificate is read if verification is \"online\"; remove it";
            return Err(Error::config("root_certificates", remedy));
        }
        let mut config =
            PayPalConfig::new(id, secret, environment).with_resilience(self.resilience.clone());
        config.base_url.clone_from(&self.base_url);
        config.allow_private_addresses = self.allow_private_addresses;
        config.check()?;
        Ok(config)
    }

    /// Unused credentials are a sign that `online` was meant.
    fn offline_alone(&self) -> Result<(), Error> {
        let unused = |field| {
            Error::config(
                field,
                "is used only if verification is \"online\"; set that, or remove this",
            )
        };
        match (&self.client_id, &self.client_secret) {
            (Some(_), _) => Err(unused("client_id")),
            (None, Some(_)) => Err(unused("client_secret")),
            (None, None) => Ok(()),
        }
    }
}
