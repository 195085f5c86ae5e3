//! A transport to the sandbox on which one request fails, and which knows what arrived.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use anyvendor::error::TransportPhase;
use anyvendor_core::transport::{Incoming, Outgoing, Transport, TransportCause, TransportError};
use anyvendor_http::{HttpTransport, TransportConfig};
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{TryStreamExt, stream};
use http::{HeaderMap, Method, StatusCode};

/// How a request fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// No connection is made.
    Unreachable,
    /// It arrives, and its response is lost; the vendor has acted.
    LostAfterActing,
    /// It arrives, and neither acts nor gets a response.
    Lost,
    /// A gateway responds in the vendor's place.
    Gateway(u16),
    /// The vendor acts, and its response is unreadable.
    Unreadable,
}

impl Fault {
    pub(crate) const ALL: [Self; 9] = [
        Self::Unreachable,
        Self::LostAfterActing,
        Self::Lost,
        Self::Gateway(302),
        Self::Gateway(404),
        Self::Gateway(409),
        Self::Gateway(429),
        Self::Gateway(502),
        Self::Unreadable,
    ];
}

/// One request that was made.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    #[expect(dead_code, reason = "printed when the test fails")]
    what: String,
    /// Whether the vendor got it completely.
    pub(crate) arrived: bool,
    /// Whether it does the work of an operation that writes.
    pub(crate) writes: bool,
}

/// Passes everything on to the sandbox, except for the request that fails.
#[derive(Debug)]
pub(crate) struct Faulty {
    network: HttpTransport,
    /// Counting begins when the preparations of the test are done.
    counts: AtomicBool,
    count: AtomicUsize,
    hit: usize,
    fault: Fault,
    requests: Mutex<Vec<Request>>,
}

impl Faulty {
    pub(crate) fn new(hit: usize, fault: Fault) -> Arc<Self> {
        let mut config = TransportConfig::default();
        config.allow_private_addresses = true;
        Arc::new(Self {
            network: HttpTransport::new(config).unwrap(),
            counts: AtomicBool::new(false),
            count: AtomicUsize::new(0),
            hit,
            fault,
            requests: Mutex::default(),
        })
    }

    /// From now on requests are counted.
    pub(crate) fn begin(&self) {
        self.counts.store(true, Ordering::SeqCst);
    }

    pub(crate) fn was_hit(&self) -> bool {
        self.count.load(Ordering::SeqCst) >= self.hit
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

fn lost(phase: TransportPhase) -> TransportError {
    TransportError {
        cause: TransportCause::Network(phase),
        message: "as scripted".to_owned(),
    }
}

fn page(status: u16) -> Incoming {
    let body = stream::iter([Ok(Bytes::from_static(b"<html>gateway</html>"))]);
    let status = StatusCode::from_u16(status).unwrap();
    Incoming::new(status, HeaderMap::new(), Box::pin(body))
}

/// Whether a request does the work itself. The others ask for a token, look something up or prepare.
fn is_write(method: &Method, url: &url::Url) -> bool {
    let query = url.query().unwrap_or_default();
    let is_token = url.path() == "/v1/oauth2/token";
    // An upload is begun, filled in parts, and given up if it fails: nothing of that shows in the bucket.
    let gives_up = *method == Method::DELETE && query.contains("uploadId=");
    let prepares = url.path() == "/v3/mail/batch"
        || query.starts_with("uploads")
        || query.contains("partNumber=")
        || gives_up;
    !matches!(*method, Method::GET | Method::HEAD) && !is_token && !prepares
}

#[async_trait]
impl Transport for Faulty {
    async fn send(&self, request: Outgoing) -> Result<Incoming, TransportError> {
        if !self.counts.load(Ordering::SeqCst) {
            return self.network.send(request).await;
        }
        let Outgoing {
            method,
            url,
            headers,
            body,
            ..
        } = request;
        let fails = self.count.fetch_add(1, Ordering::SeqCst) + 1 == self.hit;
        let unreachable = fails && self.fault == Fault::Unreachable;
        self.requests.lock().unwrap().push(Request {
            what: format!("{method} {}", url.path()),
            arrived: !unreachable,
            writes: is_write(&method, &url),
        });
        if unreachable {
            return Err(lost(TransportPhase::Connect));
        }
        // Reading the body counts as sending.
        let pieces: Vec<Bytes> = body.into_stream().try_collect().await.unwrap();
        let body = Bytes::from(pieces.concat());
        let outgoing = Outgoing::new(method, url, headers, body.into());
        if !fails {
            return self.network.send(outgoing).await;
        }
        match self.fault {
            Fault::Unreachable | Fault::Lost => Err(lost(TransportPhase::Receive)),
            Fault::Gateway(status) => Ok(page(status)),
            Fault::LostAfterActing => {
                self.network.send(outgoing).await?;
                Err(lost(TransportPhase::Receive))
            }
            Fault::Unreadable => {
                let status = self.network.send(outgoing).await?.status;
                Ok(page(status.as_u16()))
            }
        }
    }
}
