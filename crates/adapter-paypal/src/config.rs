//! The settings of a connection to PayPal.

use std::fmt;

use anyvendor_core::{
    Error,
    address::{api_address, leads_elsewhere},
    resilience::Policy,
    values::SecretSource,
};
use anyvendor_http::Mode;
use schemars::JsonSchema;
use serde::Deserialize;
use url::Url;

/// The vendor's name in ids and errors.
pub const VENDOR: &str = "paypal";

/// The longest brand name that the payer's page shows.
const MAX_BRAND: usize = 127;

/// Settings of a connection.
///
/// ```toml
/// client_id = "AeA1QIZXiflr1.."
/// client_secret = "env:PAYPAL_CLIENT_SECRET"
/// environment = "sandbox"
/// ```
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PayPalConfig {
    /// The REST app's id. It may be written here; the secret must be in a variable or a file.
    pub client_id: SecretSource,
    /// The REST app's secret.
    pub client_secret: SecretSource,
    /// The environment that the app belongs to; each has its own credentials and host. Default: that of the application's
    /// mode, or else `live`.
    #[serde(default)]
    pub environment: Option<Environment>,
    /// The name that the payer's page shows, up to 127 characters. Default: the account's name.
    #[serde(default)]
    pub brand_name: Option<String>,
    /// The base URL of the API. Default: the environment's host.
    #[serde(default)]
    pub base_url: Option<String>,
    /// Whether plain HTTP, loopback and private addresses are allowed, for a local sandbox. Default: `false`.
    #[serde(default)]
    pub allow_private_addresses: bool,
    /// Time limits, retries and the other settings of the call pipeline.
    #[serde(default)]
    pub resilience: Policy,
}

/// One of PayPal's two environments.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// The test environment: money of PayPal's test accounts.
    Sandbox,
    /// The live environment: real money.
    #[default]
    Live,
}

impl Environment {
    /// The environment that belongs to the application's mode.
    pub(crate) const fn of(mode: Mode) -> Self {
        match mode {
            Mode::Sandbox => Self::Sandbox,
            Mode::Live => Self::Live,
        }
    }

    /// Whether real money moves.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Live)
    }

    const fn host(self) -> &'static str {
        match self {
            Self::Sandbox => "https://api-m.sandbox.paypal.com",
            Self::Live => "https://api-m.paypal.com",
        }
    }
}

impl PayPalConfig {
    /// The default settings with these credentials.
    #[must_use]
    pub fn new(
        client_id: impl Into<SecretSource>,
        client_secret: impl Into<SecretSource>,
        environment: Environment,
    ) -> Self {
        Self {
            client_id: client_id.into(),
            client_secret: client_secret.into(),
            environment: Some(environment),
            brand_name: None,
            base_url: None,
            allow_private_addresses: false,
            resilience: Policy::default(),
        }
    }

    /// Sets the name that the payer's page shows.
    #[must_use]
    pub fn with_brand_name(mut self, brand_name: impl Into<String>) -> Self {
        self.brand_name = Some(brand_name.into());
        self
    }

    anyvendor_http::connection_setters!();

    /// Checks every setting except the credentials, which are read when the connection is built.
    ///
    /// # Errors
    /// `Config` that names the field.
    pub fn check(&self) -> Result<(), Error> {
        self.base()?;
        self.resilience.check()?;
        match &self.brand_name {
            Some(name) if name.chars().count() > MAX_BRAND => Err(Error::config(
                "brand_name",
                "must have 127 characters at most",
            )),
            _ => Ok(()),
        }
    }

    /// Takes the environment from the application's mode, and rejects the host of the other environment.
    pub(crate) fn apply_mode(&mut self, mode: Mode) -> Result<(), Error> {
        self.environment.get_or_insert(Environment::of(mode));
        let address = self.base_url.as_deref();
        let leads_to = |domain| address.is_some() && !leads_elsewhere(address, &[domain]);
        let is_sandbox = leads_to("sandbox.paypal.com");
        let is_wrong = match mode {
            Mode::Sandbox => leads_to("paypal.com") && !is_sandbox,
            Mode::Live => is_sandbox,
        };
        if is_wrong {
            let remedy = format_args!(
                "mode is {mode}, and this is PayPal's host of the other mode; remove it"
            );
            return Err(Error::config("base_url", remedy));
        }
        Ok(())
    }

    /// The environment that the app belongs to.
    pub(crate) fn environment(&self) -> Environment {
        self.environment.unwrap_or_default()
    }

    /// The base URL of the API.
    pub(crate) fn base(&self) -> Result<Url, Error> {
        let text = self
            .base_url
            .as_deref()
            .unwrap_or(self.environment().host());
        let url = api_address("base_url", text, self.allow_private_addresses)?;
        if url.path() == "/" {
            Ok(url)
        } else {
            Err(Error::config("base_url", "must be a host without a path"))
        }
    }
}

impl fmt::Debug for PayPalConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PayPalConfig")
            .field("client_id", &self.client_id)
            .field("client_secret", &self.client_secret)
            .field("environment", &self.environment)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use anyvendor_core::values::Secret;

    use super::*;

    fn config() -> PayPalConfig {
        PayPalConfig::new(
            Secret::new("id"),
            Secret::new("canary"),
            Environment::Sandbox,
        )
    }

    #[test]
    fn the_environment_decides_the_host() {
        assert_eq!(
            config().base().unwrap().host_str(),
            Some("api-m.sandbox.paypal.com")
        );
        let mut live = config();
        live.environment = Some(Environment::Live);
        assert_eq!(live.base().unwrap().host_str(), Some("api-m.paypal.com"));
        live.environment = None;
        assert_eq!(live.environment(), Environment::Live);
        assert_eq!(Environment::default(), Environment::Live);
    }

    #[test]
    fn sf11_the_other_modes_host_is_rejected() {
        let at = |base_url: &str, mode| config().with_base_url(base_url).apply_mode(mode);
        for (host, of) in [
            ("https://api-m.paypal.com", Mode::Live),
            ("https://api.paypal.com", Mode::Live),
            ("https://api-m.sandbox.paypal.com", Mode::Sandbox),
        ] {
            let other = match of {
                Mode::Live => Mode::Sandbox,
                Mode::Sandbox => Mode::Live,
            };
            assert!(at(host, of).is_ok());
            let error = at(host, other).unwrap_err();
            assert_eq!(error.field(), Some("base_url"), "{error}");
        }
        assert!(at("http://127.0.0.1:1", Mode::Sandbox).is_ok());
        assert!(config().apply_mode(Mode::Sandbox).is_ok());
    }

    #[test]
    fn invalid_settings_are_named_and_secrets_are_not_shown() {
        let long = config().with_brand_name("b".repeat(128));
        assert_eq!(long.check().unwrap_err().field(), Some("brand_name"));
        let path = config().with_base_url("https://api-m.paypal.com/v2");
        assert_eq!(path.check().unwrap_err().field(), Some("base_url"));
        assert!(config().check().is_ok());
        assert!(!format!("{:?}", config()).contains("canary"));
    }
}
