//! The listeners: one accept loop per vendor, and the front that logs a request and applies its fault.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderValue, Request, Response, header};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

use crate::body::{self, BoxError, Drip, RequestBody, ResponseBody, Truncated};
use crate::faults::{FaultKind, Faults, answers};
use crate::ids;
use crate::log::{Answer, Noted, RequestLog};
use crate::vendors::Vendor;
use crate::work::Work;

/// Nothing that a client sends to these doubles is larger; S3 streams and is not collected here.
const MAX_BODY: usize = 64 * 1024 * 1024;

/// The connection is closed without an answer.
#[derive(Debug, thiserror::Error)]
#[error("cut by a fault")]
pub(crate) struct Cut;

/// What a fault asks of a double itself, handed over beside the request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pretend {
    /// The work takes this long.
    pub(crate) delay: Option<Duration>,
    /// The work fails with this status, and a key stores that.
    pub(crate) failure: Option<u16>,
}

impl Double for crate::vendors::s3::S3Double {
    const VENDOR: Vendor = Vendor::S3;

    fn handle(
        &self,
        request: Request<RequestBody>,
    ) -> impl Future<Output = Response<ResponseBody>> + Send {
        self.handle(request)
    }
}

/// A vendor's double, as the listeners see it.
pub(crate) trait Double: Clone + Send + Sync + 'static {
    const VENDOR: Vendor;

    fn handle(
        &self,
        request: Request<RequestBody>,
    ) -> impl Future<Output = Response<ResponseBody>> + Send;
}

/// Anything that answers on a listener of the sandbox.
pub(crate) trait Answers: Clone + Send + Sync + 'static {
    fn answer(
        &self,
        request: Request<Incoming>,
    ) -> impl Future<Output = Result<Response<ResponseBody>, Cut>> + Send;
}

/// A listener at work; its connections end with it.
#[derive(Debug)]
pub(crate) struct Listener {
    task: JoinHandle<()>,
}

impl Listener {
    pub(crate) fn start(listener: TcpListener, answers: impl Answers) -> Self {
        Self {
            task: tokio::spawn(accept(listener, answers)),
        }
    }

