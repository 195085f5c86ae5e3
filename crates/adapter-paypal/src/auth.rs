//! How requests are signed: with an OAuth token that is fetched once for all of them.
//!
//! See <https://developer.paypal.com/api/rest/authentication/>. PayPal throttles an account that fetches a token for each call.

use anyvendor_core::{Error, address::address_below};
use anyvendor_http::{Auth, ClientCredentials};

use crate::config::PayPalConfig;

/// Reads the credentials. No token is fetched yet.
pub(crate) fn of(config: &PayPalConfig) -> Result<Auth, Error> {
    let id = config.client_id.resolve_setting("client_id")?;
    let secret = config.client_secret.resolve_setting("client_secret")?;
    let url = address_below(&config.base()?, &["v1", "oauth2", "token"], "base_url")?;
    let credentials = ClientCredentials::new(url.as_str(), id.expose(), secret);
    Ok(Auth::client_credentials(credentials))
}
