//! Webhooks of SendGrid: batches of events, signed. See <https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features>.

mod events;

use std::time::Duration;

use anyvendor_core::{
    Error,
    webhook::{
        Evidence, Verified, WebhookError, WebhookEvent, WebhookRequest, WebhookVerifier, Window,
        signature::P256Key,
    },
};
use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::client::VENDOR;

const SIGNATURE: &str = "x-twilio-email-event-webhook-signature";
const TIMESTAMP: &str = "x-twilio-email-event-webhook-timestamp";

/// Settings of an endpoint for events.
///
/// ```toml
/// public_keys = ["MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE..."]
/// ```
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SendGridWebhookConfig {
    /// The verification keys that SendGrid shows once signing is switched on; any of them is good. They are no secrets.
    pub public_keys: Vec<String>,
    /// How old a delivery may be.
    #[serde(default = "window")]
    pub window: Window,
}

/// SendGrid tries again for a rolling 24 hours, and does not say whether it signs each try anew: a narrower window could lose
/// what it sent during an outage of ours.
fn window() -> Window {
    Window::new(Duration::from_hours(25), Window::default().future)
}

impl SendGridWebhookConfig {
    /// The usual settings with these keys.
    #[must_use]
    pub fn new(public_keys: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            public_keys: public_keys.into_iter().map(Into::into).collect(),
            window: window(),
        }
    }

    /// Sets how old a delivery may be.
    #[must_use]
    pub fn with_window(mut self, window: Window) -> Self {
        self.window = window;
        self
    }
}

/// Verifies what is posted to an endpoint of SendGrid's.
#[derive(Debug)]
pub struct SendGridWebhook {
    keys: Vec<P256Key>,
    window: Window,
}

impl SendGridWebhook {
    /// Reads the keys.
    ///
    /// # Errors
    /// `Config` that names the field.
    pub fn new(config: &SendGridWebhookConfig) -> Result<Self, Error> {
        const REMEDY: &str = "must be the verification key that SendGrid shows: base64, beginning with MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE";
        config.window.check()?;
        if config.public_keys.is_empty() {
            let remedy = "must name at least one, or nothing could be verified";
            return Err(Error::config("public_keys", remedy));
        }
        let key = |text: &String| {
            let der = BASE64_STANDARD.decode(text.trim()).ok()?;
            P256Key::from_spki_der(&der)
        };
        let keys = config
            .public_keys
            .iter()
            .map(|text| key(text).ok_or_else(|| Error::config("public_keys", REMEDY)));
        Ok(Self {
            keys: keys.collect::<Result<_, _>>()?,
            window: config.window,
        })
    }
}

#[async_trait]
impl WebhookVerifier for SendGridWebhook {
    fn vendor(&self) -> &'static str {
        VENDOR
    }

    fn verify<'a>(
        &self,
        request: WebhookRequest<'a>,
        _: &Evidence,
        now: Timestamp,
    ) -> Result<Verified<'a>, WebhookError> {
        request.body_at_most(self.max_body())?;
        request.content_type_is("application/json")?;
        let signature = request.header(SIGNATURE)?;
        let time = request.header(TIMESTAMP)?;
        let digits = !time.is_empty() && time.bytes().all(|byte| byte.is_ascii_digit());
        let second = time.parse().ok().filter(|_| digits);
        let second = second.ok_or(WebhookError::Malformed(
            "the time of the signature is no number",
        ))?;
        // What is no base64 matches no more than what is another's.
        let signature = BASE64_STANDARD
            .decode(signature)
            .map_err(|_| WebhookError::BadSignature)?;
        let signed = [time.as_bytes(), request.body().as_ref()].concat();
        if !self
            .keys
            .iter()
            .any(|key| key.verifies(&signed, &signature))
        {
            return Err(WebhookError::BadSignature);
        }
        let signed_at = self.window.admit(second, now)?;
        Ok(Verified::vouch(VENDOR, request, now).with_signed_at(signed_at))
    }

    fn events(&self, verified: &Verified<'_>) -> Vec<WebhookEvent> {
        events::events(verified).unwrap_or_else(|| vec![WebhookEvent::unreadable(verified)])
    }
}
