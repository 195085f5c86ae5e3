//! How a request is signed: the account's token, or a key and its secret, as HTTP's basic credentials.

use std::fmt;

use anyvendor_core::{
    Error,
    resilience::{AuthRejection, Authorizer, UnsignedRequest},
    values::Secret,
};
use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{
    HeaderValue,
    header::{ACCEPT, AUTHORIZATION},
};

use crate::config::{NO_CREDENTIALS, TwilioConfig};

/// The credentials of an account. They do not change by themselves, so a refusal is final.
pub(crate) struct Credentials {
    basic: HeaderValue,
}

impl Credentials {
    /// Reads the secrets that the configuration names: a key goes before the account's token.
    pub(crate) fn resolve(config: &TwilioConfig) -> Result<Self, Error> {
        let (user, secret, field) =
            match (&config.api_key_sid, &config.api_secret, &config.auth_token) {
                (Some(key), Some(secret), _) => (key, secret, "api_secret"),
                (_, _, Some(token)) => (&config.account_sid, token, "auth_token"),
                _ => return Err(Error::config("auth_token", NO_CREDENTIALS)),
            };
        let basic = basic(user, &secret.resolve_setting(field)?)
            .ok_or_else(|| Error::config(field, "has characters that no secret of Twilio has"))?;
        Ok(Self { basic })
    }
}

fn basic(user: &str, secret: &Secret) -> Option<HeaderValue> {
    let secret = secret.expose();
    if secret.is_empty() || !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    let pair = STANDARD.encode([user, ":", secret].concat());
    let mut value = HeaderValue::from_str(&["Basic ", &pair].concat()).ok()?;
    value.set_sensitive(true);
    Some(value)
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").finish_non_exhaustive()
    }
}

#[async_trait]
impl Authorizer for Credentials {
    async fn authorize(&self, request: UnsignedRequest<'_>) -> Result<u64, Error> {
        request.headers.insert(AUTHORIZATION, self.basic.clone());
        request
            .headers
            .insert(ACCEPT, HeaderValue::from_static("application/json"));
        Ok(0)
    }

    async fn recover(&self, _: AuthRejection<'_>) -> Result<bool, Error> {
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use anyvendor_core::Kind;

    use super::*;

    const ACCOUNT: &str = "AC00000000000000000000000000000001";

    #[test]
    fn a_key_goes_before_the_token() {
        let token = TwilioConfig::new(ACCOUNT, Secret::new("token"));
        let value = Credentials::resolve(&token).unwrap().basic;
        let expected = STANDARD.encode(format!("{ACCOUNT}:token"));
        assert_eq!(value.to_str().unwrap(), format!("Basic {expected}"));
        let key = token.with_api_key("SK1", Secret::new("canary"));
        let credentials = Credentials::resolve(&key).unwrap();
        let expected = STANDARD.encode("SK1:canary");
        assert_eq!(
            credentials.basic.to_str().unwrap(),
            format!("Basic {expected}")
        );
        assert!(credentials.basic.is_sensitive());
        assert!(!format!("{credentials:?}").contains("canary"));
    }

    #[test]
    fn secrets_of_another_shape_are_refused_without_showing_them() {
        for secret in ["can ary", "canary\u{e9}"] {
            let config = TwilioConfig::new(ACCOUNT, Secret::new(secret));
            let error = Credentials::resolve(&config).unwrap_err();
            assert_eq!(
                (error.kind(), error.field()),
                (&Kind::Config, Some("auth_token"))
            );
            assert!(!format!("{error:?} {error}").contains("canary"));
        }
    }
}
