//! What a connection to Stripe needs to know.

use anyvendor_core::{
    Error,
    resilience::Policy,
    values::{Secret, SecretSource},
};
use schemars::JsonSchema;
use serde::Deserialize;
use url::Url;

/// Settings of a connection.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct StripeConfig {
    /// A secret (`sk_`) or restricted (`rk_`) key; the key chooses between test and live.
    pub api_key: SecretSource,
    /// Acts for this connected account (`acct_...`) unless a request says otherwise.
    #[serde(default)]
    pub account: Option<String>,
    /// Where the API is; `https://api.stripe.com` unless set.
    #[serde(default)]
    pub base_url: Option<String>,
    /// Whether a double on this machine may be talked to, without TLS.
    #[serde(default)]
    pub allow_private_addresses: bool,
    /// How calls behave on a bad day.
    #[serde(default)]
    pub resilience: Policy,
}

impl StripeConfig {
    /// The usual settings with this key.
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

    /// Talks to a double on this machine.
    #[must_use]
    pub fn with_local_base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = Some(base_url.into());
        self.allow_private_addresses = true;
        self
    }

    /// Acts for a connected account.
    #[must_use]
    pub fn with_account(mut self, account: impl Into<String>) -> Self {
        self.account = Some(account.into());
        self
    }

    /// Sets how calls behave on a bad day.
    #[must_use]
    pub fn with_resilience(mut self, resilience: Policy) -> Self {
        self.resilience = resilience;
        self
    }

    pub(crate) fn url(&self) -> Result<Url, Error> {
        let text = self.base_url.as_deref().unwrap_or("https://api.stripe.com");
        match Url::parse(text) {
            Ok(url) if url.has_host() && url.path() == "/" && url.query().is_none() => Ok(url),
            _ => Err(Error::config(
                "base_url",
                "must be a URL without a path, such as https://api.stripe.com",
            )),
        }
    }

    pub(crate) fn key(&self) -> Result<(Secret, KeyMode), Error> {
        let key = self
            .api_key
            .resolve()
            .map_err(|error| error.with_field("api_key"))?;
        let mode = KeyMode::of(&key)?;
        Ok((key, mode))
    }
}

/// Whether a key moves real money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyMode {
    /// `sk_test_` or `rk_test_`.
    Test,
    /// `sk_live_` or `rk_live_`.
    Live,
}

impl KeyMode {
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
                "is a publishable key (pk_), which is for browsers; use a secret or restricted key",
            ))
        } else {
            Err(Error::config(
                "api_key",
                "must begin with sk_test_, sk_live_, rk_test_ or rk_live_",
            ))
        }
    }
}

/// What only Stripe knows: put it on a [`CreatePayment`](anyvendor_core::payment::CreatePayment) by `with_extension`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StripeOptions {
    /// Acts for this connected account.
    pub account: Option<String>,
    /// Added to the account's own statement descriptor; at most 22 characters.
    pub statement_descriptor_suffix: Option<String>,
    /// The account that the payment settles on.
    pub on_behalf_of: Option<String>,
    /// Ties transfers together.
    pub transfer_group: Option<String>,
}

impl StripeOptions {
    /// Acts for a connected account.
    pub fn for_account(account: impl Into<String>) -> Self {
        Self {
            account: Some(account.into()),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Result<KeyMode, Error> {
        StripeConfig::new(Secret::new(text))
            .key()
            .map(|(_, mode)| mode)
    }

    #[test]
    fn the_key_chooses_the_mode_and_other_keys_are_refused() {
        assert_eq!(key("sk_test_1").unwrap(), KeyMode::Test);
        assert_eq!(key("rk_live_1").unwrap(), KeyMode::Live);
        let publishable = key("pk_test_canary").unwrap_err();
        assert!(
            publishable.to_string().contains("publishable"),
            "{publishable}"
        );
        let other = key("canary").unwrap_err();
        assert!(!format!("{other:?} {publishable:?}").contains("canary"));
    }

    #[test]
    fn a_missing_key_names_its_variable() {
        let source = SecretSource::parse("env:ANYVENDOR_TEST_NO_SUCH_VARIABLE").unwrap();
        let error = StripeConfig::new(source).key().unwrap_err();
        assert!(
            error
                .to_string()
                .contains("ANYVENDOR_TEST_NO_SUCH_VARIABLE"),
            "{error}"
        );
        assert_eq!(error.field(), Some("api_key"));
    }
}
