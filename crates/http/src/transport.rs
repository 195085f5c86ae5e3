//! reqwest behind core's `Transport`: the only HTTP client and the only TLS choice of anyvendor.
//!
//! reqwest's own retries, redirects and referer are off; its DNS goes through a resolver that refuses private addresses.
//! A proxy of the system (`HTTPS_PROXY`) is used, as reqwest does by default: it then resolves the vendor's name
//! itself, and a proxy with a private address must be given as an IP address, because its name would be refused like any other.

mod address;
mod config;
mod failure;

use std::{
    fmt,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use anyvendor_core::{
    Error,
    error::{Delivery, Kind, ProtocolReason, TransportPhase},
    resilience::{Clock, Instant},
    transport::{Incoming, Outgoing, Transport, TransportCause, TransportError},
};
use async_trait::async_trait;
use futures_util::StreamExt;
use http::{HeaderValue, Method, header};
use reqwest::{redirect, retry};
use rustls_platform_verifier::BuilderVerifierExt;

use self::address::Guarded;
pub use self::{
    address::{Resolver, SystemResolver},
    config::TransportConfig,
};
use crate::clock::SystemClock;

/// Connections in a pool keep the address they were made with, so a busy pool never asks DNS again. The client is rebuilt
/// this often; our default (no vendor source), the usual time to live of a load balancer's record.
const REBUILD_AFTER: Duration = Duration::from_secs(300);
/// The client is also rebuilt after this many requests in a row without a connection or a response: the host may have moved,
/// and over HTTP/2 a dead connection would continue to receive every request.
const REBUILD_AFTER_FAILURES: u32 = 3;
/// A request that is given up sooner says nothing about the host. Our default (no vendor source), half of the default time
/// limit of an attempt.
const ENOUGH_TIME: Duration = Duration::from_secs(5);
/// How long an HTTP/2 connection with open streams may be silent before a ping is sent, and how long the response to it may
/// take. Our default (no vendor source): a dead connection is found within the default time limit of an attempt.
const HTTP2_SILENCE: Duration = Duration::from_secs(5);

/// Core's transport over HTTP. Cheap to clone; keep one per connection, so that vendors do not share a pool.
///
/// ```
/// use anyvendor_http::{HttpTransport, TransportConfig};
///
/// let mut config = TransportConfig::default();
/// // Only for an emulator on this machine.
/// config.allow_private_addresses = true;
/// let transport = HttpTransport::new(config)?;
/// # let _ = transport;
/// # Ok::<(), anyvendor_core::Error>(())
/// ```
#[derive(Clone)]
pub struct HttpTransport(Arc<Inner>);

struct Inner {
    recipe: Recipe,
    clock: Arc<dyn Clock>,
    current: RwLock<Current>,
    failures_in_a_row: AtomicU32,
}

struct Current {
    client: reqwest::Client,
    built: Instant,
}

/// Builds an [`HttpTransport`] with a custom resolver or clock.
#[derive(Debug)]
pub struct HttpTransportBuilder {
    config: TransportConfig,
    resolver: Arc<dyn Resolver>,
    clock: Arc<dyn Clock>,
}

impl HttpTransportBuilder {
    /// Sets the resolver of host names. The addresses that it finds are checked all the same.
    #[must_use]
    pub fn resolver(mut self, resolver: Arc<dyn Resolver>) -> Self {
        self.resolver = resolver;
        self
    }

    /// Sets the clock that decides when the client is rebuilt.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Builds a client. Opens no connection.
    ///
    /// # Errors
    /// `Config` if TLS cannot be set up on this machine.
    pub fn build(self) -> Result<HttpTransport, Error> {
        let recipe = Recipe {
            config: self.config,
            tls: tls()?,
            resolver: self.resolver,
        };
        let current = Current {
            client: recipe.build()?,
            built: self.clock.monotonic(),
        };
        Ok(HttpTransport(Arc::new(Inner {
            recipe,
            clock: self.clock,
            current: RwLock::new(current),
            failures_in_a_row: AtomicU32::new(0),
        })))
    }
}

impl HttpTransport {
    /// Builds a client. Opens no connection.
    ///
    /// # Errors
    /// `Config` if TLS cannot be set up on this machine.
    pub fn new(config: TransportConfig) -> Result<Self, Error> {
        Self::builder(config).build()
    }

    /// Begins a client with a custom resolver or clock.
    #[must_use]
    pub fn builder(config: TransportConfig) -> HttpTransportBuilder {
        HttpTransportBuilder {
            config,
            resolver: Arc::new(SystemResolver),
            clock: Arc::new(SystemClock),
        }
    }
}

// The HTTP client and the TLS configuration would print several kilobytes.
impl fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTransport")
            .field("config", &self.0.recipe.config)
            .finish_non_exhaustive()
    }
}

impl Inner {
    /// The client to use now. After a rebuild the requests in flight keep the old one.
    fn client(&self) -> reqwest::Client {
        let now = self.clock.monotonic();
        {
            let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
            if !self.is_stale(&current, now) {
                return current.client.clone();
            }
        }
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        // Several callers may have waited for the lock; the first of them rebuilds the client.
        if self.is_stale(&current, now)
            && let Ok(client) = self.recipe.build()
        {
            self.failures_in_a_row.store(0, Ordering::Relaxed);
            *current = Current { client, built: now };
        }
        current.client.clone()
    }

