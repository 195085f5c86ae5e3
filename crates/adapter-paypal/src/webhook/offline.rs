//! Deliveries verified by the certificate that signed them, as "Verify the message" describes.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use anyvendor_core::{
    Error,
    webhook::{Prefetched, WebhookError, WebhookRequest},
};
use anyvendor_http::{CertificateTrust, Client};
use bytes::Bytes;
use crc_fast::CrcAlgorithm;
use jiff::Timestamp;
use tokio::sync::OnceCell;

use super::transmission::{CERTIFICATES, Transmission};

/// PayPal has one certificate at a time in each environment; other names are made up. Our default, without a vendor source.
const MAX_CACHED: usize = 16;
/// The end of a certificate's name.
const SUFFIX: &str = ".paypal.com";

/// Fetches certificates, each once, and checks whether they are PayPal's.
pub(super) struct Certificates {
    /// The clients, by the host that each talks to.
    pub(super) clients: HashMap<String, Client>,
    pub(super) trust: CertificateTrust,
    pub(super) suffix: &'static str,
    /// Certificates by their URL, each fetched once for all deliveries that wait for it.
    cached: Mutex<HashMap<String, Arc<OnceCell<Bytes>>>>,
}

impl Certificates {
    pub(super) fn new(clients: HashMap<String, Client>, trust: CertificateTrust) -> Self {
        Self {
            clients,
            trust,
            suffix: SUFFIX,
            cached: Mutex::default(),
        }
    }

    /// Fetches the certificate chain that a delivery names, from one of the allowed hosts.
    pub(super) async fn fetch(&self, host: &str, name: &str) -> Result<Prefetched, WebhookError> {
        let client = self.clients.get(host).ok_or(WebhookError::Malformed(
            "the certificate's URL is not PayPal's",
        ))?;
        let url = [host, CERTIFICATES, name].concat();
        let cell = self.cell(&url);
        let fetch = async || -> Result<Bytes, Error> {
            let call = client.get("webhook.certificate", "/v1/notifications/certs/{name}");
            Ok(call.path([name]).send().await?.body)
        };
        match cell.get_or_try_init(fetch).await {
            Ok(chain) => Ok(Prefetched::of(chain.clone())),
            Err(error) => {
                self.forget(&url);
                Err(WebhookError::Unavailable(Box::new(error)))
            }
        }
    }

    /// Whether the chain's certificate is PayPal's and signed this delivery for one of these listeners.
    pub(super) fn check(
        &self,
        prefetched: &Prefetched,
        transmission: &Transmission<'_>,
        request: &WebhookRequest<'_>,
        ids: &[String],
        now: Timestamp,
    ) -> Result<(), WebhookError> {
        let chain = prefetched.get::<Bytes>().ok_or(WebhookError::Malformed(
            "there is no certificate to verify with",
        ))?;
        let certificate = self
            .trust
            .check(chain, |name| name.ends_with(self.suffix), now)
            .ok_or(WebhookError::Malformed(
                "the certificate is not PayPal's, or not valid now",
            ))?;
        let crc = crc_fast::checksum(CrcAlgorithm::Crc32IsoHdlc, request.body());
        let good = ids.iter().any(|id| {
            let signed = format!("{}|{}|{id}|{crc}", transmission.id, transmission.time);
            certificate.verifies(signed.as_bytes(), &transmission.signature)
        });
        if good {
            Ok(())
        } else {
            Err(WebhookError::BadSignature)
        }
    }

    fn cell(&self, url: &str) -> Arc<OnceCell<Bytes>> {
        let mut cached = self.cached.lock().unwrap_or_else(PoisonError::into_inner);
        if !cached.contains_key(url) && cached.len() >= MAX_CACHED {
            cached.clear();
        }
        Arc::clone(cached.entry(url.to_owned()).or_default())
    }

    /// Forgets a certificate that could not be fetched, so that made-up names take no space.
    fn forget(&self, url: &str) {
        let mut cached = self.cached.lock().unwrap_or_else(PoisonError::into_inner);
        if cached.get(url).is_some_and(|cell| !cell.initialized()) {
            cached.remove(url);
        }
    }
}
