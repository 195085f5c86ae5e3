//! What a connection to PayPal needs to know.

use std::fmt;

use anyvendor_core::{Error, address::api_address, resilience::Policy, values::SecretSource};
use anyvendor_http::Mode;
use schemars::JsonSchema;
use serde::Deserialize;
use url::Url;

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
    /// The REST app's id. It may stand here or in a variable or file, as the secret must.
    pub client_id: SecretSource,
    /// The REST app's secret.
    pub client_secret: SecretSource,
    /// The environment that the app belongs to; each has its own credentials and host. `live` unless set, or what the
    /// application's mode says.
    #[serde(default)]
    pub environment: Option<Environment>,
    /// The name that the payer's page shows, up to 127 characters; the account's own unless set.
    #[serde(default)]
    pub brand_name: Option<String>,
    /// Where the API is; the environment's host unless set.
    #[serde(default)]
    pub base_url: Option<String>,
    /// Whether plain http, loopback and private addresses may be talked to: for a local sandbox.
    #[serde(default)]
    pub allow_private_addresses: bool,
    /// Time limits, retries and so on.
    #[serde(default)]
    pub resilience: Policy,
}

/// One of PayPal's two environments.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// Money of PayPal's test accounts.
    Sandbox,
    /// Real money.
    #[default]
    Live,
}

impl Environment {
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
    /// The usual settings with these credentials.
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

    /// Checks everything but the credentials, which are read when the connection is built.
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

    /// The environment that the app belongs to.
    pub(crate) fn environment(&self) -> Environment {
        self.environment.unwrap_or_default()
    }

    /// The address of the API.
    pub(crate) fn base(&self) -> Result<Url, Error> {
        let text = self
            .base_url
            .as_deref()
            .unwrap_or(self.environment().host());
        let url = api_address("base_url", text, self.allow_private_addresses)?;
        match url.path() {
            "/" => Ok(url),
            _ => Err(Error::config("base_url", "must be a host without a path")),
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

/// Whether the payer's page asks for an address to send to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ShippingPreference {
    /// Nothing is sent: no address is asked for.
    #[default]
    NoShipping,
    /// The payer chooses one of theirs.
    GetFromFile,
}

/// What only PayPal knows: put it on a [`CreatePayment`](anyvendor_core::payment::CreatePayment) by `with_extension`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PayPalOptions {
    /// Whether the payer's page asks for an address.
    pub shipping_preference: ShippingPreference,
    /// The language of the payer's page, such as `de-DE`.
    pub locale: Option<String>,
    /// Whose integration this is (`PayPal-Partner-Attribution-Id`), up to 36 characters.
    pub partner_attribution_id: Option<String>,
    /// The session that PayPal's fraud checks saw (`PayPal-Client-Metadata-Id`), up to 36 characters.
    pub client_metadata_id: Option<String>,
    /// The issue that PayPal's sandbox shall answer with (`PayPal-Mock-Response`); refused where real money moves.
    pub mock_issue: Option<String>,
}

impl PayPalOptions {
    /// No options.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets whether the payer's page asks for an address.
    #[must_use]
    pub fn with_shipping_preference(mut self, preference: ShippingPreference) -> Self {
        self.shipping_preference = preference;
        self
    }

    /// Sets the language of the payer's page.
    #[must_use]
    pub fn with_locale(mut self, locale: impl Into<String>) -> Self {
        self.locale = Some(locale.into());
        self
    }

    /// Says whose integration this is.
    #[must_use]
    pub fn with_partner_attribution_id(mut self, id: impl Into<String>) -> Self {
        self.partner_attribution_id = Some(id.into());
        self
    }

    /// Names the session that the fraud checks saw.
    #[must_use]
    pub fn with_client_metadata_id(mut self, id: impl Into<String>) -> Self {
        self.client_metadata_id = Some(id.into());
        self
    }

    /// Lets PayPal's sandbox answer with this issue.
    #[must_use]
    pub fn with_mock_issue(mut self, issue: impl Into<String>) -> Self {
        self.mock_issue = Some(issue.into());
        self
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
    fn the_environment_chooses_the_host() {
        assert_eq!(
            config().base().unwrap().host_str(),
            Some("api-m.sandbox.paypal.com")
        );
        let mut live = config();
        live.environment = Some(Environment::Live);
        assert_eq!(live.base().unwrap().host_str(), Some("api-m.paypal.com"));
        assert_eq!(Environment::default(), Environment::Live);
    }

    #[test]
    fn what_cannot_work_is_named_and_secrets_are_not_shown() {
        let long = config().with_brand_name("b".repeat(128));
        assert_eq!(long.check().unwrap_err().field(), Some("brand_name"));
        let path = config().with_base_url("https://api-m.paypal.com/v2");
        assert_eq!(path.check().unwrap_err().field(), Some("base_url"));
        assert!(config().check().is_ok());
        assert!(!format!("{:?}", config()).contains("canary"));
    }
}
