//! How requests are authenticated: the key as a bearer token.

use anyvendor_core::Error;
use anyvendor_http::Auth;

use super::config::AcmeConfig;

/// Reads the key that the configuration names.
pub(crate) fn of(config: &AcmeConfig) -> Result<Auth, Error> {
    Ok(Auth::bearer(config.api_key.resolve_setting("api_key")?))
}
