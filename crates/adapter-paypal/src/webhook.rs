//! Webhooks of PayPal, verified by a certificate or by PayPal's API. See "Verify the message" in <https://developer.paypal.com/api/rest/webhooks/rest/>.

mod config;
mod events;
mod offline;
mod online;
mod transmission;

use std::fmt;

use anyvendor_core::{
    Error,
    address::api_address,
    webhook::{
        DedupeKey, Prefetched, SignedContent, Verified, WebhookError, WebhookEvent, WebhookHead,
        WebhookRequest, WebhookVerifier, Window,
    },
};
use anyvendor_http::{
    CertificateTrust, Client, ClientConfig, Connect, ConnectionBuilder, ConnectionParts,
    CredentialMode, Mode, TransportConfig,
};
use async_trait::async_trait;
use http::Method;
use jiff::Timestamp;

pub use self::config::{PayPalVerification, PayPalWebhookConfig};
use self::{offline::Certificates, transmission::Transmission};
use crate::{
    client::PayPal,
    config::{Environment, VENDOR},
};

/// The allowed hosts of certificates, by environment: anybody can write the header that names a certificate.
const LIVE: &str = "https://api.paypal.com";
const SANDBOX: &str = "https://api.sandbox.paypal.com";

/// Verifies the deliveries that PayPal posts to a listener.
pub struct PayPalWebhook {
    ids: Vec<String>,
    window: Window,
    environment: Option<Environment>,
    /// The hosts from which a delivery's certificate may come.
    hosts: Vec<String>,
    method: VerificationMethod,
}

/// How a delivery is verified.
enum VerificationMethod {
    Offline(Certificates),
    Online(PayPal),
}

/// A builder of [`PayPalWebhook`] that takes custom parts, such as a transport or a clock.
pub type PayPalWebhookBuilder = ConnectionBuilder<PayPalWebhook>;

impl Connect for PayPalWebhook {
    type Config = PayPalWebhookConfig;

    fn connect(config: PayPalWebhookConfig, parts: ConnectionParts) -> Result<Self, Error> {
        config.check()?;
        let hosts = hosts(&config)?;
        let method = match config.verification {
            PayPalVerification::Online => {
                VerificationMethod::Online(PayPal::connect(config.connection()?, parts)?)
            }
            PayPalVerification::Offline => {
                VerificationMethod::Offline(certificates(&config, &hosts, &parts)?)
            }
        };
        Ok(Self {
            ids: config.webhook_ids,
            window: config.window,
            environment: config.environment,
            hosts,
            method,
        })
    }

    fn apply_mode(config: &mut PayPalWebhookConfig, mode: Mode) -> Result<(), Error> {
        if mode == Mode::Live && config.root_certificates.is_some() {
            let remedy = "is for an emulator of PayPal, and mode is live; remove it";
            return Err(Error::config("root_certificates", remedy));
        }
        // In sandbox mode, accept live and sandbox certificates unless `environment` is set.
        if mode == Mode::Live || config.verification == PayPalVerification::Online {
            config.environment.get_or_insert(Environment::of(mode));
        }
        Ok(())
    }

    fn credential_mode(&self) -> Option<CredentialMode> {
        let environment = self.environment?;
        let is_live = environment.is_live();
        Some(CredentialMode::new("environment", is_live))
    }
}

impl PayPalWebhook {
    /// Checks the settings, and reads the credentials or this machine's root certificates. Sends nothing.
    ///
    /// # Errors
    /// `Config` that names the field.
    pub fn new(config: &PayPalWebhookConfig) -> Result<Self, Error> {
        Self::builder(config.clone()).build()
    }

    /// Begins a verifier with custom parts, such as a transport or a clock.
    #[must_use]
    pub fn builder(config: PayPalWebhookConfig) -> PayPalWebhookBuilder {
        PayPalWebhookBuilder::new(config)
    }

    /// The environment of the listeners, if the settings name it.
    #[must_use]
    pub fn environment(&self) -> Option<Environment> {
        self.environment
    }

    /// The checks of the head, which are the same for both methods.
    fn read<'a>(
        &self,
        head: &WebhookHead<'a>,
    ) -> Result<(Transmission<'a>, (&str, &'a str)), WebhookError> {
        head.check_method(&Method::POST)?;
        head.check_content_type("application/json")?;
        let transmission = Transmission::read(head)?;
        let certificate = transmission.certificate_at(&self.hosts);
        let certificate = certificate.ok_or(WebhookError::Malformed(
            "the certificate's URL is not PayPal's",
        ))?;
        Ok((transmission, certificate))
    }

    /// Whether real money moves, by the host of the certificate or else by the settings.
    fn is_live(&self, head: &WebhookHead<'_>) -> Option<bool> {
        let (_, (host, _)) = self.read(head).ok()?;
        match host {
            LIVE => Some(true),
            SANDBOX => Some(false),
            _ => self.environment.map(Environment::is_live),
        }
    }
}

