//! Connections to the sandbox that never wait, and what the storage suite must know of S3.
#![allow(dead_code, reason = "each test file uses a part")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

use anyvendor_adapter_s3::{Addressing, CredentialsConfig, S3, S3Config};
use anyvendor_conformance::{PresignedFetch, StorageHarness};
use anyvendor_core::transport::Transport;
use anyvendor_http::{HttpTransport, Resolver, TransportConfig};
use anyvendor_sandbox::Sandbox;
use anyvendor_testkit::SkippingClock;
use async_trait::async_trait;
use bytes::Bytes;
use url::Url;

/// The smallest part that S3 accepts, and so the cheapest for tests.
pub(crate) const PART: usize = 5 * 1024 * 1024;

/// Settings with the bucket in the path and the smallest parts.
pub(crate) fn config(sandbox: &Sandbox) -> S3Config {
    let credentials =
        CredentialsConfig::fixed(sandbox.s3().access_key(), sandbox.s3().secret_key());
    S3Config::new(sandbox.s3().bucket(), sandbox.s3().region(), credentials)
        .with_local_endpoint(sandbox.s3().url())
        .with_part_size(PART as u64)
}

/// Settings with the bucket in the host name, on the sandbox's port.
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
        .clock(Arc::new(SkippingClock::default()))
        .build()
        .unwrap()
}

/// The suite over the sandbox; `provider` is connected to it.
pub(crate) fn harness(provider: Arc<S3>, sandbox: &Sandbox) -> StorageHarness {
    StorageHarness {
        provider,
        prefix: "suite/".to_owned(),
        part_size: PART,
        fetch: Some(Arc::new(PlainClient::new(sandbox))),
    }
}

/// Resolves every name to this machine: not every resolver knows `<bucket>.localhost`.
#[derive(Debug)]
struct Loopback;

#[async_trait]
impl Resolver for Loopback {
    async fn resolve(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        Ok(vec![Ipv4Addr::LOCALHOST.into()])
    }
}

pub(crate) fn network() -> HttpTransport {
    let mut config = TransportConfig::default();
    config.allow_private_addresses = true;
    HttpTransport::builder(config)
        .resolver(Arc::new(Loopback))
        .build()
        .unwrap()
}

/// Uses presigned links, without credentials.
#[derive(Debug)]
pub(crate) struct PlainClient(reqwest::Client);

impl PlainClient {
    pub(crate) fn new(sandbox: &Sandbox) -> Self {
        // A second call fails because it is installed already.
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
impl PresignedFetch for PlainClient {
    async fn get(&self, url: &str, headers: &[(String, String)]) -> (u16, Bytes) {
        let mut request = self.0.get(url);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.bytes().await.unwrap())
    }

    async fn put(&self, url: &str, headers: &[(String, String)], body: Bytes) -> u16 {
        let mut request = self.0.put(url).body(body);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        request.send().await.unwrap().status().as_u16()
    }
}
