//! reqwest behind the transport seam: the one HTTP client and the one TLS choice of the house.
//!
//! reqwest's own retries, redirects and referer are off; its DNS goes through a resolver that refuses private addresses.
//! A proxy of the system is honoured, as reqwest does by default.

mod address;
mod body;
mod failure;

use std::{
    sync::{
        Arc, RwLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use futures_util::StreamExt;
use reqwest::{redirect, retry};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::time::Instant;

use self::{address::PublicOnly, body::FlaggedBody};
use crate::{
    error::{Error, Kind, TransportPhase},
    resilience::{Clock, SystemClock},
    transport::{Incoming, Outgoing, Transport, TransportCause, TransportConfig, TransportError},
};

/// Connections in a pool keep the address they were made with, so a busy pool never asks DNS again. The client is built
/// anew this often; own choice, the usual time to live of a load balancer's record.
const REBUILD_AFTER: Duration = Duration::from_secs(300);
/// Or after so many connections in a row that could not be made: the host may have moved.
const REBUILD_AFTER_FAILURES: u32 = 3;

/// Talks HTTP. Cheap to share by `Arc`; keep one per connection, so that vendors do not share a pool.
#[derive(Debug)]
pub struct HttpTransport {
    config: TransportConfig,
    client: RwLock<Current>,
    failures_in_a_row: AtomicU32,
}

#[derive(Debug, Clone)]
struct Current {
    client: reqwest::Client,
    built: Instant,
}

impl HttpTransport {
    /// Builds a client. Opens no connection.
    ///
    /// # Errors
    /// `Config` when TLS cannot be set up on this machine.
    pub fn new(config: TransportConfig) -> Result<Self, Error> {
        let built = SystemClock.monotonic();
        let client = RwLock::new(Current {
            client: build(config)?,
            built,
        });
        Ok(Self {
            config,
            client,
            failures_in_a_row: AtomicU32::new(0),
        })
    }

    /// The client to use now. Building anew keeps the old one for requests under way.
    fn client(&self) -> reqwest::Client {
        let now = SystemClock.monotonic();
        {
            let current = self
                .client
                .read()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            let old = now.saturating_duration_since(current.built) >= REBUILD_AFTER;
            let lost = self.failures_in_a_row.load(Ordering::Relaxed) >= REBUILD_AFTER_FAILURES;
            if !old && !lost {
                return current.client.clone();
            }
        }
        let mut current = self
            .client
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Ok(client) = build(self.config) {
            self.failures_in_a_row.store(0, Ordering::Relaxed);
            *current = Current { client, built: now };
        }
        current.client.clone()
    }

    fn note(&self, error: Option<&TransportError>) {
        let lost = error.is_some_and(|error| {
            matches!(
                error.cause,
                TransportCause::Timeout(_)
                    | TransportCause::Network(
                        TransportPhase::Connect | TransportPhase::Tls | TransportPhase::Dns
                    )
            )
        });
        if lost {
            self.failures_in_a_row.fetch_add(1, Ordering::Relaxed);
        } else if error.is_none() {
            self.failures_in_a_row.store(0, Ordering::Relaxed);
        }
    }

    async fn exchange(&self, outgoing: Outgoing) -> Result<Incoming, TransportError> {
        address::check(&outgoing.url, self.config.allow_private_addresses)?;
        let Outgoing {
            method,
            url,
            headers,
            body,
        } = outgoing;
        let request = self.client().request(method, url).headers(headers);
        let request = request.body(reqwest::Body::wrap(FlaggedBody::new(body)));
        let response = request.send().await.map_err(failure::of_send)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let pieces = response.bytes_stream().map(|piece| {
            piece.map_err(|error| {
                let failure = failure::of_receive(error);
                Error::new(
                    Kind::Transport {
                        phase: TransportPhase::Receive,
                    },
                    failure.message,
                )
                .with_delivery(crate::Delivery::Answered)
            })
        });
        Ok(Incoming::new(status, headers, Box::pin(pieces)))
    }
}

#[async_trait]
impl Transport for HttpTransport {
    async fn send(&self, request: Outgoing) -> Result<Incoming, TransportError> {
        let result = self.exchange(request).await;
        self.note(result.as_ref().err());
        result
    }
}

fn build(config: TransportConfig) -> Result<reqwest::Client, Error> {
    let tls = || -> Result<rustls::ClientConfig, rustls::Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        Ok(rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_platform_verifier()?
            .with_no_client_auth())
    };
    let tls =
        tls().map_err(|_| Error::config("tls", "the machine's certificates cannot be read"))?;
    let mut builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .user_agent(concat!("anyvendor/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .connect_timeout(config.connect_timeout)
        .pool_idle_timeout(config.pool_idle_timeout)
        .https_only(!config.allow_private_addresses);
    if config.allow_private_addresses {
        // A double on this machine is not behind the system's proxy.
        builder = builder.no_proxy();
    } else {
        builder = builder.dns_resolver(Arc::new(PublicOnly));
    }
    builder
        .build()
        .map_err(|_| Error::config("http", "the HTTP client cannot be set up"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_can_be_built() {
        HttpTransport::new(TransportConfig::default()).unwrap();
    }
}
