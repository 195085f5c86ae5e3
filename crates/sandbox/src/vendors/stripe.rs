//! Stripe's emulator: payments, refunds, customers and saved cards, with idempotency keys and the test cards.

use std::sync::{Arc, Mutex};

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request, Response, StatusCode};

use crate::body::{self, RequestBody, ResponseBody, answer};
use crate::ids::{self, Ids};
use crate::server::{Double, Pretend};
use crate::vendors::Vendor;
use crate::webhooks::Webhooks;
use emulator::{Inner, State};
use error::ApiError;
use idempotency::{Scoped, Stored, Turn};
use params::Params;
use render::API_VERSION;

pub use books::StripeBooks;
pub(crate) use emulator::StripeDouble;
pub(crate) use webhooks::StripeSigner;

pub use objects::{Charge, Customer, IntentStatus, PaymentIntent, Refund, RefundStatus};

mod account;
mod authenticate;
mod books;
mod capture;
mod cards;
mod collection;
mod confirm;
mod context;
mod currency;
mod customers;
mod declines;
mod emulator;
mod error;
mod expand;
mod form;
mod idempotency;
mod intents;
mod methods;
mod objects;
mod params;
mod reads;
mod refunds;
mod render;
mod routes;
mod setups;
mod webhooks;

/// The largest form that is accepted.
const MAX_BODY: usize = 1024 * 1024;

/// A request whose head was read.
struct Call {
    method: Method,
    path: String,
    query: String,
    account: String,
    key: Option<String>,
    request_id: String,
    headers: HeaderMap,
    pretend: Pretend,
}

impl StripeDouble {
    /// `base` is the emulator's own base URL; the payer's authentication pages are below it.
    pub(crate) fn new(base: String, seed: u64, webhooks: Webhooks) -> Self {
        Self(Arc::new(Inner {
            base,
            account: format!("acct_{}", ids::letters(ids::hash(seed, &[b"account"]), 16)),
            ids: Ids::new(seed, "stripe"),
            requests: Ids::new(seed, "stripe requests"),
            webhooks,
            state: Mutex::default(),
        }))
    }

    pub(crate) fn books(&self) -> StripeBooks {
        StripeBooks(self.clone())
    }

    /// Clears the whole state.
    pub(crate) fn reset(&self) {
        *self.state() = State::default();
        self.0.ids.reset();
    }

    async fn call(&self, request: Request<RequestBody>) -> Response<ResponseBody> {
        let (parts, body) = request.into_parts();
        let text = |name: &str| {
            let value = parts.headers.get(name)?;
            Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let call = Call {
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            account: text("stripe-account").unwrap_or_else(|| self.0.account.clone()),
            // The key has no effect on GET and DELETE: <https://docs.stripe.com/api/idempotent_requests>.
            key: text("idempotency-key").filter(|_| parts.method == Method::POST),
            request_id: format!("req_{}", self.0.requests.letters(14)),
            method: parts.method,
            headers: parts.headers,
            pretend: parts.extensions.get().cloned().unwrap_or_default(),
        };
        let body = match body::collect(body, MAX_BODY).await {
            Ok(body) => body,
            Err(error) => {
                return call.finish(Err(ApiError::invalid(error.to_string())), None);
            }
        };
        match self.checked(&call, &body) {
            Ok(params) => self.keyed(&call, params).await,
            Err(error) => call.finish(Err(error), None),
        }
    }

    /// Checks what comes before the idempotency key: authorization, content type and form.
    fn checked(&self, call: &Call, body: &[u8]) -> Result<Params, ApiError> {
        authorize(&call.headers)?;
        let is_form = call.headers.get(header::CONTENT_TYPE).is_none_or(|v| {
            v.as_bytes()
                .starts_with(b"application/x-www-form-urlencoded")
        });
        if !is_form && !body.is_empty() {
            return Err(ApiError::invalid(
                "Invalid request (check that your POST content type is application/x-www-form-urlencoded). If you have \
                 any questions, we can help at https://support.stripe.com/.",
            ));
        }
        let read = |text: &[u8]| {
            form::parse(text).map_err(|form::Malformed(name)| {
                ApiError::invalid(format!("Invalid parameter name: {name}")).param(name)
            })
        };
        let mut tree = read(call.query.as_bytes())?;
        tree.extend(read(body)?);
        Ok(Params::new(tree))
    }

    async fn keyed(&self, call: &Call, params: Params) -> Response<ResponseBody> {
        let Some(key) = &call.key else {
            wait(&call.pretend).await;
            return call.finish(self.perform(call, params), None);
        };
        let scoped: Scoped = (call.account.clone(), key.clone());
        let print = ids::hash(0, &[format!("{params:?}").as_bytes()]);
        let turn = self.state().keys.begin(&scoped, &call.path, print);
        match turn {
            Err(error) => call.finish(Err(error), None),
            Ok(Turn::Replay(stored)) => call.replay(stored),
            Ok(Turn::First) => {
                wait(&call.pretend).await;
                call.finish(self.perform(call, params), Some((self, &scoped)))
            }
        }
    }

    /// Executes the call, or fails as an injected fault asks.
    fn perform(&self, call: &Call, params: Params) -> Result<serde_json::Value, ApiError> {
        match call.pretend.failure {
            Some(status) => Err(ApiError::server(
                StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            )),
            None => self.execute(call, params),
        }
    }

    fn execute(&self, call: &Call, params: Params) -> Result<serde_json::Value, ApiError> {
        let unknown = || ApiError::route(call.method.as_str(), &call.path);
        let path = call.path.strip_prefix("/v1/").ok_or_else(unknown)?;
        let mut state = self.state();
        let mut context = self.context(
            &mut state,
            &call.account,
            (&call.request_id, call.key.as_deref()),
        );
        routes::execute(&mut context, call.method.as_str(), path, params)
    }
}

impl Double for StripeDouble {
    const VENDOR: Vendor = Vendor::Stripe;

