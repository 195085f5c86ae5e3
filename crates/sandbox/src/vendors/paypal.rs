//! `PayPal`'s emulator: orders, payments and the vault, with the payer's pages and the request-id rule.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use http::header::HeaderValue;
use http::request::Parts;
use http::{Method, Request, Response, StatusCode};
use serde_json::Value;

use crate::body::{RequestBody, ResponseBody};
use crate::call::Call;
use crate::emulator::{ControlRequest, Emulator, LogicalRequest, Setup};
use crate::error::SandboxError;
use crate::faults::{FaultError, FaultPlan, Mix, set_header};
use crate::html::{Link, Table};
use crate::ids::{self, Ids};
use crate::reply::{empty, json, typed};
use crate::webhooks::Sender;
use access::Access;
use account::ObjectRef;
use call::{PayPalCall, Reply};
use context::SEARCH_LAG_SECONDS;
use emulator::{Inner, State};
use error::ApiError;
use request_id::{Scoped, Turn};
use webhooks::{PayPalForger, PayPalSigner, Seal};

pub use handle::PayPalHandle;
pub use state::{Authorization, Capture, Order, PayPalState, Refund};

pub(crate) use emulator::PayPalEmulator;
pub(crate) use options::Options;

mod access;
mod account;
mod approve;
mod builder;
mod call;
mod cards;
mod collection;
mod context;
mod control;
mod emulator;
mod error;
mod events;
mod expire;
mod faults;
mod fields;
mod handle;
mod issues;
mod money;
mod notifications;
mod objects;
mod options;
mod orders;
mod pay;
mod payments;
mod render;
mod reporting;
mod request_id;
mod retries;
mod routes;
mod source;
mod state;
mod token;
mod vault;
mod webhooks;

/// The largest request body that is accepted.
const MAX_BODY: usize = 1024 * 1024;

impl PayPalEmulator {
    pub(crate) fn create(setup: &Setup, options: Options) -> Result<Self, SandboxError> {
        let (seed, access) = (setup.seed, Access::new(setup));
        let invalid = || SandboxError::Options("PayPal's signing key is invalid".to_owned());
        let seal = Seal::new(&access.url, &access.webhook_id, seed).map(Arc::new);
        let seal = seal.ok_or_else(invalid)?;
        let signer = PayPalSigner(Arc::clone(&seal));
        let forger = PayPalForger(Arc::clone(&seal));
        Ok(Self(Arc::new(Inner {
            access,
            seed,
            token_seconds: i64::try_from(options.token_seconds).unwrap_or(i64::MAX),
            ids: Ids::new(seed, "paypal"),
            event_ids: Ids::new(seed, "paypal events"),
            requests: Ids::new(seed, "paypal requests"),
            seal,
            webhooks: setup.outbox(Sender::new(signer, forger, retries::wait)),
            state: Mutex::default(),
            ahead: AtomicI64::default(),
            search_lag: AtomicI64::new(SEARCH_LAG_SECONDS),
        })))
    }

    async fn call(&self, request: Request<RequestBody>) -> Response<ResponseBody> {
        let (head, body) = Call::receive(request, MAX_BODY).await;
        let call = PayPalCall::new(head);
        let Ok(body) = body else {
            return self.respond(Err(ApiError::status(400)));
        };
        if call.head.path == "/v1/oauth2/token" && call.head.method == Method::POST {
            return self.token(&call, &body).await;
        }
        if let Some(name) = webhooks::certificate_of(&call) {
            return self.certificates(&call, name).await;
        }
        let checked = self.checked(&call, &body);
        let reply = match checked {
            Ok(value) if notifications::is_verification(&call) => {
                let waited = call.wait().await;
                waited.and_then(|()| notifications::verify(&self.0.seal, &value, &body))
            }
            Ok(value) => self.keyed(&call, &value).await,
            Err(error) => Err(error),
        };
        self.respond(reply)
    }

    async fn token(&self, call: &PayPalCall, form: &[u8]) -> Response<ResponseBody> {
        if let Err(error) = call.wait().await {
            return self.respond(Err(error));
        }
        let access = &self.0.access;
        let secrets = (access.client_id.as_str(), access.client_secret.as_str());
        let times = (self.now(), self.0.token_seconds);
        let tokens = &mut self.state().tokens;
        let (status, body) = token::respond(tokens, &call.head, form, secrets, self.0.seed, times);
        self.respond(Ok(Reply {
            status,
            body: Some(body),
        }))
    }

