//! The fault middleware in front of each emulator: it logs a request and applies its fault.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderValue, Request, Response, header};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};

use crate::body::{self, BoxError, Drip, RequestBody, ResponseBody, Truncated};
use crate::call::Injected;
use crate::emulator::{Emulator, LogicalRequest};
use crate::faults::{FaultError, FaultKind, Faults, set_header};
use crate::ids;
use crate::log::{RecordedResponse, Recording, RequestLog};
use crate::server::{Cut, Service};
use crate::vendors::name::Vendor;
use crate::work::Work;

/// The largest body that is collected to identify or to delay a request. Other bodies are streamed.
const MAX_BODY: usize = 64 * 1024 * 1024;

/// An emulator with the log and the faults in front of it.
#[derive(Clone)]
pub(crate) struct FaultMiddleware {
    pub(crate) vendor: Vendor,
    pub(crate) emulator: Arc<dyn Emulator>,
    pub(crate) log: Arc<RequestLog>,
    pub(crate) faults: Arc<Faults>,
    pub(crate) work: Arc<Work>,
}

impl Service for FaultMiddleware {
    async fn respond(&self, request: Request<Incoming>) -> Result<Response<ResponseBody>, Cut> {
        let (parts, incoming) = request.into_parts();
        let cap = self.emulator.logged_body();
        let recording = self.log.arrived(self.vendor, &parts, cap);
        let body = incoming.map_err(BoxError::from).boxed_unsync();
        let body = recording.watch(body).boxed_unsync();
        let request = Request::from_parts(parts, body);
        let (request, fault) = self.fault(request).await?;
        match fault {
            None => {
                let response = self.emulator.handle(request).await;
                recording.responded(RecordedResponse::Status(response.status().as_u16()));
                Ok(response)
            }
            Some(kind) => self.misbehave(kind, request, recording).await,
        }
    }
}

impl FaultMiddleware {
    /// The fault for this request, if any. The emulator's own pages below `/_sandbox` get only scripted ones.
    async fn fault(
        &self,
        request: Request<RequestBody>,
    ) -> Result<(Request<RequestBody>, Option<FaultKind>), Cut> {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        if let Some(kind) = self.faults.scripted(self.vendor, &method, &path) {
            return Ok((request, Some(kind)));
        }
        if !self.faults.has_profile() || path.starts_with("/_sandbox") {
            return Ok((request, None));
        }
        let (request, key) = self.identify(request).await?;
        let name = self.vendor.name().as_bytes();
        let logical = [name, method.as_str().as_bytes(), path.as_bytes(), &key];
        let fault = self.faults.drawn(&logical, |plan| {
            self.emulator.fault_mix(plan, &method, &path)
        });
        Ok((request, fault))
    }

    /// The key that all tries of a logical request share.
    async fn identify(
        &self,
        request: Request<RequestBody>,
    ) -> Result<(Request<RequestBody>, Vec<u8>), Cut> {
        let (parts, body) = request.into_parts();
        match self.emulator.logical_request(&parts) {
            LogicalRequest::Key(key) => Ok((Request::from_parts(parts, body), key)),
            LogicalRequest::Body => {
                let whole = body::collect(body, MAX_BODY).await.map_err(|_| Cut)?;
                let key = ids::hash(0, &[&whole]).to_le_bytes().to_vec();
                Ok((Request::from_parts(parts, body::full(whole)), key))
            }
        }
    }

    async fn misbehave(
        &self,
        kind: FaultKind,
        request: Request<RequestBody>,
        recording: Recording,
    ) -> Result<Response<ResponseBody>, Cut> {
        let name = kind.name();
        let record = |status| recording.responded(RecordedResponse::Fault { name, status });
        let recorded = |response: Response<ResponseBody>| {
            record(Some(response.status().as_u16()));
            Ok(response)
        };
        if let Some(error) = kind.error() {
            drain(request).await;
            return recorded(self.error(error, &kind));
        }
        match kind {
            FaultKind::CutBeforeRead => {
                record(None);
                Err(Cut)
            }
            FaultKind::CutAfterRead => {
                drain(request).await;
                record(None);
                Err(Cut)
            }
            FaultKind::ActThenCut => {
                self.act(request).await;
                record(None);
                Err(Cut)
            }
            FaultKind::ActThenHang { milliseconds } => {
                self.act(request).await;
                record(None);
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
                self.act(request).await;
                recorded(self.emulator.fault_error(FaultError::AfterActing {
                    status,
                    should_retry,
                }))
            }
            FaultKind::TruncateBody => {
                let response = self.emulator.handle(request).await;
                recorded(truncate(response))
            }
            FaultKind::DripBody {
                pieces,
                milliseconds,
            } => {
                let (parts, body) = self.emulator.handle(request).await.into_parts();
                let whole = body::collect(body, usize::MAX).await.map_err(|_| Cut)?;
                let drip = Drip::new(&whole, pieces, Duration::from_millis(milliseconds));
                recorded(Response::from_parts(parts, drip.boxed_unsync()))
            }
            FaultKind::Delay { milliseconds } => {
                let delay = Some(Duration::from_millis(milliseconds));
                recorded(self.handle_injected(request, delay, None).await?)
            }
            FaultKind::StoredServerError { status } => {
                recorded(self.handle_injected(request, None, Some(status)).await?)
            }
            // `FaultKind::error` has an error response for these.
            FaultKind::Status { .. }
            | FaultKind::RateLimited { .. }
            | FaultKind::KeyInUse
            | FaultKind::LockTimeout => Err(Cut),
        }
    }

    /// The vendor's error response, with the headers and the body that the fault gives itself.
    fn error(&self, error: FaultError, kind: &FaultKind) -> Response<ResponseBody> {
        let mut response = self.emulator.fault_error(error);
        if let FaultKind::Status { headers, body, .. } = kind {
            if let Some(body) = body {
                *response.body_mut() = body::full(body.clone());
            }
            for (name, value) in headers {
                set_header(&mut response, name, value);
            }
        }
        response
    }

    /// The work is done and its response made; then the response is lost.
    async fn act(&self, request: Request<RequestBody>) {
        let response = self.emulator.handle(request).await;
        drop(response);
    }

    /// Runs in its own task, so that a client that leaves does not undo the work. The body is read before.
    async fn handle_injected(
        &self,
        request: Request<RequestBody>,
        delay: Option<Duration>,
        failure: Option<u16>,
    ) -> Result<Response<ResponseBody>, Cut> {
        let (parts, body) = request.into_parts();
        let whole = body::collect(body, MAX_BODY).await.map_err(|_| Cut)?;
        let mut request = Request::from_parts(parts, body::full(whole));
        let injected = Injected { delay, failure };
        request.extensions_mut().insert(injected.clone());
        let (done, response) = tokio::sync::oneshot::channel();
        let emulator = Arc::clone(&self.emulator);
        self.work.spawn(async move {
            if !emulator.delays_itself() {
                injected.wait().await;
            }
            let response = emulator.handle(request).await;
            let _gone = done.send(response);
        });
        response.await.map_err(|_| Cut)
    }
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
