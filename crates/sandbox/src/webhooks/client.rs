//! The HTTP client of webhooks, and the addresses that it may post to.

use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::client::legacy::{self, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;

/// Keeps connections open, and does not follow redirects.
pub(super) struct Client(legacy::Client<HttpConnector, Full<Bytes>>);

impl Client {
    pub(super) fn new() -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Self(legacy::Client::builder(TokioExecutor::new()).build(connector))
    }

    pub(super) async fn send(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, legacy::Error> {
        self.0.request(request).await
    }
}

/// The address to send to, without the fragment. Only this machine is allowed: a sandbox posts nowhere else.
pub(super) fn target(url: &str) -> Result<Uri, String> {
    let usage = "webhooks go to this machine only, such as http://127.0.0.1:8080/webhooks";
    let sent = url.split('#').next().unwrap_or_default();
    let target: Uri = sent.parse().map_err(|_| usage.to_owned())?;
    let host = target.host().unwrap_or_default();
    let is_here = matches!(host, "127.0.0.1" | "localhost" | "[::1]");
    if target.scheme_str() == Some("http") && is_here {
        Ok(target)
    } else {
        Err(usage.to_owned())
    }
}

/// Whether webhooks may be posted to this address.
pub(crate) fn is_callable(url: &str) -> bool {
    target(url).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_posted_to() {
        for url in [
            "http://127.0.0.1:8080/webhooks/shop",
            "http://localhost:1/x?a='b'#rc=2",
            "http://[::1]:1/",
        ] {
            let target = target(url).unwrap();
            assert!(url.starts_with(&target.to_string()), "{target}");
        }
        for url in [
            "",
            "/webhooks",
            "https://127.0.0.1/",
            "http://example.com/",
            "http://127.0.0.1.example.com/",
            "http://user@example.com/",
            "http://10.0.0.1/",
        ] {
            assert!(target(url).is_err(), "{url}");
        }
    }
}
