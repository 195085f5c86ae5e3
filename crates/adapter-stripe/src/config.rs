//! The settings of a connection to Stripe.

use std::fmt;

use anyvendor_core::{
    Error,
    address::api_address,
    resilience::Policy,
    values::{Secret, SecretSource},
};
use http::HeaderValue;
use schemars::JsonSchema;
use serde::Deserialize;
use url::Url;

/// The vendor's name in ids and errors.
pub const VENDOR: &str = "stripe";

/// The version of the API that every request asks for, so that the account's default version never changes a response.
pub const API_VERSION: &str = "2026-07-29.dahlia";

/// What to do about an account that is not an id of Stripe's.
pub(crate) const ACCOUNT_REMEDY: &str = "must be the id of a connected account (acct_...)";

/// Settings of a connection.
///
/// ```toml
/// api_key = "env:STRIPE_SECRET_KEY"
/// ```
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct StripeConfig {
    /// A secret (`sk_`) or restricted (`rk_`) key; the key decides between test and live mode.
    pub api_key: SecretSource,
    /// The connected account (`acct_...`) to act for, unless a request names another.
    #[serde(default)]
    pub account: Option<String>,
    /// The base URL of the API. Default: `https://api.stripe.com`.
    #[serde(default)]
    pub base_url: Option<String>,
    /// Whether plain HTTP, loopback and private addresses are allowed, for a local sandbox. Default: `false`.
    #[serde(default)]
    pub allow_private_addresses: bool,
    /// Time limits, retries and the other settings of the call pipeline.
    #[serde(default)]
    pub resilience: Policy,
}

impl StripeConfig {
    /// The default settings with this key.
    #[must_use]
    pub fn new(api_key: impl Into<SecretSource>) -> Self {
        Self {
            api_key: api_key.into(),
            account: None,
            base_url: None,
            allow_private_addresses: false,
            resilience: Policy::default(),
        }
    }

    /// Sets the connected account to act for.
    #[must_use]
    pub fn with_account(mut self, account: impl Into<String>) -> Self {
        self.account = Some(account.into());
        self
    }

    anyvendor_http::connection_setters!();

    /// Checks every setting except the key, which is read when the connection is built.
    ///
    /// # Errors
    /// `Config` that names the field.
    pub fn check(&self) -> Result<(), Error> {
        self.base()?;
        self.resilience.check()?;
        match self.account.as_deref().map(account_header) {
            Some(None) => Err(Error::config("account", ACCOUNT_REMEDY)),
            _ => Ok(()),
        }
    }

    /// Whether the key moves real money. Reads the key, which may block for a moment.
    ///
    /// # Errors
    /// `Config` if the key is missing or is not a key for servers.
    pub fn mode(&self) -> Result<KeyMode, Error> {
        self.key().map(|(_, mode)| mode)
    }

    /// The key, and whether it moves real money.
    pub(crate) fn key(&self) -> Result<(Secret, KeyMode), Error> {
        let key = self.api_key.resolve_setting("api_key")?;
        let mode = KeyMode::of(&key)?;
        Ok((key, mode))
    }

    /// The base URL of the API.
    pub(crate) fn base(&self) -> Result<Url, Error> {
        let text = self.base_url.as_deref().unwrap_or("https://api.stripe.com");
        let url = api_address("base_url", text, self.allow_private_addresses)?;
        if url.path() == "/" {
            Ok(url)
        } else {
            Err(Error::config("base_url", "must be a host without a path"))
        }
    }
}

impl fmt::Debug for StripeConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StripeConfig")
            .field("api_key", &self.api_key)
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}

/// Whether a key moves real money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyMode {
    /// A key that begins with `sk_test_` or `rk_test_`.
    Test,
    /// A key that begins with `sk_live_` or `rk_live_`.
    Live,
}

impl KeyMode {
    /// Whether real money moves.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Live)
    }

    fn of(key: &Secret) -> Result<Self, Error> {
        let starts = |prefixes: [&str; 2]| {
            prefixes
                .iter()
                .any(|prefix| key.expose().starts_with(prefix))
        };
        if starts(["sk_test_", "rk_test_"]) {
            Ok(Self::Test)
        } else if starts(["sk_live_", "rk_live_"]) {
            Ok(Self::Live)
        } else if key.expose().starts_with("pk_") {
            Err(Error::config(
                "api_key",
                "is a publishable key (pk_), which is for browsers; use a secret (sk_) or restricted (rk_) key",
            ))
        } else {
            Err(Error::config(
                "api_key",
                "must begin with sk_test_, sk_live_, rk_test_ or rk_live_",
            ))
        }
    }
}

/// The header that names a connected account, if the text is the id of one.
pub(crate) fn account_header(account: &str) -> Option<HeaderValue> {
    let name = account.strip_prefix("acct_")?;
    let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    is_name.then(|| HeaderValue::from_str(account).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(key: &str) -> StripeConfig {
        StripeConfig::new(Secret::new(key))
    }

    #[test]
    fn the_key_decides_the_mode() {
        for (key, live) in [
            ("sk_test_1", false),
            ("rk_test_1", false),
            ("sk_live_1", true),
            ("rk_live_1", true),
        ] {
            assert_eq!(config(key).mode().unwrap().is_live(), live, "{key}");
        }
    }

    #[test]
    fn other_keys_are_rejected_with_a_remedy_and_never_shown() {
        for (key, says) in [
            ("pk_test_canary", "publishable"),
            ("whsec_canary", "must begin with sk_test_"),
            ("canary", "must begin with sk_test_"),
        ] {
            let error = config(key).mode().unwrap_err();
            assert_eq!(error.field(), Some("api_key"));
            assert!(error.to_string().contains(says), "{error}");
            assert!(!format!("{error:?} {:?}", config(key)).contains("canary"));
        }
    }

    #[test]
    fn a_missing_key_names_its_variable() {
        let source = SecretSource::parse("env:ANYVENDOR_TEST_NO_SUCH_VARIABLE").unwrap();
        let error = StripeConfig::new(source).mode().unwrap_err();
        assert!(
            error
                .to_string()
                .contains("ANYVENDOR_TEST_NO_SUCH_VARIABLE"),
            "{error}"
        );
        assert_eq!(error.field(), Some("api_key"));
    }

    #[test]
    fn invalid_settings_are_named() {
        let good = || config("sk_test_1");
        good().check().unwrap();
        good().with_account("acct_1A2b").check().unwrap();
        good()
            .with_local_base_url("http://127.0.0.1:4011")
            .check()
            .unwrap();
        for (bad, field) in [
            (good().with_account("cus_1"), "account"),
            (good().with_account("acct_1\r\nX: y"), "account"),
            (good().with_base_url("http://api.stripe.com"), "base_url"),
            (good().with_base_url("https://u:p@host"), "base_url"),
            (good().with_base_url("https://host/v1"), "base_url"),
            (good().with_base_url("host"), "base_url"),
        ] {
            assert_eq!(bad.check().unwrap_err().field(), Some(field), "{bad:?}");
        }
    }

    #[test]
    fn a_file_holds_references_and_known_settings_only() {
        let read = |json: &str| serde_json::from_str::<StripeConfig>(json);
        read(r#"{"api_key": "env:KEY", "account": "acct_1", "resilience": {"attempts": 2}}"#)
            .unwrap();
        assert!(read(r#"{"api_key": "sk_test_literal"}"#).is_err());
        assert!(read(r#"{"api_key": "env:KEY", "acount": "acct_1"}"#).is_err());
    }
}
