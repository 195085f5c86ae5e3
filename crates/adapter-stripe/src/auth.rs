//! How requests are signed: the key as a bearer token, the API version, the connected account.

use anyvendor_core::{Error, values::Secret};
use anyvendor_http::Auth;
use http::{HeaderName, HeaderValue};

use crate::API_VERSION;

pub(crate) const ACCOUNT: HeaderName = HeaderName::from_static("stripe-account");
const VERSION: HeaderName = HeaderName::from_static("stripe-version");

/// The credentials of every request. A request that names another connected account keeps it.
pub(crate) fn of(key: Secret, account: Option<&str>) -> Result<Auth, Error> {
    if !key.expose().bytes().all(|byte| byte.is_ascii_graphic()) {
        let remedy = "has characters that no key has; copy it again";
        return Err(Error::config("api_key", remedy));
    }
    let auth = Auth::bearer(key).with_header(VERSION, HeaderValue::from_static(API_VERSION));
    let Some(account) = account else {
        return Ok(auth);
    };
    let account =
        account_header(account).ok_or_else(|| Error::config("account", ACCOUNT_REMEDY))?;
    Ok(auth.with_header(ACCOUNT, account))
}

pub(crate) const ACCOUNT_REMEDY: &str = "must be the id of a connected account (acct_...)";

/// The header that names a connected account.
pub(crate) fn account_header(account: &str) -> Option<HeaderValue> {
    let name = account.strip_prefix("acct_")?;
    let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    is_name.then(|| HeaderValue::from_str(account).ok())?
}