    async fn handle(&self, request: Request<RequestBody>) -> Response<ResponseBody> {
        match request.uri().path().strip_prefix("/_sandbox/authenticate/") {
            Some(id) => authenticate::page(self, id, request.uri().query().unwrap_or_default()),
            None => self.call(request).await,
        }
    }
}

impl Call {
    /// The response to a first request; it is stored under its key if the request was executed.
    fn finish(
        &self,
        result: Result<serde_json::Value, ApiError>,
        keep: Option<(&StripeDouble, &Scoped)>,
    ) -> Response<ResponseBody> {
        let (status, executed, body) = match result {
            Ok(value) => (StatusCode::OK, true, value),
            Err(error) => (error.status, error.executed, error.body()),
        };
        let stored = Stored {
            status,
            body: format!("{body:#}").into(),
            request_id: self.request_id.clone(),
        };
        if let Some((double, scoped)) = keep {
            let keys = &mut double.state().keys;
            if executed {
                keys.finish(scoped, stored.clone())
            } else {
                keys.forget(scoped)
            }
        }
        self.respond(&stored)
    }

    fn replay(&self, stored: Stored) -> Response<ResponseBody> {
        let mut response = self.respond(&stored);
        response.headers_mut().insert(
            HeaderName::from_static("idempotent-replayed"),
            HeaderValue::from_static("true"),
        );
        response
    }

    fn respond(&self, stored: &Stored) -> Response<ResponseBody> {
        let mut response = answer(stored.status, "application/json", stored.body.clone());
        let headers = response.headers_mut();
        let mut set = |name: &'static str, value: &str| {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        };
        set("request-id", &self.request_id);
        if let Some(key) = &self.key {
            set("idempotency-key", key);
            set("original-request", &stored.request_id);
        }
        let sent = |name: &str| self.headers.get(name).and_then(|v| v.to_str().ok());
        set(
            "stripe-version",
            sent("stripe-version").unwrap_or(API_VERSION),
        );
        if let Some(account) = sent("stripe-account") {
            set("stripe-account", account);
        }
        response
    }
}

async fn wait(pretend: &Pretend) {
    if let Some(delay) = pretend.delay {
        tokio::time::sleep(delay).await;
    }
}

/// Checks the API key, sent as Bearer or Basic credentials: a secret or restricted key of test mode.
fn authorize(headers: &HeaderMap) -> Result<(), ApiError> {
    let value = headers
        .get(header::AUTHORIZATION)
        .map(|v| String::from_utf8_lossy(v.as_bytes()));
    let key = match value.as_deref().and_then(|v| v.split_once(' ')) {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => key.trim().to_owned(),
        Some((scheme, pair)) if scheme.eq_ignore_ascii_case("basic") => user_of(pair.trim()),
        _ => String::new(),
    };
    if key.is_empty() {
        return Err(ApiError::unauthorized(
            "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer \
             auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for \
             details, or we can help at https://support.stripe.com/.",
        ));
    }
    if key.starts_with("pk_") {
        return Err(ApiError::unauthorized(
            "This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list \
             of your API keys at https://dashboard.stripe.com/account/apikeys.",
        )
        .code("secret_key_required"));
    }
    let rest = key
        .strip_prefix("sk_test_")
        .or_else(|| key.strip_prefix("rk_test_"));
    if rest.is_some_and(|rest| !rest.is_empty()) {
        Ok(())
    } else {
        let shown: String = key.chars().take(8).collect();
        let end: String = key
            .chars()
            .skip(key.chars().count().saturating_sub(4))
            .collect();
        let message = format!("Invalid API Key provided: {shown}****{end}");
        Err(ApiError::unauthorized(message))
    }
}

/// The user name of Basic credentials.
fn user_of(pair: &str) -> String {
    use base64::Engine as _;
    let decoded = base64::engine::general_purpose::STANDARD
        .decode(pair)
        .unwrap_or_default();
    let text = String::from_utf8_lossy(&decoded).into_owned();
    text.split(':').next().unwrap_or_default().to_owned()
}
