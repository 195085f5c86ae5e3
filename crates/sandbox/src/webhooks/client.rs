//! The HTTP client of webhooks, and the addresses that it may post to.

use std::collections::BTreeSet;

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

/// The address to send to, without the fragment. Only this machine is allowed, and none of the sandbox's own ports: a sandbox
/// posts nowhere else.
pub(super) fn target(url: &str, own_ports: &BTreeSet<u16>) -> Result<Uri, String> {
    let usage = "webhooks go to this machine only, such as http://127.0.0.1:8080/webhooks";
    let sent = url.split('#').next().unwrap_or_default();
    let target: Uri = sent.parse().map_err(|_| usage.to_owned())?;
    let host = target.host().unwrap_or_default().to_ascii_lowercase();
    let is_here = matches!(host.as_str(), "127.0.0.1" | "localhost" | "[::1]");
    let has_user = target
        .authority()
        .is_some_and(|it| it.as_str().contains('@'));
    if target.scheme_str() != Some("http") || !is_here || has_user {
        return Err(usage.to_owned());
    }
    let port = target.port_u16().unwrap_or(80);
    if own_ports.contains(&port) {
        let error =
            format!("port {port} is the sandbox's own; give the address of the application");
        return Err(error);
    }
    Ok(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_posted_to() {
        let none = BTreeSet::new();
        for url in [
            "http://127.0.0.1:8080/webhooks/shop",
            "http://localhost:1/x?a='b'#rc=2",
            "http://[::1]:1/",
        ] {
            let target = target(url, &none).unwrap();
            assert!(url.starts_with(&target.to_string()), "{target}");
        }
        for url in [
            "",
            "/webhooks",
            "https://127.0.0.1/",
            "http://example.com/",
            "http://127.0.0.1.example.com/",
            "http://user@example.com/",
            "http://user@127.0.0.1/",
            "http://10.0.0.1/",
        ] {
            assert!(target(url, &none).is_err(), "{url}");
        }
    }

    #[test]
    fn sf07_the_sandboxs_own_ports_are_not_posted_to() {
        let own = BTreeSet::from([80, 4010]);
        for url in [
            "http://127.0.0.1:4010/",
            "http://LOCALHOST:4010/x",
            "http://[::1]/",
        ] {
            assert!(target(url, &own).is_err(), "{url}");
        }
        assert!(target("http://127.0.0.1:4009/", &own).is_ok());
    }
}
