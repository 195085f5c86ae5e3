//! Webhooks of Stripe: the `Stripe-Signature` header, then events. See <https://docs.stripe.com/webhooks/signature>.

mod events;

use std::fmt;

use anyvendor_core::{
    Error,
    values::SecretSource,
    webhook::{
        Prefetched, Verified, WebhookError, WebhookEvent, WebhookRequest, WebhookVerifier, Window,
        signing_secrets,
    },
};
use anyvendor_http::{
    Connect, ConnectionParts,
    signature::{MacHash, MacKey},
};
use async_trait::async_trait;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::VENDOR;

const SIGNATURE: &str = "stripe-signature";
/// A header with more signatures is no vendor's: one per secret that is good at the time. Own choice.
const MAX_SIGNATURES: usize = 16;

/// Settings of an endpoint.
///
/// ```toml
/// secrets = ["env:STRIPE_WEBHOOK_SECRET"]
/// ```
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct StripeWebhookConfig {
    /// The endpoint's secrets (`whsec_...`), each whole; any of them is good. An endpoint has one per mode.
    pub secrets: Vec<SecretSource>,
    /// How old a delivery may be. Each try of Stripe's is signed anew.
    #[serde(default)]
    pub window: Window,
}

impl StripeWebhookConfig {
    /// The usual settings with these secrets.
    #[must_use]
    pub fn new(secrets: impl IntoIterator<Item = impl Into<SecretSource>>) -> Self {
        Self {
            secrets: secrets.into_iter().map(Into::into).collect(),
            window: Window::default(),
        }
    }

    /// Sets how old a delivery may be.
    #[must_use]
    pub fn with_window(mut self, window: Window) -> Self {
        self.window = window;
        self
    }
}

/// Verifies what is posted to an endpoint of Stripe's.
pub struct StripeWebhook {
    keys: Vec<MacKey>,
    window: Window,
}

impl Connect for StripeWebhook {
    type Config = StripeWebhookConfig;

    fn connect(config: StripeWebhookConfig, _: ConnectionParts) -> Result<Self, Error> {
        Self::new(&config)
    }
}

impl StripeWebhook {
    /// Reads the secrets.
    ///
    /// # Errors
    /// `Config` that names the field.
    pub fn new(config: &StripeWebhookConfig) -> Result<Self, Error> {
        config.window.check()?;
        let mut keys = Vec::new();
        for secret in signing_secrets(&config.secrets, "secrets")? {
            if secret.expose().contains(char::is_whitespace) {
                return Err(Error::config(
                    "secrets",
                    "holds white space; copy it whole and alone",
                ));
            }
            if !secret.expose().starts_with("whsec_") {
                return Err(Error::config("secrets", "must begin with whsec_"));
            }
            // The prefix belongs to the key, unlike in Standard Webhooks.
            keys.push(MacKey::new(MacHash::Sha256, secret.expose().as_bytes()));
        }
        Ok(Self {
            keys,
            window: config.window,
        })
    }
}

impl fmt::Debug for StripeWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StripeWebhook")
            .field("secrets", &self.keys.len())
            .field("window", &self.window)
            .finish()
    }
}

#[async_trait]
impl WebhookVerifier for StripeWebhook {
    fn vendor(&self) -> &'static str {
        VENDOR
    }

    fn verify<'a>(
        &self,
        request: WebhookRequest<'a>,
        _: &Prefetched,
        now: Timestamp,
    ) -> Result<Verified<'a>, WebhookError> {
        request.check_body_length(self.max_body())?;
        request.check_content_type("application/json")?;
        let header = Header::read(request.header(SIGNATURE)?)?;
        let mut matches = false;
        for key in &self.keys {
            let mac = key.mac([header.time.as_bytes(), b".", request.body().as_ref()]);
            // All are compared, so that the time tells nothing.
            for given in &header.signatures {
                matches |= mac.is(given);
            }
        }
        if !matches {
            return Err(WebhookError::BadSignature);
        }
        let signed_at = self.window.admit(header.second, now)?;
        Ok(Verified::new_unchecked(VENDOR, request, now).with_signed_at(signed_at))
    }

    fn events(&self, verified: &Verified<'_>) -> Vec<WebhookEvent> {
        vec![events::event(verified).unwrap_or_else(|| WebhookEvent::unreadable(verified))]
    }
}

/// `t=1492774577,v1=<hex>[,v1=<hex>][,v0=<hex>]`. Schemes other than `v1` are ignored: `v0` is a decoy.
struct Header<'a> {
    /// As it is signed.
    time: &'a str,
    second: i64,
    signatures: Vec<[u8; 32]>,
}

impl<'a> Header<'a> {
    fn read(text: &'a str) -> Result<Self, WebhookError> {
        const MALFORMED: WebhookError =
            WebhookError::Malformed("the signature header is not of the form t=..,v1=..");
        let (mut time, mut any, mut signatures) = (None, false, Vec::new());
        for element in text.split(',') {
            let (scheme, value) = element.split_once('=').ok_or(MALFORMED)?;
            if value.contains('=') {
                return Err(MALFORMED);
            }
            match scheme {
                "t" if time.is_some() => return Err(MALFORMED),
                "t" => time = Some(value),
                "v1" => {
                    any = true;
                    if signatures.len() >= MAX_SIGNATURES {
                        return Err(MALFORMED);
                    }
                    // What is no hash cannot match, and spoils no other.
                    signatures.extend(lower_hex(value));
                }
                _ => {}
            }
        }
        let time = time.ok_or(MALFORMED)?;
        let digits = !time.is_empty() && time.bytes().all(|byte| byte.is_ascii_digit());
        let second = time.parse().ok().filter(|_| digits).ok_or(MALFORMED)?;
        match any {
            true => Ok(Self {
                time,
                second,
                signatures,
            }),
            false => Err(WebhookError::UnknownScheme(
                "there is no v1 in the signature header",
            )),
        }
    }
}

/// 32 bytes in lower case hexadecimal digits, which is what Stripe sends and its libraries compare with.
fn lower_hex(text: &str) -> Option<[u8; 32]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; 32];
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != bytes.len() || !rest.is_empty() {
        return None;
    }
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests;
