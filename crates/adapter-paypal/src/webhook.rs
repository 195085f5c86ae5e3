//! Webhooks of PayPal, verified offline by certificate. See "Verify the message" in <https://developer.paypal.com/api/rest/webhooks/rest/>.

mod events;

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyvendor_core::{
    Error,
    client::Client,
    http::CertificateTrust,
    webhook::{
        Evidence, Verified, WebhookError, WebhookEvent, WebhookRequest, WebhookVerifier, Window,
    },
};
use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use crc_fast::CrcAlgorithm;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;
use tokio::sync::OnceCell;

use crate::VENDOR;

/// Where certificates may be fetched from: the header that names them can be written by anybody.
const HOSTS: [&str; 2] = ["https://api.paypal.com", "https://api.sandbox.paypal.com"];
const CERTIFICATES: &str = "/v1/notifications/certs/";
/// PayPal has one at a time in each of its worlds; more are somebody's inventions. Own choice.
const MAX_CACHED: usize = 16;
/// What the name of a certificate ends in.
const SUFFIX: &str = ".paypal.com";

/// Settings of an endpoint.
///
/// ```toml
/// webhook_ids = ["1JE4291016473214C"]
/// ```
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PayPalWebhookConfig {
    /// The ids of our listeners, as PayPal shows them; any of them is good. They differ per address and per environment.
    pub webhook_ids: Vec<String>,
    /// How old a delivery may be.
    #[serde(default = "window")]
    pub window: Window,
}

/// PayPal tries up to 25 times over three days, and does not say whether it signs each try anew.
fn window() -> Window {
    Window::new(Duration::from_hours(73), Window::default().future)
}

impl PayPalWebhookConfig {
    /// The usual settings for these listeners.
    #[must_use]
    pub fn new(webhook_ids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            webhook_ids: webhook_ids.into_iter().map(Into::into).collect(),
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

/// Verifies what is posted to a listener.
pub struct PayPalWebhook {
    ids: Vec<String>,
    window: Window,
    hosts: Vec<(&'static str, Client)>,
    trust: CertificateTrust,
    suffix: &'static str,
    /// Certificates by their address, each fetched once however many wait for it.
    cached: Mutex<HashMap<String, Arc<OnceCell<Bytes>>>>,
}

impl PayPalWebhook {
    /// Checks the settings and reads the roots that this machine trusts.
    ///
    /// # Errors
    /// `Config` that names the field.
    pub fn new(config: &PayPalWebhookConfig) -> Result<Self, Error> {
        Self::trusting(config, CertificateTrust::platform()?)
    }

    /// As [`new`](Self::new), with these roots in place of the machine's: where it has none, or to sign deliveries in a test.
    ///
    /// # Errors
    /// `Config` that names the field.
    pub fn trusting(config: &PayPalWebhookConfig, trust: CertificateTrust) -> Result<Self, Error> {
        let client = |host| Ok((host, Client::builder(VENDOR, host).build()?));
        let hosts = HOSTS
            .into_iter()
            .map(client)
            .collect::<Result<_, Error>>()?;
        Self::with(config, hosts, trust)
    }

    fn with(
        config: &PayPalWebhookConfig,
        hosts: Vec<(&'static str, Client)>,
        trust: CertificateTrust,
    ) -> Result<Self, Error> {
        config.window.check()?;
        let is_id = |id: &String| {
            (1..=50).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        if config.webhook_ids.is_empty() || !config.webhook_ids.iter().all(is_id) {
            let remedy =
                "must be the ids of listeners, 1 to 50 letters and digits each, at least one";
            return Err(Error::config("webhook_ids", remedy));
        }
        Ok(Self {
            ids: config.webhook_ids.clone(),
            window: config.window,
            hosts,
            trust,
            suffix: SUFFIX,
            cached: Mutex::default(),
        })
    }

    /// Whom to ask for this certificate, and its name there; nobody but PayPal, and nothing but a certificate.
    fn pinned<'a>(&self, url: &'a str) -> Option<(&Client, &'a str)> {
        let (host, name) = url.split_once(CERTIFICATES)?;
        let (_, client) = self.hosts.iter().find(|(own, _)| *own == host)?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        ((1..=128).contains(&name.len()) && name.bytes().all(plain)).then_some((client, name))
    }

    fn cell(&self, url: &str) -> Arc<OnceCell<Bytes>> {
        let mut cached = self.cached.lock().unwrap_or_else(PoisonError::into_inner);
        if !cached.contains_key(url) && cached.len() >= MAX_CACHED {
            cached.clear();
        }
        Arc::clone(cached.entry(url.to_owned()).or_default())
    }

    /// Names that somebody made up take no place.
    fn forget(&self, url: &str) {
        let mut cached = self.cached.lock().unwrap_or_else(PoisonError::into_inner);
        if cached.get(url).is_some_and(|cell| !cell.initialized()) {
            cached.remove(url);
        }
    }
}

impl fmt::Debug for PayPalWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PayPalWebhook")
            .field("webhook_ids", &self.ids)
            .field("window", &self.window)
            .finish_non_exhaustive()
    }
}

/// The headers of a delivery.
struct Transmission<'a> {
    id: &'a str,
    time: &'a str,
    at: Timestamp,
    signature: Vec<u8>,
    certificate: &'a str,
}

impl<'a> Transmission<'a> {
    fn read(request: &WebhookRequest<'a>) -> Result<Self, WebhookError> {
        let id = request.header("paypal-transmission-id")?;
        let time = request.header("paypal-transmission-time")?;
        let signature = request.header("paypal-transmission-sig")?;
        let certificate = request.header("paypal-cert-url")?;
        match request.header("paypal-auth-algo")? {
            "SHA256withRSA" => {}
            _ => {
                return Err(WebhookError::UnknownScheme(
                    "the algorithm is not SHA256withRSA",
                ));
            }
        }
        // What separates the parts of what is signed must stand in none of them.
        if id.is_empty() || id.contains('|') || time.contains('|') {
            return Err(WebhookError::Malformed(
                "the transmission's id or time is not of PayPal's form",
            ));
        }
        Ok(Self {
            id,
            time,
            at: time
                .parse()
                .map_err(|_| WebhookError::Malformed("the transmission's time is no time"))?,
            // What is no base64 matches no more than what is another's.
            signature: BASE64_STANDARD
                .decode(signature)
                .map_err(|_| WebhookError::BadSignature)?,
            certificate,
        })
    }
}

#[async_trait]
impl WebhookVerifier for PayPalWebhook {
    fn vendor(&self) -> &'static str {
        VENDOR
    }

