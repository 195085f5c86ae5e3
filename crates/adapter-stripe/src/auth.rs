//! How requests are signed: the key as a bearer token, the API version, the connected account.

use anyvendor_core::{Error, values::Secret};
use anyvendor_http::Auth;
use http::{HeaderName, HeaderValue};

use crate::config::{ACCOUNT_REMEDY, API_VERSION, account_header};

pub(crate) const ACCOUNT: HeaderName = HeaderName::from_static("stripe-account");
const VERSION: HeaderName = HeaderName::from_static("stripe-version");

/// The credentials of every request. A request that names another connected account keeps its own.
pub(crate) fn of(key: Secret, account: Option<&str>) -> Result<Auth, Error> {
    if !key.expose().bytes().all(|byte| byte.is_ascii_graphic()) {
        let remedy = "has characters that a key cannot have; copy it again";
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
