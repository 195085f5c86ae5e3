//! A transport that records every request, and one with scripted responses.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use anyvendor_core::{
    error::TransportPhase,
    transport::{Incoming, Outgoing, Transport, TransportCause, TransportError},
};
use anyvendor_http::{HttpTransport, TransportConfig};
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{TryStreamExt, stream};
use http::{HeaderMap, StatusCode};

/// A request as it was given to the transport.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Recorded {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// Records every request and passes it on.
#[derive(Debug)]
pub(crate) struct Recorder {
    inner: Arc<dyn Transport>,
    seen: Mutex<Vec<Recorded>>,
}

impl Recorder {
    /// Passes requests on to the sandbox, over real sockets.
    pub(crate) fn over_network() -> Arc<Self> {
        let mut config = TransportConfig::default();
        config.allow_private_addresses = true;
        Self::over(Arc::new(HttpTransport::new(config).unwrap()))
    }

    /// Responds with these statuses and bodies, in order.
    pub(crate) fn answering(answers: &[(u16, &str)]) -> Arc<Self> {
        let answers = answers
            .iter()
            .map(|(status, body)| (*status, (*body).to_owned()))
            .collect();
        Self::over(Arc::new(Told(Mutex::new(answers))))
    }

    fn over(inner: Arc<dyn Transport>) -> Arc<Self> {
        let seen = Mutex::default();
        Arc::new(Self { inner, seen })
    }

    /// All requests so far.
    pub(crate) fn seen(&self) -> Vec<Recorded> {
        self.seen.lock().unwrap().clone()
    }
}

#[async_trait]
impl Transport for Recorder {
    async fn send(&self, request: Outgoing) -> Result<Incoming, TransportError> {
        let Outgoing {
            method,
            url,
            headers,
            body,
            ..
        } = request;
        let pieces: Vec<Bytes> = body.into_stream().try_collect().await.unwrap();
        let body = Bytes::from(pieces.concat());
        self.seen.lock().unwrap().push(Recorded {
            method: method.to_string(),
            path: url.path().to_owned(),
            query: url.query().unwrap_or_default().to_owned(),
            headers: headers.clone(),
            body: body.clone(),
        });
        self.inner
            .send(Outgoing::new(method, url, headers, body.into()))
            .await
    }
}

#[derive(Debug)]
struct Told(Mutex<VecDeque<(u16, String)>>);

#[async_trait]
impl Transport for Told {
    async fn send(&self, _: Outgoing) -> Result<Incoming, TransportError> {
        let Some((status, body)) = self.0.lock().unwrap().pop_front() else {
            return Err(TransportError {
                cause: TransportCause::Network(TransportPhase::Connect),
                message: "no scripted response is left".to_owned(),
            });
        };
        let body = Box::pin(stream::iter([Ok(Bytes::from(body))]));
        let status = StatusCode::from_u16(status).unwrap();
        Ok(Incoming::new(status, HeaderMap::new(), body))
    }
}
