//! Twilio's double: messages and verifications. Nothing leaves the machine; a message moves on when it is read, or by
//! itself where its callback is on this machine.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use serde_json::{Value, json};

use crate::body::{self, ReadError, RequestBody, ResponseBody, answer};
use crate::ids::{self, Ids};
use crate::server::Double;
use crate::vendors::Vendor;
use crate::webhooks::Webhooks;
use form::Form;
use refusal::Refusal;

pub(crate) use address::NUMBER;
pub use books::{
    CodeSent, Encoding, Message, MessageStatus, TwilioBooks, Verification, VerificationStatus,
};
pub use content::ContentTemplate;
pub(crate) use webhooks::TwilioSigner;

mod address;
mod books;
mod check;
mod content;
mod form;
mod list;
mod messages;
mod refusal;
mod segments;
#[cfg(test)]
mod tests;
mod verify;
mod webhooks;

/// No form that the vendor takes is larger.
const MAX_BODY: usize = 1024 * 1024;
/// What the account starts with, in hundred-thousandths of a dollar.
const BALANCE: u64 = 10_000_000;

/// The account and its secrets; worth nothing outside.
#[derive(Clone)]
pub(crate) struct Account {
    pub(crate) sid: String,
    pub(crate) auth_token: String,
    pub(crate) api_key: String,
    pub(crate) api_secret: String,
    pub(crate) messaging_service: String,
    pub(crate) verify_service: String,
}

impl Account {
    pub(crate) fn new(seed: u64) -> Self {
        let state = |name: &str| ids::hash(seed, &[b"twilio", name.as_bytes()]);
        let sid = |kind: &str| format!("{kind}{}", ids::hex(state(kind), 32));
        Self {
            sid: sid("AC"),
            auth_token: ids::hex(state("auth token"), 32),
            api_key: sid("SK"),
            api_secret: ids::letters(state("api secret"), 32),
            messaging_service: sid("MG"),
            verify_service: sid("VA"),
        }
    }

    /// Basic, with the account's token or with the key's secret.
    fn authorize(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let value = headers.get(header::AUTHORIZATION);
        let pair = value
            .and_then(|v| v.to_str().ok())
            .and_then(|v| v.strip_prefix("Basic "))
            .and_then(|v| BASE64_STANDARD.decode(v).ok())
            .and_then(|v| String::from_utf8(v).ok());
        let fits = match pair.as_deref().and_then(|p| p.split_once(':')) {
            Some((user, secret)) if user == self.sid => secret == self.auth_token,
            Some((user, secret)) if user == self.api_key => secret == self.api_secret,
            _ => false,
        };
        match fits {
            true => Ok(()),
            false => Err(Refusal::unauthorized()),
        }
    }
}

/// A Twilio that keeps its messages.
#[derive(Clone)]
pub(crate) struct TwilioDouble(Arc<Inner>);

struct Inner {
    ids: Ids,
    account: Account,
    templates: BTreeMap<String, ContentTemplate>,
    webhooks: Webhooks,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    messages: Vec<Message>,
    verifications: Vec<Verification>,
    /// Person and our number, for everyone who wrote STOP.
    opted_out: BTreeSet<(String, String)>,
    /// When a person last wrote to our number.
    inbound: BTreeMap<(String, String), i64>,
}

impl TwilioDouble {
    pub(crate) fn new(
        seed: u64,
        account: Account,
        templates: Vec<ContentTemplate>,
        webhooks: Webhooks,
    ) -> Self {
        Self(Arc::new(Inner {
            ids: Ids::new(seed, "twilio"),
            account,
            templates: templates.into_iter().map(|t| (t.sid.clone(), t)).collect(),
            webhooks,
            state: Mutex::default(),
        }))
    }

    pub(crate) fn books(&self) -> TwilioBooks {
        TwilioBooks(self.clone())
    }