    /// Checks what comes before the request id: authorization, the mock header, content type and JSON.
    fn checked(&self, call: &PayPalCall, body: &[u8]) -> Result<Value, ApiError> {
        if !self.state().tokens.admits(&call.head, self.now()) {
            return Err(ApiError::status(401));
        }
        let mocked = call.head.headers.get("paypal-mock-response");
        if let Some(issue) = mocked.and_then(|value| mocked_issue(value, &call.head.path)) {
            return Err(ApiError::issue(&issue));
        }
        if !matches!(call.head.method, Method::POST | Method::PATCH) {
            return Ok(Value::Null);
        }
        if !call.head.has_type("application/json") {
            return Err(ApiError::status(415));
        }
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Value::Object(serde_json::Map::new()));
        }
        serde_json::from_slice(body).map_err(|_| ApiError::issue("MALFORMED_REQUEST_JSON").at("/"))
    }

    async fn keyed(&self, call: &PayPalCall, body: &Value) -> Result<Reply, ApiError> {
        let id = call.request_id.as_ref();
        let scoped: Option<Scoped> = id
            .filter(|_| routes::takes_request_id(call.head.method.as_str(), &call.head.path))
            .map(|id| (id.clone(), call.head.path.clone()));
        let Some(scoped) = scoped else {
            call.wait().await?;
            return self.execute(call, body).map(|(reply, _)| reply);
        };
        let turn = self.state().ids.begin(&scoped)?;
        if let Turn::Repeat(what) = turn {
            let mut state = self.state();
            let context = self.context(&mut state.account, call.whole, true);
            let body = context.show(&what);
            let status = if body.is_some() { 200 } else { 204 };
            return Ok(Reply { status, body });
        }
        let done = match call.wait().await {
            Ok(()) => self.execute(call, body),
            Err(error) => Err(error),
        };
        let made = done.as_ref().ok().and_then(|(_, what)| what.clone());
        self.state().ids.end(&scoped, made);
        done.map(|(reply, _)| reply)
    }

    /// Serves the certificates that verify a signature; no access token is needed.
    async fn certificates(&self, call: &PayPalCall, name: &str) -> Response<ResponseBody> {
        if let Err(error) = call.wait().await {
            return self.respond(Err(error));
        }
        match webhooks::chain(name) {
            Some(chain) => typed(StatusCode::OK, "text/plain", chain),
            None => self.respond(Err(ApiError::status(404))),
        }
    }

    fn execute(
        &self,
        call: &PayPalCall,
        body: &Value,
    ) -> Result<(Reply, Option<ObjectRef>), ApiError> {
        let mut state = self.state();
        let mut context = self.context(&mut state.account, call.whole, call.request_id.is_some());
        routes::execute(&mut context, call, body)
    }

    fn respond(&self, reply: Result<Reply, ApiError>) -> Response<ResponseBody> {
        let state = self.0.requests.letters(12);
        let debug_id = format!("f{:012x}", ids::hash(0, &[state.as_bytes()]) >> 16);
        let (status, body) = match reply {
            Ok(reply) => {
                let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::OK);
                (status, reply.body)
            }
            Err(error) => (error.status, Some(error.body(&debug_id))),
        };
        let mut response = match body {
            Some(body) => json(status, &body),
            None => empty(status),
        };
        set_header(&mut response, "paypal-debug-id", &debug_id);
        response
    }
}

#[async_trait]
impl Emulator for PayPalEmulator {
    async fn handle(&self, request: Request<RequestBody>) -> Response<ResponseBody> {
        let query = request.uri().query().unwrap_or_default();
        match approve::page(self, request.uri().path(), query) {
            Some(page) => page,
            None => self.call(request).await,
        }
    }

    /// Also the current access token.
    fn reset(&self) {
        *self.state() = State::default();
        self.0.ahead.store(0, Ordering::Relaxed);
        self.0
            .search_lag
            .store(SEARCH_LAG_SECONDS, Ordering::Relaxed);
        self.0.ids.reset();
        self.0.event_ids.reset();
    }

    fn logical_request(&self, head: &Parts) -> LogicalRequest {
        LogicalRequest::header_or_query(head, "paypal-request-id")
    }

    fn fault_error(&self, error: FaultError) -> Response<ResponseBody> {
        faults::error(error)
    }

    fn fault_mix(&self, plan: &FaultPlan, method: &Method, path: &str) -> Mix {
        faults::mix(plan, method, path)
    }

    fn delays_itself(&self) -> bool {
        true
    }

    fn config_toml(&self, _endpoint: Option<&str>) -> String {
        self.0.access.config_toml()
    }

    fn variables(&self) -> Vec<(&'static str, String)> {
        self.0.access.variables()
    }

    fn about(&self) -> Value {
        self.0.access.about()
    }

    fn control(&self, request: &ControlRequest<'_>) -> Option<Response<ResponseBody>> {
        control::respond(&PayPalState::new(self), request)
    }

    fn links(&self) -> &'static [Link] {
        control::LINKS
    }

    fn tables(&self) -> Vec<Table> {
        control::tables(&PayPalState::new(self), &self.0.access.url)
    }
}

/// The issue that the header `PayPal-Mock-Response` asks for. It works on Orders and Payments only, and an unknown issue
/// is ignored: <https://developer.paypal.com/tools/sandbox/negative-testing/>.
fn mocked_issue(value: &HeaderValue, path: &str) -> Option<String> {
    let mocks = path.starts_with("/v2/checkout/") || path.starts_with("/v2/payments/");
    let asked: Value = serde_json::from_slice(value.as_bytes()).ok()?;
    let codes = asked.get("mock_application_codes")?;
    let issue = codes.as_str().or_else(|| codes.get(0)?.as_str())?;
    issues::status_of(issue).filter(|_| mocks)?;
    Some(issue.to_owned())
}