    fn is_stale(&self, current: &Current, now: Instant) -> bool {
        now.saturating_duration_since(current.built) >= REBUILD_AFTER
            || self.failures_in_a_row.load(Ordering::Relaxed) >= REBUILD_AFTER_FAILURES
    }

    async fn exchange(&self, outgoing: Outgoing) -> Result<Incoming, TransportError> {
        address::check(&outgoing.url, self.recipe.config.allow_private_addresses)?;
        let Outgoing {
            method,
            url,
            mut headers,
            body,
            ..
        } = outgoing;
        let expects_body = matches!(method, Method::POST | Method::PUT | Method::PATCH);
        if expects_body && body.is_empty() {
            // RFC 9110, 8.6: a method that may have a body sends a length even if there is none; some servers respond 411 without it.
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        let request = self.client().request(method, url).headers(headers);
        let request = request.body(reqwest::Body::wrap(body));
        let mut response = request.send().await.map_err(failure::of_send)?;
        let status = response.status();
        let headers = std::mem::take(response.headers_mut());
        let pieces = response
            .bytes_stream()
            .map(|piece| piece.map_err(|error| cut(failure::of_receive(error))));
        Ok(Incoming::new(status, headers, Box::pin(pieces)))
    }
}

/// The error of a body that was cut off.
fn cut(error: TransportError) -> Error {
    let kind = match error.cause {
        TransportCause::BadEncoding => Kind::Protocol(ProtocolReason::BadEncoding),
        _ => Kind::Transport {
            phase: TransportPhase::Receive,
        },
    };
    Error::new(kind, Delivery::Accepted, error.message)
}

#[async_trait]
impl Transport for HttpTransport {
    async fn send(&self, request: Outgoing) -> Result<Incoming, TransportError> {
        let mut way = Way {
            inner: &self.0,
            begun: self.0.clock.monotonic(),
            verdict: None,
        };
        let result = self.0.exchange(request).await;
        way.verdict = Some(match &result {
            Ok(_) => Verdict::Good,
            Err(error) if is_unreachable(error) => Verdict::Lost,
            Err(_) => Verdict::Open,
        });
        result
    }
}

/// What a request shows about the connection to the host. A request that is dropped before its response, most likely because
/// of a timeout, counts against the connection if the host had enough time; callers with little patience do not.
struct Way<'a> {
    inner: &'a Inner,
    begun: Instant,
    verdict: Option<Verdict>,
}

enum Verdict {
    Good,
    Lost,
    /// Neither a success nor a failure of the connection.
    Open,
}

impl Drop for Way<'_> {
    fn drop(&mut self) {
        let failures = &self.inner.failures_in_a_row;
        let verdict = self.verdict.take().unwrap_or_else(|| {
            let now = self.inner.clock.monotonic();
            let waited = now.saturating_duration_since(self.begun);
            if waited >= ENOUGH_TIME {
                Verdict::Lost
            } else {
                Verdict::Open
            }
        });
        match verdict {
            Verdict::Lost => {
                failures.fetch_add(1, Ordering::Relaxed);
            }
            // Read first: all requests share this cache line.
            Verdict::Good if failures.load(Ordering::Relaxed) != 0 => {
                failures.store(0, Ordering::Relaxed);
            }
            Verdict::Good | Verdict::Open => {}
        }
    }
}

fn is_unreachable(error: &TransportError) -> bool {
    matches!(
        error.cause,
        TransportCause::Timeout(_)
            | TransportCause::Network(
                TransportPhase::Connect | TransportPhase::Tls | TransportPhase::Dns
            )
    )
}

/// Everything that a client is built from, so that it can be rebuilt. TLS is set up once: reading the machine's certificates
/// takes long, and sessions can be resumed across clients.
struct Recipe {
    config: TransportConfig,
    tls: rustls::ClientConfig,
    resolver: Arc<dyn Resolver>,
}

impl Recipe {
    fn build(&self) -> Result<reqwest::Client, Error> {
        let config = &self.config;
        let resolver = Guarded::new(Arc::clone(&self.resolver), config.allow_private_addresses);
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(self.tls.clone())
            .user_agent(concat!("anyvendor/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .connect_timeout(config.connect_timeout)
            .pool_idle_timeout(config.pool_idle_timeout)
            .http2_keep_alive_interval(HTTP2_SILENCE)
            .http2_keep_alive_timeout(HTTP2_SILENCE)
            .https_only(!config.allow_private_addresses)
            .dns_resolver(Arc::new(resolver));
        if config.allow_private_addresses {
            // An emulator on this machine is not behind the system's proxy.
            builder = builder.no_proxy();
        }
        builder
            .build()
            .map_err(|_| Error::config("http", "the HTTP client cannot be set up"))
    }
}

fn tls() -> Result<rustls::ClientConfig, Error> {
    let build = || -> Result<rustls::ClientConfig, rustls::Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        Ok(rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_platform_verifier()?
            .with_no_client_auth())
    };
    let mut tls = build().map_err(|_| {
        Error::config(
            "tls",
            "the machine's certificate authorities cannot be read; install them (ca-certificates)",
        )
    })?;
    // reqwest does not change a configuration that it is given: without this line HTTP/2 is never used.
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(tls)
}

#[cfg(test)]
mod tests;