    /// Ends it and waits until its port is free.
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

async fn accept(listener: TcpListener, answers: impl Answers) {
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
                let answers = answers.clone();
                let service = service_fn(move |request| {
                    let answers = answers.clone();
                    async move { answers.answer(request).await }
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

/// What stands before a double: the log and the faults.
#[derive(Clone)]
pub(crate) struct Front<D> {
    pub(crate) double: D,
    pub(crate) log: Arc<RequestLog>,
    pub(crate) faults: Arc<Faults>,
    pub(crate) work: Arc<Work>,
}

impl<D: Double> Answers for Front<D> {
    async fn answer(&self, request: Request<Incoming>) -> Result<Response<ResponseBody>, Cut> {
        let (parts, incoming) = request.into_parts();
        let noted = self.log.arrived(D::VENDOR, &parts);
        let body = incoming.map_err(BoxError::from).boxed_unsync();
        let body = noted.watch(body).boxed_unsync();
        let mut request = Request::from_parts(parts, body);
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let mut fault = self.faults.scripted(D::VENDOR, &method, &path);
        if fault.is_none() && self.faults.has_profile() && !path.starts_with("/_sandbox") {
            let logical;
            (request, logical) = logical_request(D::VENDOR, request).await?;
            fault = self.faults.drawn(D::VENDOR, &method, &path, &logical);
        }
        match fault {
            None => {
                let response = self.double.handle(request).await;
                noted.answered(Answer::Status(response.status().as_u16()));
                Ok(response)
            }
            Some(kind) => self.misbehave(kind, request, noted).await,
        }
    }
}

impl<D: Double> Front<D> {
    async fn misbehave(
        &self,
        kind: FaultKind,
        request: Request<RequestBody>,
        noted: Noted,
    ) -> Result<Response<ResponseBody>, Cut> {
        let name = kind.name();
        let say = |status| noted.answered(Answer::Fault { name, status });
        if let Some(response) = answers::refusal(D::VENDOR, &kind) {
            drain(request).await;
            say(Some(response.status().as_u16()));
            return Ok(response);
        }
        match kind {
            FaultKind::CutBeforeRead => {
                say(None);
                Err(Cut)
            }
            FaultKind::CutAfterRead => {
                drain(request).await;
                say(None);
                Err(Cut)
            }
            FaultKind::ActThenCut => {
                let _lost = self.act(request).await;
                say(None);
                Err(Cut)
            }
            FaultKind::ActThenHang { milliseconds } => {
                let _lost = self.act(request).await;
                say(None);
                match milliseconds {
                    Some(length) => tokio::time::sleep(Duration::from_millis(length)).await,
                    None => std::future::pending().await,
                }
                Err(Cut)
            }
            FaultKind::ServerErrorAfterActing {
                status,
                should_retry,
            } => {
                let _lost = self.act(request).await;
                say(Some(status));
                Ok(answers::broken(D::VENDOR, status, should_retry))
            }
            FaultKind::TruncateBody => {
                let response = self.double.handle(request).await;
                say(Some(response.status().as_u16()));
                Ok(truncate(response))
            }
            FaultKind::DripBody {
                pieces,
                milliseconds,
            } => {
                let (parts, body) = self.double.handle(request).await.into_parts();
                let whole = body::collect(body, usize::MAX).await.map_err(|_| Cut)?;
                let drip = Drip::new(&whole, pieces, Duration::from_millis(milliseconds));
                say(Some(parts.status.as_u16()));
                Ok(Response::from_parts(parts, drip.boxed_unsync()))
            }
            FaultKind::Delay { milliseconds } => {
                let delay = Some(Duration::from_millis(milliseconds));
                let response = self.pretend(request, delay, None).await?;
                say(Some(response.status().as_u16()));
                Ok(response)
            }
            FaultKind::StoredServerError { status } => {
                let response = self.pretend(request, None, Some(status)).await?;
                say(Some(response.status().as_u16()));
                Ok(response)
            }
            // Those answered by `refusal` above.
            FaultKind::Status { .. }
            | FaultKind::RateLimited { .. }
            | FaultKind::KeyInUse
            | FaultKind::LockTimeout => Err(Cut),
        }
    }

    /// The work is done and its answer made, then the answer is lost.
    async fn act(&self, request: Request<RequestBody>) {
        let response = self.double.handle(request).await;
        drop(response);
    }

    /// In a task of its own, so that a client that leaves does not undo the work. The body is read before.
    async fn pretend(
        &self,
        request: Request<RequestBody>,
        delay: Option<Duration>,
        failure: Option<u16>,
    ) -> Result<Response<ResponseBody>, Cut> {
        let (parts, body) = request.into_parts();
        let whole = body::collect(body, MAX_BODY).await.map_err(|_| Cut)?;
        let mut request = Request::from_parts(parts, body::full(whole));
        request.extensions_mut().insert(Pretend { delay, failure });
        let (done, answer) = tokio::sync::oneshot::channel();
        let double = self.double.clone();
        self.work.spawn(async move {
            // Stripe and PayPal wait inside, with the key in use.
            let inside = matches!(D::VENDOR, Vendor::Stripe | Vendor::PayPal);
            if let (Some(delay), false) = (delay, inside) {
                tokio::time::sleep(delay).await;
            }
            let response = double.handle(request).await;
            let _gone = done.send(response);
        });
        answer.await.map_err(|_| Cut)
    }
}

/// What makes two requests the same logical one: the key, else (mail and text messages have none) the body, else the query.
async fn logical_request(
    vendor: Vendor,
    request: Request<RequestBody>,
) -> Result<(Request<RequestBody>, Vec<u8>), Cut> {
    let key = match vendor {
        Vendor::PayPal => "paypal-request-id",
        _ => "idempotency-key",
    };
    if let Some(key) = request.headers().get(key) {
        let key = key.as_bytes().to_vec();
        return Ok((request, key));
    }
    let has_no_key = match vendor {
        Vendor::SendGrid => true,
        Vendor::Twilio => request.method() != http::Method::GET,
        _ => false,
    };
    if !has_no_key {
        let query = request.uri().query().unwrap_or_default();
        let query = query.as_bytes().to_vec();
        return Ok((request, query));
    }
    let (parts, body) = request.into_parts();
    let whole = body::collect(body, MAX_BODY).await.map_err(|_| Cut)?;
    let logical = ids::hash(0, &[&whole]).to_le_bytes().to_vec();
    Ok((Request::from_parts(parts, body::full(whole)), logical))
}

async fn drain(request: Request<RequestBody>) {
    let mut body = request.into_body();
    while let Some(Ok(_)) = body.frame().await {}
}

/// Sends the head as it is and half of the body, and then closes.
fn truncate(response: Response<ResponseBody>) -> Response<ResponseBody> {
    let (mut parts, body) = response.into_parts();
    let promised = body.size_hint().exact().unwrap_or(2).max(1);
    parts
        .headers
        .insert(header::CONTENT_LENGTH, HeaderValue::from(promised));
    let cut = Truncated::new(body, promised / 2);
    Response::from_parts(parts, cut.boxed_unsync())
}