    /// Forgets everything but the templates.
    pub(crate) fn reset(&self) {
        *self.state() = State::default();
        self.0.ids.reset();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn call(&self, request: Request<RequestBody>) -> Result<Response<ResponseBody>, Refusal> {
        let (parts, body) = request.into_parts();
        let body = body::collect(body, MAX_BODY).await;
        self.0.account.authorize(&parts.headers)?;
        let body = body.map_err(|error| match error {
            ReadError::TooLarge(_) => {
                Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, 20413, "Payload Too Large")
            }
            ReadError::Broken(_) => Refusal::bad(20400, "Bad Request"),
        })?;
        let path = parts.uri.path();
        let steps: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let query = Form::read(parts.uri.query().unwrap_or_default().as_bytes());
        let form = match is_form(&parts.headers) {
            true => Form::read(&body),
            false => Form::read(b""),
        };
        let (account, method) = (&self.0.account, &parts.method);
        match steps.as_slice() {
            ["2010-04-01", "Accounts", sid, rest @ ..] if *sid == account.sid => {
                self.account_call(method, rest, (&form, &query), path)
            }
            // The key is not of that account.
            ["2010-04-01", "Accounts", _, _, ..] => Err(Refusal::unauthorized()),
            ["v2", "Services", sid, rest @ ..] if *sid == account.verify_service => {
                self.verify_call(method, rest, &form, path)
            }
            _ => Err(Refusal::not_found(path)),
        }
    }

    fn account_call(
        &self,
        method: &Method,
        steps: &[&str],
        (form, query): (&Form, &Form),
        path: &str,
    ) -> Result<Response<ResponseBody>, Refusal> {
        let missing = || Refusal::not_found(path);
        let ok = |value: Value| show(StatusCode::OK, &value);
        match (method.as_str(), steps) {
            ("POST", ["Messages.json"]) => self.send(form),
            ("GET", ["Messages.json"]) => list::page(&self.state().messages, path, query).map(ok),
            ("GET", ["Balance.json"]) => Ok(ok(self.balance())),
            (_, ["Messages", file]) => {
                let sid = file.strip_suffix(".json").ok_or_else(missing)?;
                match method.as_str() {
                    "GET" => self.read_message(sid).map(ok).ok_or_else(missing),
                    "POST" => self.change(sid, form).ok_or_else(missing)?,
                    "DELETE" => self.delete(sid).ok_or_else(missing),
                    _ => Err(not_allowed()),
                }
            }
            (_, ["Messages.json" | "Balance.json"]) => Err(not_allowed()),
            _ => Err(missing()),
        }
    }

    fn verify_call(
        &self,
        method: &Method,
        steps: &[&str],
        form: &Form,
        path: &str,
    ) -> Result<Response<ResponseBody>, Refusal> {
        let missing = || Refusal::not_found(path);
        match (method.as_str(), steps) {
            ("POST", ["Verifications"]) => self.verify(form),
            ("GET", ["Verifications", sid]) => {
                let sid = percent_encoding::percent_decode_str(sid).decode_utf8_lossy();
                let found = self.verification(&sid).ok_or_else(missing)?;
                Ok(show(StatusCode::OK, &found))
            }
            ("POST", ["Verifications", sid]) => self.settle(sid, form).ok_or_else(missing)?,
            ("POST", ["VerificationCheck"]) => self.verification_check(form, path),
            (_, ["Verifications" | "VerificationCheck"] | ["Verifications", _]) => {
                Err(not_allowed())
            }
            _ => Err(missing()),
        }
    }

    /// `GET Balance.json`: what is left after the messages that were sent.
    fn balance(&self) -> Value {
        let spent: u64 = self
            .state()
            .messages
            .iter()
            .filter_map(Message::price)
            .sum();
        let left = BALANCE.saturating_sub(spent);
        let balance = format!("{}.{:05}", left / 100_000, left % 100_000);
        json!({"account_sid": self.0.account.sid, "balance": balance, "currency": "USD"})
    }
}

impl Double for TwilioDouble {
    const VENDOR: Vendor = Vendor::Twilio;

    async fn handle(&self, request: Request<RequestBody>) -> Response<ResponseBody> {
        match self.call(request).await {
            Ok(response) => response,
            Err(refusal) => refusal.into_response(),
        }
    }
}

/// What comes with another type has no fields for the vendor.
fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    kind.is_some_and(|k| k.starts_with(b"application/x-www-form-urlencoded"))
}

fn not_allowed() -> Refusal {
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, 20004, "Method not allowed")
}

fn show(status: StatusCode, value: &Value) -> Response<ResponseBody> {
    answer(status, "application/json", value.to_string())
}

fn empty(status: StatusCode) -> Response<ResponseBody> {
    let mut response = Response::new(body::full(""));
    *response.status_mut() = status;
    response
}
