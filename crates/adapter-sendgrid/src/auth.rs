//! How requests are signed: with the key as a bearer token.

use anyvendor_core::Error;
use anyvendor_http::Auth;
use http::{HeaderValue, header::ACCEPT};

use crate::config::SendGridConfig;

/// Reads the key that the configuration names.
pub(crate) fn of(config: &SendGridConfig) -> Result<Auth, Error> {
    let key = config.api_key.resolve_setting("api_key")?;
    let text = key.expose();
    if !text.starts_with("SG.") || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        let remedy = "must begin with SG.; create one under Settings, API Keys";
        return Err(Error::config("api_key", remedy));
    }
    // Without `Accept` SendGrid responds with 406, also to requests whose response has no body.
    Ok(Auth::bearer(key).with_header(ACCEPT, HeaderValue::from_static("application/json")))
}

#[cfg(test)]
mod tests {
    use anyvendor_core::{Kind, values::Secret};

    use super::*;

    #[test]
    fn malformed_keys_are_rejected_without_showing_them() {
        for key in ["sk_canary", "canary", "SG.can ary", "SG.canary\u{e9}"] {
            let config = SendGridConfig::new(Secret::new(key));
            let error = of(&config).unwrap_err();
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
        assert!(!format!("{:?}", of(&config).unwrap()).contains("canary"));
    }
}
