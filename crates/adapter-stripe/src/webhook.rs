//! Webhooks of Stripe: the `Stripe-Signature` header, then events. See <https://docs.stripe.com/webhooks/signature>.

mod config;
mod events;
mod head;

use std::fmt;

use anyvendor_core::{
    Error,
    webhook::{
        Prefetched, Verified, WebhookError, WebhookEvent, WebhookHead, WebhookRequest,
        WebhookVerifier, Window, signing_secrets,
    },
};
use anyvendor_http::{
    Connect, ConnectionParts,
    signature::{MacHash, MacKey},
};
use async_trait::async_trait;
use http::Method;
use jiff::Timestamp;

pub use self::config::StripeWebhookConfig;
use crate::config::VENDOR;

const SIGNATURE: &str = "stripe-signature";
/// Stripe sends one signature per valid secret; more than this are not from Stripe. Our default, without a vendor source.
const MAX_SIGNATURES: usize = 16;

/// Verifies the deliveries that Stripe posts to an endpoint.
pub struct StripeWebhook {
    keys: Vec<MacKey>,
    window: Window,
    /// The connected accounts whose events are wanted; of all if empty.
    accounts: Vec<String>,
}

impl Connect for StripeWebhook {
    type Config = StripeWebhookConfig;

    fn connect(config: StripeWebhookConfig, _: ConnectionParts) -> Result<Self, Error> {
        Self::new(&config)
    }
}

impl StripeWebhook {
    /// Reads the secrets. Sends nothing.
    ///
    /// # Errors
    /// `Config` that names the field.
    pub fn new(config: &StripeWebhookConfig) -> Result<Self, Error> {
        config.check()?;
        let mut keys = Vec::new();
        for secret in signing_secrets(&config.secrets, "secrets")? {
            if secret.expose().contains(char::is_whitespace) {
                return Err(Error::config(
                    "secrets",
                    "contains white space; copy it in full and alone",
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
            accounts: config.accounts.clone(),
        })
    }
}

impl fmt::Debug for StripeWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StripeWebhook")
            .field("secrets", &self.keys.len())
            .field("window", &self.window)
            .field("accounts", &self.accounts)
            .finish()
    }
}

#[async_trait]
impl WebhookVerifier for StripeWebhook {
    fn vendor(&self) -> &'static str {
        VENDOR
    }

    fn precheck(&self, head: &WebhookHead<'_>) -> Result<(), WebhookError> {
        header(head).map(drop)
    }

    fn verify<'a>(
        &self,
        request: WebhookRequest<'a>,
        _: &Prefetched,
        now: Timestamp,
    ) -> Result<Verified<'a>, WebhookError> {
        request.check_body_length(self.max_body())?;
        let header = header(&request.head())?;
        let mut matches = false;
        for key in &self.keys {
            let mac = key.mac([header.time.as_bytes(), b".", request.body().as_ref()]);
            // All signatures are compared, so that the duration reveals nothing.
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

    /// An event without an account is of the account that the endpoint belongs to.
    fn is_wanted(&self, event: &WebhookEvent) -> bool {
        let is_listed =
            |account: &String| self.accounts.is_empty() || self.accounts.contains(account);
        event.account.as_ref().is_none_or(is_listed)
    }
}

/// The signature of a delivery by its head alone.
fn header<'a>(head: &WebhookHead<'a>) -> Result<Header<'a>, WebhookError> {
    head.check_method(&Method::POST)?;
    head.check_content_type("application/json")?;
    Header::read(head.header(SIGNATURE)?)
}

/// `t=1492774577,v1=<hex>[,v1=<hex>][,v0=<hex>]`. Schemes other than `v1` are ignored: `v0` is a decoy.
struct Header<'a> {
    /// The time as it is signed.
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
                    // A value that is not a hash cannot match, and does not invalidate the others.
                    signatures.extend(lower_hex(value));
                }
                _ => {}
            }
        }
        let time = time.ok_or(MALFORMED)?;
        let digits = !time.is_empty() && time.bytes().all(|byte| byte.is_ascii_digit());
        let second = time.parse().ok().filter(|_| digits).ok_or(MALFORMED)?;
        if !any {
            return Err(WebhookError::UnknownScheme(
                "the signature header has no v1",
            ));
        }
        if signatures.is_empty() {
            return Err(WebhookError::BadSignature);
        }
        Ok(Self {
            time,
            second,
            signatures,
        })
    }
}

/// 32 bytes in lower case hexadecimal digits, which is what Stripe sends and its libraries compare.
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
