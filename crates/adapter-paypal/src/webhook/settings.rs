//! What an endpoint for PayPal's webhooks needs to know.

use std::{fmt, time::Duration};

use anyvendor_core::{
    Error, address::api_address, resilience::Policy, values::SecretSource, webhook::Window,
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::config::{Environment, PayPalConfig};

/// Settings of an endpoint.
///
/// ```toml
/// webhook_ids = ["1JE4291016473214C"]
/// ```
///
/// Or, to ask PayPal of every delivery:
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
    /// The ids of our listeners, as PayPal shows them; any of them is good. They differ per address and per environment.
    pub webhook_ids: Vec<String>,
    /// How old a delivery may be.
    #[serde(default = "window")]
    pub window: Window,
    /// How it is told that a delivery is PayPal's. Default `offline`.
    #[serde(default)]
    pub verification: PayPalVerification,
    /// Which of PayPal's two worlds the listeners are of. Needed to ask; offline, certificates of both are good unless set.
    #[serde(default)]
    pub environment: Option<Environment>,
    /// The REST app's id. Needed to ask, and refused offline.
    #[serde(default)]
    pub client_id: Option<SecretSource>,
    /// The REST app's secret. Needed to ask, and refused offline.
    #[serde(default)]
    pub client_secret: Option<SecretSource>,
    /// Where certificates and the API are, and no other host then; PayPal's own unless set.
    #[serde(default)]
    pub base_url: Option<String>,
    /// Whether plain http, loopback and private addresses may be talked to: for a double on this machine.
    #[serde(default)]
    pub allow_private_addresses: bool,
    /// The roots, in PEM form, that a double's certificates lead to; those of this machine unless set. Needs `base_url`.
    #[serde(default)]
    pub root_certificates: Option<String>,
    /// Time limits, retries and so on, of what is asked for.
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

/// How it is told that a delivery is PayPal's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PayPalVerification {
    /// By the certificate that signed, which is fetched once.
    #[default]
    Offline,
    /// By asking PayPal's API, once for each delivery.
    Online,
}

/// PayPal tries up to 25 times over three days, and does not say whether it signs each try anew.
fn window() -> Window {
    Window::new(Duration::from_hours(73), Window::default().future)
}

impl PayPalWebhookConfig {
    /// The usual settings for these listeners.
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

    /// Asks PayPal of every delivery, with these credentials.
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

    /// Takes certificates of this world alone.
    #[must_use]
    pub fn with_environment(mut self, environment: Environment) -> Self {
        self.environment = Some(environment);
        self
    }

    /// Sets the roots that a double's certificates lead to, in PEM form.
    #[must_use]
    pub fn with_root_certificates(mut self, pem: impl Into<String>) -> Self {
        self.root_certificates = Some(pem.into());
        self
    }

    anyvendor_http::connection_setters!();

    /// Checks everything but the credentials and the roots, which are read when the verifier is made.
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
        let needs_base = "is for a double of PayPal, which base_url names; take it out";
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

    /// The connection that PayPal is asked through.
    pub(super) fn connection(&self) -> Result<PayPalConfig, Error> {
        let needed = |field| {
            Error::config(
                field,
                "is needed where verification is \"online\"; name it, or set \"offline\"",
            )
        };
        let id = self.client_id.clone().ok_or_else(|| needed("client_id"))?;
        let secret = self.client_secret.clone();
        let secret = secret.ok_or_else(|| needed("client_secret"))?;
        let environment = self.environment.ok_or_else(|| needed("environment"))?;
        if self.root_certificates.is_some() {
            let remedy = "no certificate is read where verification is \"online\"; take it out";
            return Err(Error::config("root_certificates", remedy));
        }
        let mut config =
            PayPalConfig::new(id, secret, environment).with_resilience(self.resilience.clone());
        config.base_url.clone_from(&self.base_url);
        config.allow_private_addresses = self.allow_private_addresses;
        config.check()?;
        Ok(config)
    }

    /// Credentials that nobody uses are a sign that PayPal was meant to be asked.
    fn offline_alone(&self) -> Result<(), Error> {
        let unused = |field| {
            Error::config(
                field,
                "is used where verification is \"online\" alone; set that, or take it out",
            )
        };
        match (&self.client_id, &self.client_secret) {
            (Some(_), _) => Err(unused("client_id")),
            (None, Some(_)) => Err(unused("client_secret")),
            (None, None) => Ok(()),
        }
    }
}
