//! The proof that SendGrid posted a delivery: a signature, or basic credentials.

use anyvendor_core::{
    Error,
    values::Secret,
    webhook::{Verified, WebhookError, WebhookRequest, Window, signing_secrets},
};
use anyvendor_http::signature::{P256Key, equal};
use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::Timestamp;

use super::config::SendGridWebhookConfig;
use crate::config::VENDOR;

const SIGNATURE: &str = "x-twilio-email-event-webhook-signature";
const TIMESTAMP: &str = "x-twilio-email-event-webhook-timestamp";
/// The shortest password: 16 of 66 possible characters are 96 bits, which cannot be guessed. Our default, without a vendor source.
const MIN_PASSWORD: usize = 16;

/// The proof that an endpoint requires of a delivery.
#[derive(Debug)]
pub(super) enum Proof {
    /// A signature over the time and the body.
    Signature { keys: Vec<P256Key>, window: Window },
    /// Basic credentials in the URL that SendGrid posts to, which cover no content.
    BasicAuth(Vec<Secret>),
}

impl Proof {
    pub(super) fn read(config: &SendGridWebhookConfig) -> Result<Self, Error> {
        const KEY: &str = "must be the verification key that SendGrid shows: base64, beginning with MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE";
        const PAIR: &str = "must be user:password of only letters, digits and -._~, with a password of at least 16";
        if !config.basic_auth.is_empty() {
            let secrets = signing_secrets(&config.basic_auth, "basic_auth")?;
            return if secrets.iter().all(|secret| is_pair(secret.expose())) {
                Ok(Self::BasicAuth(secrets))
            } else {
                Err(Error::config("basic_auth", PAIR))
            };
        }
        let key = |text: &String| {
            let der = BASE64_STANDARD.decode(text.trim()).ok()?;
            P256Key::from_spki_der(&der)
        };
        let keys = config
            .public_keys
            .iter()
            .map(|text| key(text).ok_or_else(|| Error::config("public_keys", KEY)));
        Ok(Self::Signature {
            keys: keys.collect::<Result<_, _>>()?,
            window: config.window(),
        })
    }

    pub(super) fn check<'a>(
        &self,
        request: WebhookRequest<'a>,
        now: Timestamp,
    ) -> Result<Verified<'a>, WebhookError> {
        let verified = Verified::new_unchecked(VENDOR, request, now);
        match self {
            Self::Signature { keys, window } => {
                let second = signed(&request, keys)?;
                Ok(verified.with_signed_at(window.admit(second, now)?))
            }
            Self::BasicAuth(secrets) => {
                authorized(&request, secrets)?;
                Ok(verified)
            }
        }
    }
}

/// The time of the signature, if one of the keys made it.
fn signed(request: &WebhookRequest<'_>, keys: &[P256Key]) -> Result<i64, WebhookError> {
    let signature = request.header(SIGNATURE)?;
    let time = request.header(TIMESTAMP)?;
    let digits = !time.is_empty() && time.bytes().all(|byte| byte.is_ascii_digit());
    let second = time.parse().ok().filter(|_| digits);
    let second = second.ok_or(WebhookError::Malformed(
        "the time of the signature is not a number",
    ))?;
    // A value that is not base64 is as wrong as another's signature.
    let signature = BASE64_STANDARD
        .decode(signature)
        .map_err(|_| WebhookError::BadSignature)?;
    let signed = [time.as_bytes(), request.body().as_ref()].concat();
    if keys.iter().any(|key| key.verifies(&signed, &signature)) {
        Ok(second)
    } else {
        Err(WebhookError::BadSignature)
    }
}

/// Checks basic credentials; see RFC 7617.
fn authorized(request: &WebhookRequest<'_>, secrets: &[Secret]) -> Result<(), WebhookError> {
    let header = request.header("authorization")?;
    let (scheme, pair) = header.split_once(' ').unwrap_or_default();
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(WebhookError::UnknownScheme(
            "the authorization is not Basic",
        ));
    }
    let pair = BASE64_STANDARD
        .decode(pair.trim())
        .map_err(|_| WebhookError::BadSignature)?;
    if secrets
        .iter()
        .any(|secret| equal(secret.expose().as_bytes(), &pair))
    {
        Ok(())
    } else {
        Err(WebhookError::BadSignature)
    }
}

/// Whether a text is `user:password` of unreserved characters (RFC 3986), which a URL contains unescaped.
fn is_pair(text: &str) -> bool {
    let plain = |part: &str| {
        part.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
    };
    text.split_once(':').is_some_and(|(user, password)| {
        !user.is_empty() && plain(user) && plain(password) && password.len() >= MIN_PASSWORD
    })
}
