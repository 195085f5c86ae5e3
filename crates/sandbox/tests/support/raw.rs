//! Requests written byte by byte.

use anyvendor_sandbox::{Sandbox, Vendor};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The control address and each vendor's, without the scheme.
pub fn listeners(sandbox: &Sandbox) -> Vec<(&'static str, String)> {
    let all = [
        ("control", sandbox.url()),
        ("stripe", sandbox.stripe().url()),
        ("sendgrid", sandbox.sendgrid().url()),
        ("s3", sandbox.s3().url()),
        ("paypal", sandbox.paypal().url()),
        ("twilio", sandbox.twilio().url()),
    ];
    assert_eq!(all.len(), Vendor::ALL.len() + 1, "each listener is tested");
    let bare = |url: &str| url.trim_start_matches("http://").to_owned();
    all.map(|(name, url)| (name, bare(url))).into()
}

/// A request with exactly these headers in addition to `Host` and `Connection`.
pub struct Raw {
    head: String,
    body: Vec<u8>,
}

/// The head of a response.
#[derive(Debug)]
pub struct RawResponse {
    pub status: u16,
    pub headers: Vec<(String, String)>,
}

impl RawResponse {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(n, _)| n == name)?;
        Some(&found.1)
    }
}

impl Raw {
    pub fn new(method: &str, target: &str) -> Self {
        Self {
            head: format!("{method} {target} HTTP/1.1\r\n"),
            body: Vec::new(),
        }
    }

    pub fn headers(mut self, headers: &[(&str, &str)]) -> Self {
        for (name, value) in headers {
            self.head.push_str(&format!("{name}: {value}\r\n"));
        }
        self
    }

    pub fn body(mut self, body: &[u8]) -> Self {
        self.body = body.to_vec();
        self
    }

    /// Sends to `host:port`, with that as `Host`.
    pub async fn send(self, address: &str) -> RawResponse {
        let request = format!("{}host: {address}\r\n", self.head);
        exchange(address, &request, &self.body).await
    }
}

/// Sends a head that has its own `Host` or none.
pub async fn raw(address: &str, head: &str) -> RawResponse {
    exchange(address, head, b"").await
}

async fn exchange(address: &str, head: &str, body: &[u8]) -> RawResponse {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!("{head}connection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    // The server may respond and close before it has read the body.
    let _closed = stream.write_all(body).await;
    let mut response = Vec::new();
    let _reset = stream.read_to_end(&mut response).await;
    let text = String::from_utf8_lossy(&response);
    let head = text.split("\r\n\r\n").next().unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap_or_default().split(' ').nth(1);
    let headers = lines.filter_map(|line| line.split_once(": "));
    RawResponse {
        status: status.and_then(|status| status.parse().ok()).unwrap_or(0),
        headers: headers
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect(),
    }
}
