//! Deliveries verified by the certificate that signed them, as "Verify the message" describes.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyvendor_core::{
    Delivery, Error, Kind,
    resilience::{Clock, Instant},
    webhook::{Prefetched, WebhookError, WebhookRequest},
};
use anyvendor_http::{CertificateTrust, Client};
use bytes::Bytes;
use crc_fast::CrcAlgorithm;
use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared, WeakShared},
};
use jiff::Timestamp;

use super::transmission::Transmission;

/// PayPal has one certificate at a time in each environment. Our default, without a vendor source.
const MAX_CACHED: usize = 16;
/// The most certificates that are fetched at the same time: a name that is not known is anybody's. Our default, without a
/// vendor source.
const MAX_FETCHING: usize = 2;
/// How long a name that PayPal does not know is not asked for again. Our default, without a vendor source.
const MISSING_FOR: Duration = Duration::from_secs(60);
/// The most names that are remembered as missing. Our default, without a vendor source.
const MAX_MISSING: usize = 256;
/// The end of a certificate's name.
const SUFFIX: &str = ".paypal.com";

/// Fetches certificates, each once, and checks whether they are PayPal's.
pub(super) struct Certificates {
    /// The clients, by the host that each talks to.
    pub(super) clients: HashMap<String, Client>,
    pub(super) trust: CertificateTrust,
    pub(super) suffix: &'static str,
    clock: Arc<dyn Clock>,
    cache: Mutex<Cache>,
}

type Fetch = BoxFuture<'static, Result<Bytes, Error>>;

/// What is known of certificates, by their URL.
#[derive(Default)]
struct Cache {
    known: HashMap<String, Known>,
    /// When PayPal said that there is no such certificate.
    missing: HashMap<String, Instant>,
    /// Each is kept by the deliveries that wait for it: it ends with the last of them.
    fetching: HashMap<String, WeakShared<Fetch>>,
}

/// A chain that leads to a trusted root, and is for PayPal's name.
struct Known {
    chain: Bytes,
    /// Whether it verified a signature: no other chain takes its place.
    proven: bool,
}

