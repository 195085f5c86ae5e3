//! The key, the API version and the account on every request.

use anyvendor_core::{
    Error,
    resilience::{AuthRejection, Authorizer, UnsignedRequest},
    values::Secret,
};
use async_trait::async_trait;
use http::{HeaderName, HeaderValue, header::AUTHORIZATION};

use crate::API_VERSION;

pub(crate) const ACCOUNT: HeaderName = HeaderName::from_static("stripe-account");
const VERSION: HeaderName = HeaderName::from_static("stripe-version");

#[derive(Debug)]
pub(crate) struct StripeAuth {
    /// Marked sensitive: prints as such.
    bearer: HeaderValue,
    account: Option<HeaderValue>,
}

impl StripeAuth {
    pub(crate) fn new(key: &Secret, account: Option<&str>) -> Result<Self, Error> {
        let mut bearer =
            HeaderValue::from_str(&["Bearer ", key.expose()].concat()).map_err(|_| {
                Error::config("api_key", "has characters that no key has; copy it again")
            })?;
        bearer.set_sensitive(true);
        let account = account
            .map(|account| {
                account_header(account).ok_or_else(|| Error::config("account", ACCOUNT_REMEDY))
            })
            .transpose()?;
        Ok(Self { bearer, account })
    }
}

pub(crate) const ACCOUNT_REMEDY: &str = "must be the id of a connected account (acct_...)";

/// The header that names a connected account.
pub(crate) fn account_header(account: &str) -> Option<HeaderValue> {
    let name = account.strip_prefix("acct_")?;
    let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    is_name.then(|| HeaderValue::from_str(account).ok())?
}

#[async_trait]
impl Authorizer for StripeAuth {
    async fn authorize(&self, request: UnsignedRequest<'_>) -> Result<u64, Error> {
        request.headers.insert(AUTHORIZATION, self.bearer.clone());
        request
            .headers
            .insert(VERSION, HeaderValue::from_static(API_VERSION));
        if let Some(account) = &self.account {
            request
                .headers
                .entry(ACCOUNT)
                .or_insert_with(|| account.clone());
        }
        Ok(0)
    }

    async fn recover(&self, _: AuthRejection<'_>) -> Result<bool, Error> {
        // A key does not get better by asking again.
        Ok(false)
    }
}
