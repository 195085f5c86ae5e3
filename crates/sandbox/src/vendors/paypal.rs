//! `PayPal`'s emulator: orders, payments and the vault, with the payer's pages and the request-id rule.

use std::sync::{Arc, Mutex};

use http::header::{self, HeaderName, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use serde_json::Value;

use crate::body::{self, RequestBody, ResponseBody, answer};
use crate::clock;
use crate::ids::{self, Ids};
use crate::server::Double;
use crate::vendors::Vendor;
use crate::webhooks::Webhooks;
use account::ObjectRef;
use call::{Call, Reply};
use emulator::{Inner, State};
use error::ApiError;
use request_id::{Scoped, Turn};

pub use books::{Authorization, Capture, Order, PayPalBooks, Refund};
pub(crate) use emulator::PayPalDouble;
pub(crate) use error::words;
pub(crate) use token::LIFE;
pub(crate) use webhooks::{PayPalForger, PayPalSigner, ROOT, Seal};

mod account;
mod approve;
mod books;
mod call;
mod cards;
mod collection;
mod context;
mod emulator;
mod error;
mod events;
mod expire;
mod fields;
mod issues;
mod money;
mod notifications;
mod objects;
mod orders;
mod pay;
mod payments;
mod render;
mod request_id;
mod routes;
mod source;
mod token;
mod vault;
mod webhooks;

/// The largest request body that is accepted.
const MAX_BODY: usize = 1024 * 1024;

/// The settings of the emulator.
pub(crate) struct PayPalOptions {
    /// The emulator's own base URL; links and the payer's pages are below it.
    pub(crate) base: String,
    pub(crate) seed: u64,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    pub(crate) token_seconds: u64,
    pub(crate) seal: Arc<Seal>,
    pub(crate) webhooks: Webhooks,
}

impl PayPalDouble {
    pub(crate) fn new(options: PayPalOptions) -> Self {
        let seed = options.seed;
        Self(Arc::new(Inner {
            base: options.base,
            seed,
            client_id: options.client_id,
            client_secret: options.client_secret,
            token_seconds: i64::try_from(options.token_seconds).unwrap_or(i64::MAX),
            ids: Ids::new(seed, "paypal"),
            event_ids: Ids::new(seed, "paypal events"),
            requests: Ids::new(seed, "paypal requests"),
            seal: options.seal,
            webhooks: options.webhooks,
            state: Mutex::default(),
        }))
    }

    pub(crate) fn books(&self) -> PayPalBooks {
        PayPalBooks(self.clone())
    }

    /// Clears the whole state, also the current access token.
    pub(crate) fn reset(&self) {
        *self.state() = State::default();
        self.0.ids.reset();
        self.0.event_ids.reset();
    }

    async fn call(&self, request: Request<RequestBody>) -> Response<ResponseBody> {
        let (parts, body) = request.into_parts();
        let text = |name: &str| {
            let value = parts.headers.get(name)?;
            Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let call = Call {
            path: parts.uri.path().trim_end_matches('/').to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            request_id: text("paypal-request-id"),
            whole: parts.method == Method::GET
                || text("prefer").is_some_and(|p| p.contains("return=representation")),
            method: parts.method,
            headers: parts.headers,
            pretend: parts.extensions.get().cloned().unwrap_or_default(),
        };
        let Ok(body) = body::collect(body, MAX_BODY).await else {
            return self.respond(Err(ApiError::status(400)));
        };
        if call.path == "/v1/oauth2/token" && call.method == Method::POST {
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

    async fn token(&self, call: &Call, form: &[u8]) -> Response<ResponseBody> {
        if let Err(error) = call.wait().await {
            return self.respond(Err(error));
        }
        let secrets = (self.0.client_id.as_str(), self.0.client_secret.as_str());
        let times = (clock::unix_seconds(), self.0.token_seconds);
        let tokens = &mut self.state().tokens;
        let (status, body) =
            token::respond(tokens, &call.headers, form, secrets, self.0.seed, times);
        self.respond(Ok(Reply {
            status,
            body: Some(body),
        }))
    }

    /// Checks what comes before the request id: authorization, the mock header, content type and JSON.
    fn checked(&self, call: &Call, body: &[u8]) -> Result<Value, ApiError> {
        if !self
            .state()
            .tokens
            .admits(&call.headers, clock::unix_seconds())
        {
            return Err(ApiError::status(401));
        }
        let mocked = call.headers.get("paypal-mock-response");
        if let Some(issue) = mocked.and_then(|value| mocked_issue(value, &call.path)) {
            return Err(ApiError::issue(&issue));
        }
        if !matches!(call.method, Method::POST | Method::PATCH) {
            return Ok(Value::Null);
        }
        let kind = call.headers.get(header::CONTENT_TYPE);
        if !kind.is_some_and(|v| v.as_bytes().starts_with(b"application/json")) {
            return Err(ApiError::status(415));
        }
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Value::Object(serde_json::Map::new()));
        }
        serde_json::from_slice(body).map_err(|_| ApiError::issue("MALFORMED_REQUEST_JSON").at("/"))
    }

    async fn keyed(&self, call: &Call, body: &Value) -> Result<Reply, ApiError> {
        let id = call.request_id.as_ref();
        let scoped: Option<Scoped> = id
            .filter(|_| routes::takes_request_id(call.method.as_str(), &call.path))
            .map(|id| (id.clone(), call.path.clone()));
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
    async fn certificates(&self, call: &Call, name: &str) -> Response<ResponseBody> {
        if let Err(error) = call.wait().await {
            return self.respond(Err(error));
        }
        match webhooks::chain(name) {
            Some(chain) => answer(StatusCode::OK, "text/plain", chain),
            None => self.respond(Err(ApiError::status(404))),
        }
    }

    fn execute(&self, call: &Call, body: &Value) -> Result<(Reply, Option<ObjectRef>), ApiError> {
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
            Some(body) => answer(status, "application/json", body.to_string()),
            None => {
                let mut response = Response::new(body::full(""));
                *response.status_mut() = status;
                response
            }
        };
        if let Ok(value) = HeaderValue::try_from(debug_id) {
            let name = HeaderName::from_static("paypal-debug-id");
            response.headers_mut().insert(name, value);
        }
        response
    }
}

impl Double for PayPalDouble {
    const VENDOR: Vendor = Vendor::PayPal;

    async fn handle(&self, request: Request<RequestBody>) -> Response<ResponseBody> {
        let query = request.uri().query().unwrap_or_default();
        match approve::page(self, request.uri().path(), query) {
            Some(page) => page,
            None => self.call(request).await,
        }
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
