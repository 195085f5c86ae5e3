//! The proof that SendGrid posted a delivery: a signature, or basic credentials.

use anyvendor_core::{
    Error,
    values::Secret,
    webhook::{Verified, WebhookError, WebhookHead, WebhookRequest, Window, signing_secrets},
};
use anyvendor_http::signature::{P256Key, equal};
use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::Timestamp;

use super::config::SendGridWebhookConfig;
use crate::config::VENDOR;

const SIGNATURE: &str = "x-twilio-email-event-webhook-signature";
const TIMESTAMP: &str = "x-twilio-email-event-webhook-timestamp";
/// The tag that an ECDSA signature begins with in DER, and its most bytes: two numbers of 33 bytes (RFC 5480).
const SEQUENCE: u8 = 0x30;
const MAX_DER: usize = 72;
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

    /// The part of the proof that is in the head: basic credentials as a whole, of a signature its form.
    pub(super) fn check_head(&self, head: &WebhookHead<'_>) -> Result<(), WebhookError> {
        match self {
            Self::Signature { .. } => Signature::read(head).map(drop),
            Self::BasicAuth(secrets) => authorized(head, secrets),
        }
    }

    pub(super) fn check<'a>(
        &self,
        request: WebhookRequest<'a>,
        now: Timestamp,
    ) -> Result<Verified<'a>, WebhookError> {
        let verified = Verified::new_unchecked(VENDOR, request, now);
        match self {
            Self::Signature { keys, window } => {
                let signature = Signature::read(&request.head())?;
                if !signature.is_of(keys, request.body()) {
                    return Err(WebhookError::BadSignature);
                }
                Ok(verified.with_signed_at(window.admit(signature.second, now)?))
            }
            Self::BasicAuth(secrets) => {
                authorized(&request.head(), secrets)?;
                Ok(verified)
            }
        }
    }
}

/// The headers of a signature.
struct Signature<'a> {
    der: Vec<u8>,
    /// The time as it is signed.
    time: &'a str,
    second: i64,
}

impl<'a> Signature<'a> {
    fn read(head: &WebhookHead<'a>) -> Result<Self, WebhookError> {
        let signature = head.header(SIGNATURE)?;
        let time = head.header(TIMESTAMP)?;
        let digits = !time.is_empty() && time.bytes().all(|byte| byte.is_ascii_digit());
        let second = time.parse().ok().filter(|_| digits);
        let second = second.ok_or(WebhookError::Malformed(
            "the time of the signature is not a number",
        ))?;
        // A value that is not base64 of some DER is as wrong as another's signature.
        let der = BASE64_STANDARD.decode(signature).ok();
        let der = der.filter(|der| der.len() <= MAX_DER && der.starts_with(&[SEQUENCE]));
        Ok(Self {
            der: der.ok_or(WebhookError::BadSignature)?,
            time,
            second,
        })
    }

    /// Whether one of the keys made it of this body.
    fn is_of(&self, keys: &[P256Key], body: &[u8]) -> bool {
        let signed = [self.time.as_bytes(), body].concat();
        keys.iter().any(|key| key.verifies(&signed, &self.der))
    }
}

/// Checks basic credentials; see RFC 7617.
fn authorized(head: &WebhookHead<'_>, secrets: &[Secret]) -> Result<(), WebhookError> {
    let header = head.header("authorization")?;
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
