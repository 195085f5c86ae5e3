//! How requests are signed: with the account's token, or with an API key and its secret, as basic credentials.

use anyvendor_core::Error;
use anyvendor_http::Auth;
use http::{HeaderValue, header::ACCEPT};

use crate::config::{NO_CREDENTIALS, TwilioConfig};

/// Reads the secrets that the configuration names. An API key takes precedence over the account's token.
pub(crate) fn of(config: &TwilioConfig) -> Result<Auth, Error> {
    let (user, secret, field) = match (&config.api_key_sid, &config.api_secret, &config.auth_token)
    {
        (Some(key), Some(secret), _) => (key, secret, "api_secret"),
        (_, _, Some(token)) => (&config.account_sid, token, "auth_token"),
        _ => return Err(Error::config("auth_token", NO_CREDENTIALS)),
    };
    let secret = secret.resolve_setting(field)?;
    let text = secret.expose();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        let remedy = "has characters that a secret of Twilio cannot have";
        return Err(Error::config(field, remedy));
    }
    Ok(Auth::basic(user, secret).with_header(ACCEPT, HeaderValue::from_static("application/json")))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use anyvendor_core::{Kind, resilience::UnsignedRequest, values::Secret};
    use anyvendor_http::{HttpTransport, SystemClock, TransportConfig};
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use http::{HeaderMap, Method, header::AUTHORIZATION};
    use jiff::Timestamp;
    use url::Url;

    use super::*;

    const ACCOUNT: &str = "AC00000000000000000000000000000001";

    /// The headers of one attempt.
    async fn signed(config: &TwilioConfig) -> HeaderMap {
        let transport = Arc::new(HttpTransport::new(TransportConfig::default()).unwrap());
        let auth = of(config).unwrap();
        assert!(!format!("{auth:?}").contains("canary"));
        let authorizer = auth
            .authorizer("twilio", transport, Arc::new(SystemClock), false)
            .unwrap();
        assert!(!format!("{authorizer:?}").contains("canary"));
        let mut url = Url::parse("https://api.twilio.com").unwrap();
        let mut headers = HeaderMap::new();
        let unsigned = UnsignedRequest {
            method: &Method::GET,
            url: &mut url,
            headers: &mut headers,
            body: None,
            now: Timestamp::UNIX_EPOCH,
        };
        authorizer.authorize(unsigned).await.unwrap();
        headers
    }

    #[tokio::test]
    async fn an_api_key_takes_precedence_over_the_token() {
        let token = TwilioConfig::new(ACCOUNT, Secret::new("token"));
        let headers = signed(&token).await;
        let expected = STANDARD.encode(format!("{ACCOUNT}:token"));
        assert_eq!(headers[AUTHORIZATION], format!("Basic {expected}"));
        let key = token.with_api_key("SK1", Secret::new("canary"));
        let headers = signed(&key).await;
        let expected = STANDARD.encode("SK1:canary");
        assert_eq!(headers[AUTHORIZATION], format!("Basic {expected}"));
        assert!(headers[AUTHORIZATION].is_sensitive());
    }

    #[test]
    fn malformed_secrets_are_rejected_without_showing_them() {
        for secret in ["can ary", "canary\u{e9}"] {
            let config = TwilioConfig::new(ACCOUNT, Secret::new(secret));
            let error = of(&config).unwrap_err();
            assert_eq!(
                (error.kind(), error.field()),
                (&Kind::Config, Some("auth_token"))
            );
            assert!(!format!("{error:?} {error}").contains("canary"));
        }
    }
}
