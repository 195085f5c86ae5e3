//! The listeners: one accept loop per address.

use std::future::Future;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

use crate::body::ResponseBody;
use crate::guard::Guard;

/// The connection is closed without a response.
#[derive(Debug, thiserror::Error)]
#[error("cut by a fault")]
pub(crate) struct Cut;

/// Anything that responds on a listener of the sandbox.
pub(crate) trait Service: Clone + Send + Sync + 'static {
    fn respond(
        &self,
        request: Request<Incoming>,
    ) -> impl Future<Output = Result<Response<ResponseBody>, Cut>> + Send;
}

/// A listener that accepts connections. They end when it is dropped.
#[derive(Debug)]
pub(crate) struct Listener {
    task: JoinHandle<()>,
}

impl Listener {
    /// Serves what `guard` lets through.
    pub(crate) fn start(listener: TcpListener, guard: Guard, service: impl Service) -> Self {
        Self {
            task: tokio::spawn(accept(listener, guard, service)),
        }
    }

    /// Stops accepting and waits until the port is free.
    pub(crate) async fn stop(&mut self) {
        self.task.abort();
        let _ended = (&mut self.task).await;
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, guard: Guard, service: impl Service) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else {
                    // Out of descriptors: give the open connections a turn.
                    tokio::task::yield_now().await;
                    continue;
                };
                let _best_effort = stream.set_nodelay(true);
                let service = service.clone();
                let service = service_fn(move |request| {
                    let service = service.clone();
                    async move {
                        let mut response = match guard.refuse(&request) {
                            Some(refusal) => refusal,
                            None => service.respond(request).await?,
                        };
                        guard.protect(&mut response);
                        Ok::<_, Cut>(response)
                    }
                });
                connections.spawn(async move {
                    let connection = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service);
                    if let Err(error) = connection.await {
                        tracing::trace!(%error, "connection ended");
                    }
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}
