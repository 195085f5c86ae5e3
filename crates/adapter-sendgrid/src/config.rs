//! The settings of a SendGrid account.

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
pub const VENDOR: &str = "sendgrid";

/// The settings of a SendGrid account.
///
/// ```toml
/// api_key = "env:SENDGRID_API_KEY"
/// region = "eu"
/// ```
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SendGridConfig {
    /// The API key, which begins with `SG.`; it needs the permissions "Mail Send" and, to cancel, "Scheduled Sends".
    pub api_key: SecretSource,
    /// The region of the account. The EU region needs a key of an EU subuser. Default: `global`.
    #[serde(default)]
    pub region: Region,
    /// Whether requests are only checked: nothing is delivered, no credits are used and no events are sent. Default: `true` if
    /// the application's mode is sandbox and the address is SendGrid's own, otherwise `false`.
    #[serde(default)]
    pub sandbox_mode: Option<bool>,
    /// Whether emails go to real people also if the application's mode is sandbox. Default: `false`.
    #[serde(default)]
    pub real_vendor: bool,
    /// The base URL of the API. Default: the region's.
    #[serde(default)]
    pub base_url: Option<String>,
    /// Whether plain HTTP, loopback and private addresses are allowed, for a local sandbox. Default: `false`.
    #[serde(default)]
    pub allow_private_addresses: bool,
    /// Time limits, retries and the other settings of the call pipeline.
    #[serde(default)]
    pub resilience: Policy,
}

anyvendor_core::debug_only!(SendGridConfig {
    api_key,
    region,
    sandbox_mode,
    real_vendor,
    allow_private_addresses
});

/// The region of an account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Region {
    /// The global region, `api.sendgrid.com`.
    #[default]
    Global,
    /// The EU region, `api.eu.sendgrid.com`.
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
    /// The default settings with this key.
    #[must_use]
    pub fn new(api_key: impl Into<SecretSource>) -> Self {
        Self {
            api_key: api_key.into(),
            region: Region::default(),
            sandbox_mode: None,
            real_vendor: false,
            base_url: None,
            allow_private_addresses: false,
            resilience: Policy::default(),
        }
    }

    /// Sets the region of the account.
    #[must_use]
    pub fn with_region(mut self, region: Region) -> Self {
        self.region = region;
        self
    }

    /// Sets whether requests are only checked.
    #[must_use]
    pub fn with_sandbox_mode(mut self, sandbox_mode: bool) -> Self {
        self.sandbox_mode = Some(sandbox_mode);
        self
    }

    anyvendor_http::connection_setters!();

    /// Checks every setting except the key, which is read when the connection is built.
    ///
    /// # Errors
    /// `Config` that names the field.
    pub fn check(&self) -> Result<(), Error> {
        self.base().map(drop)
    }

    /// In sandbox mode SendGrid itself only checks requests, unless the settings say otherwise: a key does not show whose it is.
    pub(crate) fn apply_mode(&mut self, mode: Mode) {
        let is_real = !leads_elsewhere(self.base_url.as_deref(), &["sendgrid.com"]);
        if mode == Mode::Sandbox && is_real && !self.real_vendor {
            self.sandbox_mode.get_or_insert(true);
        }
    }

    /// The base URL of the API.
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
    fn the_region_decides_the_host() {
        assert_eq!(
            config().base().unwrap().as_str(),
            "https://api.sendgrid.com/"
        );
        let eu = config().with_region(Region::Eu);
        assert_eq!(eu.base().unwrap().as_str(), "https://api.eu.sendgrid.com/");
    }

    #[test]
    fn invalid_settings_are_named() {
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
    fn sf11_in_sandbox_mode_requests_are_only_checked() {
        let after = |mut config: SendGridConfig, mode| {
            config.apply_mode(mode);
            config.sandbox_mode.unwrap_or_default()
        };
        let own = || config().with_base_url("https://api.sendgrid.com");
        let mut real = config();
        real.real_vendor = true;
        for (config, checks) in [
            (config(), true),
            (own(), true),
            (config().with_region(Region::Eu), true),
            (config().with_sandbox_mode(false), false),
            (real, false),
            (config().with_local_base_url("http://127.0.0.1:1"), false),
        ] {
            assert_eq!(after(config.clone(), Mode::Sandbox), checks, "{config:?}");
            assert!(!after(config, Mode::Live));
        }
    }

    #[test]
    fn unknown_settings_and_literal_keys_are_rejected() {
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
