//! How calls are authorized: by an OAuth token that is fetched once for all of them.
//!
//! See <https://developer.paypal.com/api/rest/authentication/>. A token per call would get the account throttled.

use std::sync::Arc;

use anyvendor_core::{
    Error,
    client::{Auth, ClientCredentials},
    connection::address_below,
    resilience::{Authorizer, Clock},
    transport::Transport,
};

use crate::{VENDOR, config::PayPalConfig};

/// Reads the credentials; fetches nothing yet.
pub(crate) fn authorizer(
    config: &PayPalConfig,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
) -> Result<Arc<dyn Authorizer>, Error> {
    let id = config.client_id.resolve_setting("client_id")?;
    let secret = config.client_secret.resolve_setting("client_secret")?;
    let url = address_below(&config.base()?, &["v1", "oauth2", "token"], "base_url")?;
    let credentials = ClientCredentials::new(url.as_str(), id.expose(), secret);
    let private = config.allow_private_addresses;
    Auth::client_credentials(credentials).authorizer(VENDOR, transport, clock, private)
}
