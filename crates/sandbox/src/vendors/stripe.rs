//! Stripe's emulator: payments, refunds, customers and saved cards, with idempotency keys and the test cards.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use http::header::{HeaderName, HeaderValue};
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
use crate::reply::typed;
use crate::webhooks::Sender;
use access::Access;
use emulator::{Inner, State};
use error::ApiError;
use idempotency::{Scoped, Stored, Turn};
use params::Params;
use render::API_VERSION;
use webhooks::StripeSigner;

pub use handle::StripeHandle;
pub use objects::{
    Charge, CheckoutSession, Customer, IntentStatus, PaymentIntent, Refund, RefundStatus,
};
pub use state::StripeState;

pub(crate) use emulator::StripeEmulator;

mod access;
mod account;
mod authenticate;
mod capture;
mod cards;
mod collection;
mod confirm;
mod context;
mod control;
mod currency;
mod customers;
mod declines;
mod emulator;
mod error;
mod expand;
mod faults;
mod form;
mod handle;
mod idempotency;
mod intents;
mod methods;
mod objects;
mod pages;
mod params;
mod reads;
mod refunds;
mod render;
mod retries;
mod routes;
mod search;
mod sessions;
mod setups;
mod state;
mod webhooks;

/// The largest form that is accepted.
const MAX_BODY: usize = 1024 * 1024;

/// The options that only this emulator has.
pub(crate) type Options = ();

/// A request whose headers were read.
struct StripeCall {
    head: Call,
    account: String,
    key: Option<String>,
    request_id: String,
}

impl StripeEmulator {
    pub(crate) fn create(setup: &Setup, _: Options) -> Result<Self, SandboxError> {
        let (seed, access) = (setup.seed, Access::new(setup));
        let signer = StripeSigner::new(&access.webhook_secret);
        let forger = StripeSigner::new("a secret that the application does not know");
        let account = ids::letters(ids::hash(seed, &[b"account"]), 16);
        Ok(Self(Arc::new(Inner {
            access,
            account: format!("acct_{account}"),
            ids: Ids::new(seed, "stripe"),
            requests: Ids::new(seed, "stripe requests"),
            webhooks: setup.outbox(Sender::new(signer, forger, retries::wait)),
            state: Mutex::default(),
        })))
    }

    async fn call(&self, request: Request<RequestBody>) -> Response<ResponseBody> {
        let (head, body) = Call::receive(request, MAX_BODY).await;
        let key = head.header("idempotency-key");
        let account = head.header("stripe-account");
        let call = StripeCall {
            account: account.unwrap_or_else(|| self.0.account.clone()),
            // The key has no effect on GET and DELETE: <https://docs.stripe.com/api/idempotent_requests>.
            key: key.filter(|_| head.method == Method::POST),
            request_id: format!("req_{}", self.0.requests.letters(14)),
            head,
        };
        let body = match body {
            Ok(body) => body,
            Err(error) => {
                return call.finish(Err(ApiError::invalid(error.to_string())), None);
            }
        };
        match checked(&call.head, &body) {
            Ok(params) => self.keyed(&call, params).await,
            Err(error) => call.finish(Err(error), None),
        }
    }

    async fn keyed(&self, call: &StripeCall, params: Params) -> Response<ResponseBody> {
        let Some(key) = &call.key else {
            call.head.injected.wait().await;
            return call.finish(self.perform(call, params), None);
        };
        let scoped: Scoped = (call.account.clone(), key.clone());
        let print = ids::hash(0, &[format!("{params:?}").as_bytes()]);
        let turn = self.state().keys.begin(&scoped, &call.head.path, print);
        match turn {
            Err(error) => call.finish(Err(error), None),
            Ok(Turn::Replay(stored)) => call.replay(stored),
            Ok(Turn::First) => {
                call.head.injected.wait().await;
                call.finish(self.perform(call, params), Some((self, &scoped)))
            }
        }
    }

    /// Executes the call, or fails as an injected fault asks.
    fn perform(&self, call: &StripeCall, params: Params) -> Result<Value, ApiError> {
        match call.head.injected.failure {
            Some(status) => Err(ApiError::server(
                StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            )),
            None => self.execute(call, params),
        }
    }

    fn execute(&self, call: &StripeCall, params: Params) -> Result<Value, ApiError> {
        let unknown = || ApiError::route(call.head.method.as_str(), &call.head.path);
        let path = call.head.path.strip_prefix("/v1/").ok_or_else(unknown)?;
        let mut state = self.state();
        let mut context = self.context(
            &mut state,
            &call.account,
            (&call.request_id, call.key.as_deref()),
        );
        routes::execute(&mut context, call.head.method.as_str(), path, params)
    }
}

#[async_trait]
impl Emulator for StripeEmulator {
    async fn handle(&self, request: Request<RequestBody>) -> Response<ResponseBody> {
        let (path, query) = (
            request.uri().path(),
            request.uri().query().unwrap_or_default(),
        );
        match path
            .strip_prefix("/_sandbox/")
            .and_then(|page| page.split_once('/'))
        {
            Some(("authenticate", id)) => authenticate::page(self, id, query),
            Some(("checkout", id)) => pages::page(self, id, query),
            _ => self.call(request).await,
        }
    }

    fn reset(&self) {
        *self.state() = State::default();
        self.0.ids.reset();
    }

    fn logical_request(&self, head: &Parts) -> LogicalRequest {
        LogicalRequest::header_or_query(head, "idempotency-key")
    }

    fn fault_error(&self, error: FaultError) -> Response<ResponseBody> {
        faults::error(error)
    }

    fn fault_mix(&self, plan: &FaultPlan, method: &Method, _path: &str) -> Mix {
        faults::mix(plan, method)
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
        control::respond(&StripeState::new(self), request)
    }

    fn links(&self) -> &'static [Link] {
        control::LINKS
    }

    fn tables(&self) -> Vec<Table> {
        control::tables(&StripeState::new(self))
    }
}

impl StripeCall {
    /// The response to a first request; it is stored under its key if the request was executed.
    fn finish(
        &self,
        result: Result<Value, ApiError>,
        keep: Option<(&StripeEmulator, &Scoped)>,
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
        if let Some((emulator, scoped)) = keep {
            let keys = &mut emulator.state().keys;
            if executed {
                keys.finish(scoped, stored.clone());
            } else {
                keys.forget(scoped);
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
        let mut response = typed(stored.status, "application/json", stored.body.clone());
        let mut set = |name: &str, value: &str| set_header(&mut response, name, value);
        set("request-id", &self.request_id);
        if let Some(key) = &self.key {
            set("idempotency-key", key);
            set("original-request", &stored.request_id);
        }
        let sent = |name: &str| self.head.headers.get(name).and_then(|v| v.to_str().ok());
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

/// Checks what comes before the idempotency key: authorization, content type and form.
fn checked(head: &Call, body: &[u8]) -> Result<Params, ApiError> {
    authorize(head)?;
    let is_typed = head.header("content-type").is_some();
    if !body.is_empty() && is_typed && !head.has_type("application/x-www-form-urlencoded") {
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
    let mut tree = read(head.query.as_bytes())?;
    tree.extend(read(body)?);
    Ok(Params::new(tree))
}

/// Checks the API key, sent as Bearer or Basic credentials: a secret or restricted key of test mode.
fn authorize(head: &Call) -> Result<(), ApiError> {
    let basic = || Some(head.basic()?.0);
    let key = head.credentials("bearer").or_else(basic);
    let key = key.unwrap_or_default();
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
