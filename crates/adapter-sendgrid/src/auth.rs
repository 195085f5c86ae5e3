//! How a request is signed: the key in a header.

use std::fmt;

use anyvendor_core::{
    Error,
    resilience::{AuthRejection, Authorizer, UnsignedRequest},
};
use async_trait::async_trait;
use http::{
    HeaderValue,
    header::{ACCEPT, AUTHORIZATION},
};

use crate::config::SendGridConfig;

/// The key of an account. A key does not change by itself, so a refusal is final.
pub(crate) struct ApiKey {
    bearer: HeaderValue,
}

impl ApiKey {
    /// Reads the key that the configuration names.
    pub(crate) fn resolve(config: &SendGridConfig) -> Result<Self, Error> {
        let secret = config.api_key.resolve_setting("api_key")?;
        let bad = || {
            Error::config(
                "api_key",
                "must begin with SG.; make one under Settings, API Keys",
            )
        };
        let key = secret.expose();
        if !key.starts_with("SG.") || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(bad());
        }
        let mut bearer = HeaderValue::from_str(&["Bearer ", key].concat()).map_err(|_| bad())?;
        bearer.set_sensitive(true);
        Ok(Self { bearer })
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiKey").finish_non_exhaustive()
    }
}

#[async_trait]
impl Authorizer for ApiKey {
    async fn authorize(&self, request: UnsignedRequest<'_>) -> Result<u64, Error> {
        request.headers.insert(AUTHORIZATION, self.bearer.clone());
        // Without it the vendor answers 406, also to requests whose response has no body.
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
    use anyvendor_core::{Kind, values::Secret};

    use super::*;

    #[test]
    fn key_of_another_shape_is_refused_without_showing_it() {
        for key in ["sk_canary", "canary", "SG.can ary", "SG.canary\u{e9}"] {
            let config = SendGridConfig::new(Secret::new(key));
            let error = ApiKey::resolve(&config).unwrap_err();
            assert_eq!(
                (error.kind(), error.field()),
                (&Kind::Config, Some("api_key"))
            );
            assert!(
                !format!("{error:?} {error}").contains("canary"),
                "{error:?}"
            );
        }
    }

    #[test]
    fn debug_shows_no_key() {
        let config = SendGridConfig::new(Secret::new("SG.canary.key"));
        assert!(!format!("{:?}", ApiKey::resolve(&config).unwrap()).contains("canary"));
    }
}
