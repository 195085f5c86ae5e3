//! Connections to the sandbox that never wait, a transport in between that a test may hold up or answer for, and a
//! stranger with an HTTP client of its own.
#![allow(dead_code, reason = "each test file uses a part")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use std::{
    fmt, io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyvendor_adapter_s3::{Addressing, CredentialsConfig, S3, S3Config};
use anyvendor_conformance::PresignedFetch;
use anyvendor_core::{
    resilience::{Clock, Instant, Sleep},
    transport::{Incoming, Outgoing, Transport, TransportError},
    values::ObjectKey,
};
use anyvendor_http::{HttpTransport, Resolver, SystemClock, TransportConfig};
use anyvendor_sandbox::Sandbox;
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use url::Url;

/// The smallest part that the vendor takes, and so the cheapest for tests.
pub(crate) const PART: usize = 5 * 1024 * 1024;

/// The machine's date, for signatures; waiting is over at once.
#[derive(Debug, Default)]
pub(crate) struct Hasty(AtomicU64);

impl Clock for Hasty {
    fn monotonic(&self) -> Instant {
        SystemClock.monotonic() + Duration::from_nanos(self.0.load(Ordering::SeqCst))
    }

    fn wall(&self) -> Timestamp {
        SystemClock.wall()
    }

    fn timer(&self, duration: Duration) -> Sleep {
        SystemClock.timer(duration)
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        let nanos = u64::try_from(duration.as_nanos()).unwrap();
        self.0.fetch_add(nanos, Ordering::SeqCst);
        Box::pin(tokio::task::yield_now())
    }
}

/// Path style, with the smallest parts.
pub(crate) fn config(sandbox: &Sandbox) -> S3Config {
    let credentials =
        CredentialsConfig::fixed(sandbox.s3().access_key(), sandbox.s3().secret_key());
    S3Config::new(sandbox.s3().bucket(), sandbox.s3().region(), credentials)
        .with_local_endpoint(sandbox.s3().url())
        .with_part_size(PART as u64)
}

/// The bucket in the host, on the sandbox's port.
pub(crate) fn virtual_config(sandbox: &Sandbox) -> S3Config {
    let mut config = config(sandbox);
    config.endpoint = Some(format!("http://localhost:{}", address(sandbox).port()));
    config.addressing = Addressing::Virtual;
    config
}

pub(crate) fn address(sandbox: &Sandbox) -> SocketAddr {
    let url = Url::parse(sandbox.s3().url()).unwrap();
    (Ipv4Addr::LOCALHOST, url.port().unwrap()).into()
}

pub(crate) fn build(config: S3Config) -> S3 {
    build_over(config, Arc::new(network()))
}

pub(crate) fn build_over(config: S3Config, transport: Arc<dyn Transport>) -> S3 {
    S3::builder(config)
        .transport(transport)
        .clock(Arc::new(Hasty::default()))
        .build()
        .unwrap()
}

pub(crate) async fn start() -> (Sandbox, S3) {
    let sandbox = Sandbox::start().await.unwrap();
    let s3 = build(config(&sandbox));
    (sandbox, s3)
}

pub(crate) fn key(key: &str) -> ObjectKey {
    ObjectKey::new(key).unwrap()
}

/// Waits until something that others do has happened.
pub(crate) async fn until(happened: impl Fn() -> bool) {
    let wait = async {
        while !happened() {
            tokio::task::yield_now().await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(20), wait).await;
    assert!(waited.is_ok(), "it never happened");
}

/// Every name is this machine: `<bucket>.localhost` is not known to every resolver.
#[derive(Debug)]
struct Here;

#[async_trait]
impl Resolver for Here {
    async fn resolve(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        Ok(vec![Ipv4Addr::LOCALHOST.into()])
    }
}

pub(crate) fn network() -> HttpTransport {
    let mut config = TransportConfig::default();
    config.allow_private_addresses = true;
    HttpTransport::builder(config)
        .resolver(Arc::new(Here))
        .build()
        .unwrap()
}

/// One request as it left us.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) method: String,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Sent {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn is_part(&self) -> bool {
        self.url
            .query()
            .is_some_and(|query| query.contains("partNumber="))
    }
}

type Meddle = dyn Fn(&Sent) -> Pin<Box<dyn Future<Output = Option<Incoming>> + Send>> + Send + Sync;

/// Notes each request, and asks a test what to do with it before it goes on to the network.
pub(crate) struct Between {
    meddle: Box<Meddle>,
    network: HttpTransport,
    sent: Mutex<Vec<Sent>>,
}

impl Between {
    /// `meddle` may take its time, and may answer instead of the vendor.
    pub(crate) fn new<F>(meddle: impl Fn(&Sent) -> F + Send + Sync + 'static) -> Arc<Self>
    where
        F: Future<Output = Option<Incoming>> + Send + 'static,
    {
        Arc::new(Self {
            meddle: Box::new(move |sent| Box::pin(meddle(sent))),
            network: network(),
            sent: Mutex::default(),
        })
    }

    pub(crate) fn listening() -> Arc<Self> {
        Self::new(|_| async { None })
    }

    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }
}

impl fmt::Debug for Between {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Between")
    }
}

#[async_trait]
impl Transport for Between {
    async fn send(&self, request: Outgoing) -> Result<Incoming, TransportError> {
        let sent = Sent {
            method: request.method.to_string(),
            url: request.url.clone(),
            headers: request.headers.clone(),
            body: request.body.bytes().cloned().unwrap_or_default(),
        };
        self.sent.lock().unwrap().push(sent.clone());
        match (self.meddle)(&sent).await {
            Some(answer) => Ok(answer),
            None => self.network.send(request).await,
        }
    }
}

/// An answer of a test's own.
pub(crate) fn answer(
    status: u16,
    headers: &[(&'static str, &'static str)],
    body: &str,
) -> Incoming {
    let headers = headers
        .iter()
        .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
        .collect();
    let body = stream::iter([Ok(Bytes::from(body.to_owned()))]);
    Incoming::new(
        StatusCode::from_u16(status).unwrap(),
        headers,
        Box::pin(body),
    )
}

/// Uses links without credentials.
#[derive(Debug)]
pub(crate) struct Stranger(reqwest::Client);

impl Stranger {
    pub(crate) fn new(sandbox: &Sandbox) -> Self {
        // A second call finds it installed; that is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let host = format!("{}.localhost", sandbox.s3().bucket());
        let client = reqwest::Client::builder()
            .no_proxy()
            .resolve(&host, address(sandbox));
        Self(client.build().unwrap())
    }

    /// For links to other servers than the sandbox.
    pub(crate) fn of_any_server() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self(reqwest::Client::builder().no_proxy().build().unwrap())
    }
}

#[async_trait]
impl PresignedFetch for Stranger {
    async fn get(&self, url: &str, headers: &[(String, String)]) -> (u16, Bytes) {
        let mut request = self.0.get(url);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.bytes().await.unwrap())
    }

    async fn put(&self, url: &str, headers: &[(String, String)], body: Bytes) -> u16 {
        let mut request = self.0.put(url).body(body);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        request.send().await.unwrap().status().as_u16()
    }
}
