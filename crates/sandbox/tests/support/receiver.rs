//! The webhook endpoint of an application: records each delivery and responds with the status that the test chooses.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;

/// One webhook delivery as it was received.
#[derive(Clone, Debug)]
pub struct Received {
    /// The path and the query as they were received.
    pub target: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Received {
    pub fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The value of a form field.
    pub fn field(&self, name: &str) -> Option<String> {
        let mut fields = url::form_urlencoded::parse(&self.body);
        let found = fields.find(|(field, _)| field == name);
        found.map(|(_, value)| value.into_owned())
    }
}

/// A server that listens until it is dropped.
pub struct Receiver {
    pub url: String,
    seen: Arc<Mutex<Vec<Received>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Receiver {
    /// Starts a receiver that accepts every delivery.
    pub async fn new() -> Self {
        Self::responding(|_| 200).await
    }

    /// Starts a receiver whose status for a delivery depends on the number of deliveries before it.
    pub async fn responding(status: impl Fn(usize) -> u16 + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen: Arc<Mutex<Vec<Received>>> = Arc::default();
        let (kept, status) = (Arc::clone(&seen), Arc::new(status));
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (kept, status) = (Arc::clone(&kept), Arc::clone(&status));
                let service = service_fn(move |request: Request<Incoming>| {
                    let (kept, status) = (Arc::clone(&kept), Arc::clone(&status));
                    async move {
                        let (parts, body) = request.into_parts();
                        let received = Received {
                            target: parts.uri.to_string(),
                            headers: parts.headers,
                            body: body.collect().await.unwrap().to_bytes(),
                        };
                        let before = {
                            let mut kept = kept.lock().unwrap();
                            kept.push(received);
                            kept.len() - 1
                        };
                        let mut response = Response::new(Full::<Bytes>::default());
                        *response.status_mut() = status(before).try_into().unwrap();
                        Ok::<_, Infallible>(response)
                    }
                });
                let connection = hyper::server::conn::http1::Builder::new();
                let connection = connection.serve_connection(TokioIo::new(stream), service);
                tokio::spawn(async move { drop(connection.await) });
            }
        });
        Self { url, seen, task }
    }

    /// All deliveries so far, in the order of their arrival.
    pub fn seen(&self) -> Vec<Received> {
        self.seen.lock().unwrap().clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}
