//! The settings of a SendGrid account.

use anyvendor_core::{Error, address::api_address, resilience::Policy, values::SecretSource};
use schemars::JsonSchema;
use serde::Deserialize;
use url::Url;

/// The settings of a SendGrid account.
///
/// ```toml
/// api_key = "env:SENDGRID_API_KEY"
/// region = "eu"
/// ```
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SendGridConfig {
    /// The API key, which begins with `SG.`; it needs the permissions "Mail Send" and, to cancel, "Scheduled Sends".
    pub api_key: SecretSource,
    /// Where the account lives. EU mail needs a key of an EU subuser.
    #[serde(default)]
    pub region: Region,
    /// Whether requests are checked only: nothing is delivered, no credits are used and no events are made.
    #[serde(default)]
    pub sandbox_mode: bool,
    /// The address of the API, in place of the region's.
    #[serde(default)]
    pub base_url: Option<String>,
    /// Whether plain http, loopback and private addresses may be talked to: for a local sandbox.
    #[serde(default)]
    pub allow_private_addresses: bool,
    /// Time limits, retries and so on.
    #[serde(default)]
    pub resilience: Policy,
}

/// Where an account lives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Region {
    /// `api.sendgrid.com`.
    #[default]
    Global,
    /// `api.eu.sendgrid.com`.
    Eu,
}

impl Region {
    const fn base_url(self) -> &'static str {
        match self {
            Self::Global => "https://api.sendgrid.com",
            Self::Eu => "https://api.eu.sendgrid.com",
        }
    }
}

impl SendGridConfig {
    /// The settings of an account with this key; everything else as it usually is.
    #[must_use]
    pub fn new(api_key: impl Into<SecretSource>) -> Self {
        Self {
            api_key: api_key.into(),
            region: Region::default(),
            sandbox_mode: false,
            base_url: None,
            allow_private_addresses: false,
            resilience: Policy::default(),
        }
    }

    /// Sets where the account lives.
    #[must_use]
    pub fn with_region(mut self, region: Region) -> Self {
        self.region = region;
        self
    }

    /// Sets whether requests are checked only.
    #[must_use]
    pub fn with_sandbox_mode(mut self, sandbox_mode: bool) -> Self {
        self.sandbox_mode = sandbox_mode;
        self
    }

    anyvendor_http::connection_setters!();

    /// Checks everything but the secret, which is read when the vendor is built.
    ///
    /// # Errors
    /// `Config` that names the field.
    pub fn check(&self) -> Result<(), Error> {
        self.base().map(drop)
    }

    /// The address of the API.
    pub(crate) fn base(&self) -> Result<Url, Error> {
        let text = self.base_url.as_deref().unwrap_or(self.region.base_url());
        api_address("base_url", text, self.allow_private_addresses)
    }
}

#[cfg(test)]
mod tests {
    use anyvendor_core::{Kind, values::Secret};

    use super::*;

    fn config() -> SendGridConfig {
        SendGridConfig::new(Secret::new("SG.canary.key"))
    }

    #[test]
    fn region_picks_the_host() {
        assert_eq!(
            config().base().unwrap().as_str(),
            "https://api.sendgrid.com/"
        );
        let eu = config().with_region(Region::Eu);
        assert_eq!(eu.base().unwrap().as_str(), "https://api.eu.sendgrid.com/");
    }

    #[test]
    fn bad_settings_name_their_field() {
        let cases = [
            (config().with_base_url("nonsense"), "base_url"),
            (config().with_base_url("http://127.0.0.1:1"), "base_url"),
            (config().with_base_url("ftp://example.com"), "base_url"),
            (
                config().with_base_url("https://me:secret@example.com"),
                "base_url",
            ),
            (
                config().with_base_url("https://example.com?key=1"),
                "base_url",
            ),
        ];
        for (config, field) in cases {
            let error = config.check().unwrap_err();
            assert_eq!(
                (error.kind(), error.field()),
                (&Kind::Config, Some(field)),
                "{error}"
            );
            assert!(!error.to_string().contains("secret"), "{error}");
        }
        let local = config().with_local_base_url("http://127.0.0.1:1");
        assert!(local.check().is_ok());
    }

    #[test]
    fn unknown_settings_and_literal_keys_are_refused() {
        let read = |json: &str| serde_json::from_str::<SendGridConfig>(json);
        assert!(read(r#"{"api_key": "env:KEY", "region": "eu", "sandbox_mode": true}"#).is_ok());
        assert!(read(r#"{"api_key": "env:KEY", "regoin": "eu"}"#).is_err());
        let error = read(r#"{"api_key": "SG.canary.key"}"#)
            .unwrap_err()
            .to_string();
        assert!(!error.contains("canary"), "{error}");
    }

    #[test]
    fn debug_shows_no_key() {
        assert!(!format!("{:?}", config()).contains("canary"));
    }
}