    async fn gather(&self, request: &WebhookRequest<'_>) -> Result<Evidence, WebhookError> {
        // What is not of PayPal's form costs no request.
        request.body_at_most(self.max_body())?;
        request.content_type_is("application/json")?;
        let transmission = Transmission::read(request)?;
        let url = transmission.certificate;
        let (client, name) = self.pinned(url).ok_or(WebhookError::Malformed(
            "the certificate's address is not PayPal's",
        ))?;
        let cell = self.cell(url);
        let fetch = async || -> Result<Bytes, Error> {
            let call = client.get("webhook.certificate", "/v1/notifications/certs/{name}");
            Ok(call.path([name]).send().await?.body)
        };
        match cell.get_or_try_init(fetch).await {
            Ok(chain) => Ok(Evidence::of(chain.clone())),
            Err(error) => {
                self.forget(url);
                Err(WebhookError::Unavailable(Box::new(error)))
            }
        }
    }

    fn verify<'a>(
        &self,
        request: WebhookRequest<'a>,
        evidence: &Evidence,
        now: Timestamp,
    ) -> Result<Verified<'a>, WebhookError> {
        request.body_at_most(self.max_body())?;
        request.content_type_is("application/json")?;
        let transmission = Transmission::read(&request)?;
        let chain = evidence.get::<Bytes>().ok_or(WebhookError::Malformed(
            "there is no certificate to verify with",
        ))?;
        let certificate = self
            .trust
            .check(chain, |name| name.ends_with(self.suffix), now)
            .ok_or(WebhookError::Malformed(
                "the certificate is not PayPal's, or not good now",
            ))?;
        let crc = crc_fast::checksum(CrcAlgorithm::Crc32IsoHdlc, request.body());
        let good = self.ids.iter().any(|id| {
            let signed = format!("{}|{}|{id}|{crc}", transmission.id, transmission.time);
            certificate.verifies(signed.as_bytes(), &transmission.signature)
        });
        if !good {
            return Err(WebhookError::BadSignature);
        }
        let signed_at = self.window.admit(transmission.at.as_second(), now)?;
        Ok(Verified::vouch(VENDOR, request, now).with_signed_at(signed_at))
    }

    fn events(&self, verified: &Verified<'_>) -> Vec<WebhookEvent> {
        vec![events::event(verified).unwrap_or_else(|| WebhookEvent::unreadable(verified))]
    }
}

#[cfg(test)]
mod tests;