impl Certificates {
    pub(super) fn new(
        clients: HashMap<String, Client>,
        trust: CertificateTrust,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            clients,
            trust,
            suffix: SUFFIX,
            clock,
            cache: Mutex::default(),
        }
    }

    /// Fetches the certificate chain at this URL, which is the certificate of this name at one of the allowed hosts. Only a
    /// chain that is PayPal's now is returned.
    pub(super) async fn fetch(
        &self,
        url: &str,
        (host, name): (&str, &str),
        now: Timestamp,
    ) -> Result<Prefetched, WebhookError> {
        let client = self.clients.get(host).ok_or(WebhookError::Malformed(
            "the certificate's URL is not PayPal's",
        ))?;
        let unavailable = |error: Error| WebhookError::Unavailable(Box::new(error));
        let fetching = {
            let mut cache = self.cache();
            if let Some(known) = cache.known.get(url) {
                return Ok(Prefetched::of(known.chain.clone()));
            }
            let ask = || self.ask(client.clone(), name.to_owned(), now);
            cache
                .fetching(url, self.clock.monotonic(), ask)
                .map_err(unavailable)?
        };
        let fetched = fetching.await;
        let mut cache = self.cache();
        cache.fetching.retain(|_, fetch| is_running(fetch));
        match fetched {
            Ok(chain) => {
                cache.keep(url, &chain);
                Ok(Prefetched::of(chain))
            }
            Err(error) => {
                if *error.kind() == Kind::NotFound {
                    cache.miss(url, self.clock.monotonic());
                }
                Err(unavailable(error))
            }
        }
    }

    fn ask(&self, client: Client, name: String, now: Timestamp) -> Fetch {
        let (trust, suffix) = (self.trust.clone(), self.suffix);
        async move {
            let call = client.get("webhook.certificate", "/v1/notifications/certs/{name}");
            let chain = call.path([name]).send().await?.body;
            if trust
                .check(&chain, |name| name.ends_with(suffix), now)
                .is_some()
            {
                Ok(chain)
            } else {
                // Such as a page about maintenance; the next response may be a certificate.
                Err(Error::new(
                    Kind::Other,
                    Delivery::Accepted,
                    "the response is not a certificate of PayPal that is valid now",
                ))
            }
        }
        .boxed()
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
            .check(chain, |name| name.ends_with(self.suffix), now);
        let Some(certificate) = certificate else {
            // It has expired since; PayPal may have another one under this name.
            self.cache().known.remove(transmission.certificate);
            return Err(WebhookError::Malformed(
                "the certificate is not PayPal's, or not valid now",
            ));
        };
        let crc = crc_fast::checksum(CrcAlgorithm::Crc32IsoHdlc, request.body());
        let good = ids.iter().any(|id| {
            let signed = format!("{}|{}|{id}|{crc}", transmission.id, transmission.time);
            certificate.verifies(signed.as_bytes(), &transmission.signature)
        });
        if !good {
            return Err(WebhookError::BadSignature);
        }
        if let Some(known) = self.cache().known.get_mut(transmission.certificate) {
            known.proven = true;
        }
        Ok(())
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Cache {
    /// The fetch of a certificate, shared by all who wait for it; the error says why it is not fetched now.
    fn fetching(
        &mut self,
        url: &str,
        now: Instant,
        ask: impl FnOnce() -> Fetch,
    ) -> Result<Shared<Fetch>, Error> {
        let missing = |since: &Instant| now.saturating_duration_since(*since) < MISSING_FOR;
        if self.missing.get(url).is_some_and(missing) {
            let why = "PayPal had no such certificate less than a minute ago";
            return Err(Error::new(Kind::NotFound, Delivery::NotSent, why));
        }
        if let Some(running) = self.fetching.get(url).and_then(WeakShared::upgrade) {
            return Ok(running);
        }
        self.fetching.retain(|_, fetch| is_running(fetch));
        if self.fetching.len() >= MAX_FETCHING {
            let why = "too many certificates that are not known yet are asked for";
            return Err(Error::new(Kind::Unavailable, Delivery::NotSent, why));
        }
        let fetch = ask().shared();
        if let Some(weak) = fetch.downgrade() {
            self.fetching.insert(url.to_owned(), weak);
        }
        Ok(fetch)
    }

    /// Keeps a chain, in place of one that is not proven if there are too many.
    fn keep(&mut self, url: &str, chain: &Bytes) {
        if self.known.len() >= MAX_CACHED && !self.known.contains_key(url) {
            let unproven = self.known.iter().find(|(_, known)| !known.proven);
            let Some(unproven) = unproven.map(|(url, _)| url.clone()) else {
                return;
            };
            self.known.remove(&unproven);
        }
        self.missing.remove(url);
        let known = Known {
            chain: chain.clone(),
            proven: false,
        };
        self.known.entry(url.to_owned()).or_insert(known);
    }

    /// Remembers that there is no certificate at this URL, in place of the oldest such if there are too many.
    fn miss(&mut self, url: &str, now: Instant) {
        self.missing
            .retain(|_, since| now.saturating_duration_since(*since) < MISSING_FOR);
        if self.missing.len() >= MAX_MISSING {
            let oldest = self.missing.iter().min_by_key(|(_, since)| **since);
            if let Some(oldest) = oldest.map(|(url, _)| url.clone()) {
                self.missing.remove(&oldest);
            }
        }
        self.missing.insert(url.to_owned(), now);
    }
}

/// Whether somebody waits for it, and it has not ended.
fn is_running(fetch: &WeakShared<Fetch>) -> bool {
    fetch.upgrade().is_some_and(|fetch| fetch.peek().is_none())
}
