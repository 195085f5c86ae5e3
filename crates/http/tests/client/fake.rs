//! A transport that answers as it is told, and remembers.
#![allow(dead_code, reason = "two test programs share it, and neither uses all")]

use std::{
    fmt,
    sync::{Arc, Mutex},
};

use anyvendor_core::transport::{Incoming, Outgoing, Transport, TransportError};
use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use url::Url;

/// A request as the transport got it.
#[derive(Clone)]
pub(crate) struct Seen {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

type Answers = dyn Fn(&Seen) -> (u16, String) + Send + Sync;

/// Answers as it is told, and remembers.
pub(crate) struct Fake {
    answers: Box<Answers>,
    seen: Mutex<Vec<Seen>>,
}

impl Fake {
    pub(crate) fn new(
        answers: impl Fn(&Seen) -> (u16, String) + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self {
            answers: Box::new(answers),
            seen: Mutex::default(),
        })
    }

    pub(crate) fn always(status: u16, body: &'static str) -> Arc<Self> {
        Self::new(move |_| (status, body.to_owned()))
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn to(&self, path: &str) -> usize {
        self.seen()
            .iter()
            .filter(|seen| seen.url.path() == path)
            .count()
    }
}

impl fmt::Debug for Fake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fake")
    }
}

#[async_trait]
impl Transport for Fake {
    async fn send(&self, request: Outgoing) -> Result<Incoming, TransportError> {
        let seen = Seen {
            method: request.method.clone(),
            url: request.url.clone(),
            headers: request.headers.clone(),
            body: request.body.bytes().map_or_else(String::new, |body| {
                String::from_utf8(body.to_vec()).unwrap()
            }),
        };
        tokio::task::yield_now().await;
        let (status, body) = (self.answers)(&seen);
        self.seen.lock().unwrap().push(seen);
        let body = futures_util::stream::iter([Ok(Bytes::from(body))]);
        let status = StatusCode::from_u16(status).unwrap();
        Ok(Incoming::new(status, HeaderMap::new(), Box::pin(body)))
    }
}
