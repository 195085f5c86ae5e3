//! The settings of an Acme account.

use anyvendor_core::{Error, address::api_address, resilience::Policy, values::SecretSource};
use serde::Deserialize;
use url::Url;

/// The vendor's name in ids and errors.
pub const VENDOR: &str = "acme";

/// The settings of an Acme account.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcmeConfig {
    /// The API key.
    pub api_key: SecretSource,
    /// The address of the API, if it is not Acme's own.
    #[serde(default)]
    pub base_url: Option<String>,
    /// Allows plain http, loopback and private addresses, for an emulator on this machine.
    #[serde(default)]
    pub allow_private_addresses: bool,
    /// Time limits, retries and the other parts of the call policy.
    #[serde(default)]
    pub resilience: Policy,
}

impl AcmeConfig {
    /// The settings of an account with this key.
    pub fn new(api_key: impl Into<SecretSource>) -> Self {
        Self {
            api_key: api_key.into(),
            base_url: None,
            allow_private_addresses: false,
            resilience: Policy::default(),
        }
    }

    anyvendor_http::connection_setters!();

    /// The address of the API.
    pub(crate) fn base(&self) -> Result<Url, Error> {
        let own = self.base_url.as_deref();
        let text = own.unwrap_or("https://api.acme.example/v1");
        api_address("base_url", text, self.allow_private_addresses)
    }
}