/// The hosts of certificates: an emulator's host if `base_url` names one, or else PayPal's.
fn hosts(config: &PayPalWebhookConfig) -> Result<Vec<String>, Error> {
    if let Some(base) = &config.base_url {
        let base = api_address("base_url", base, config.allow_private_addresses)?;
        return Ok(vec![base.as_str().trim_end_matches('/').to_owned()]);
    }
    let hosts: &[&str] = match config.environment {
        Some(Environment::Live) => &[LIVE],
        Some(Environment::Sandbox) => &[SANDBOX],
        None => &[LIVE, SANDBOX],
    };
    Ok(hosts.iter().map(|host| (*host).to_owned()).collect())
}

fn certificates(
    config: &PayPalWebhookConfig,
    hosts: &[String],
    parts: &ConnectionParts,
) -> Result<Certificates, Error> {
    let private = config.allow_private_addresses;
    let settings = TransportConfig::of(config.resilience.connect_timeout, private);
    let transport = parts.transport(settings)?;
    let parts = parts.clone().with_transport(transport);
    let client = |host: &String| {
        let mut client = ClientConfig::new(VENDOR, host).with_resilience(config.resilience.clone());
        if private {
            client = client.with_private_addresses();
        }
        Ok((host.clone(), Client::connect(client, parts.clone())?))
    };
    let clients = hosts.iter().map(client).collect::<Result<_, Error>>()?;
    let trust = match &config.root_certificates {
        None => CertificateTrust::platform()?,
        Some(pem) => CertificateTrust::roots(pem).map_err(|_| {
            let remedy = "must be certificates in PEM form, at least one";
            Error::config("root_certificates", remedy)
        })?,
    };
    Ok(Certificates::new(clients, trust, parts.clock()))
}

impl fmt::Debug for PayPalWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PayPalWebhook")
            .field("webhook_ids", &self.ids)
            .field("window", &self.window)
            .field(
                "online",
                &matches!(self.method, VerificationMethod::Online(_)),
            )
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl WebhookVerifier for PayPalWebhook {
    fn vendor(&self) -> &'static str {
        VENDOR
    }

    fn precheck(&self, head: &WebhookHead<'_>) -> Result<(), WebhookError> {
        self.read(head).map(drop)
    }

    async fn prefetch(
        &self,
        request: &WebhookRequest<'_>,
        now: Timestamp,
    ) -> Result<Prefetched, WebhookError> {
        // A malformed or old delivery causes no request.
        request.check_body_length(self.max_body())?;
        let (transmission, certificate) = self.read(&request.head())?;
        self.window.admit(transmission.at.as_second(), now)?;
        match &self.method {
            VerificationMethod::Offline(certificates) => {
                let url = transmission.certificate;
                certificates.fetch(url, certificate, now).await
            }
            VerificationMethod::Online(paypal) => {
                online::ask(paypal, &transmission, &self.ids, request).await
            }
        }
    }

    fn verify<'a>(
        &self,
        request: WebhookRequest<'a>,
        prefetched: &Prefetched,
        now: Timestamp,
    ) -> Result<Verified<'a>, WebhookError> {
        request.check_body_length(self.max_body())?;
        let (transmission, _) = self.read(&request.head())?;
        match &self.method {
            VerificationMethod::Offline(certificates) => {
                certificates.check(prefetched, &transmission, &request, &self.ids, now)?;
            }
            VerificationMethod::Online(_) => {
                online::check(prefetched, &transmission, &self.ids, &request)?
            }
        }
        let signed_at = self.window.admit(transmission.at.as_second(), now)?;
        Ok(Verified::new_unchecked(VENDOR, request, now).with_signed_at(signed_at))
    }

    fn events(&self, verified: &Verified<'_>) -> Vec<WebhookEvent> {
        let event = events::event(verified);
        let mut event = event.unwrap_or_else(|| WebhookEvent::unreadable(verified));
        event.live = self.is_live(&verified.request().head());
        vec![event]
    }

    /// The body is signed by a checksum that other bodies have too, so a transmission has one body.
    fn signed_content(&self, verified: &Verified<'_>) -> Option<SignedContent> {
        let request = verified.request();
        let (transmission, _) = self.read(&request.head()).ok()?;
        let signature = ["transmission", transmission.id].map(str::as_bytes);
        let content = DedupeKey::digest([request.body().as_ref()]);
        Some(SignedContent::new(DedupeKey::digest(signature), content))
    }
}

#[cfg(test)]
mod tests;
