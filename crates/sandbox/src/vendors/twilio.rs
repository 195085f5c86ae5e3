//! Twilio's emulator: messages and verifications. Nothing leaves the machine. The status of a message advances when it is
//! read, or by itself if its callback is on this machine.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use http::request::Parts;
use http::{Method, Request, Response, StatusCode};
use serde_json::{Value, json};

use crate::body::{ReadError, RequestBody, ResponseBody};
use crate::call::Call;
use crate::emulator::{ControlRequest, Emulator, LogicalRequest, Setup};
use crate::error::SandboxError;
use crate::faults::{FaultError, FaultPlan, Mix};
use crate::html::{Link, Table};
use crate::ids::Ids;
use crate::reply::json;
use crate::webhooks::Sender;
use access::Access;
use emulator::{Inner, State};
use error::ApiError;
use form::Form;
use webhooks::TwilioSigner;

pub use content::ContentTemplate;
pub use handle::TwilioHandle;
pub use message::{Encoding, Message, MessageStatus};
pub use state::TwilioState;
pub use verification::{CodeSent, Verification, VerificationStatus};

pub(crate) use emulator::TwilioEmulator;
pub(crate) use options::Options;

mod access;
mod account;
mod address;
mod builder;
mod check;
mod content;
mod control;
mod emulator;
mod error;
mod faults;
mod form;
mod handle;
mod list;
mod message;
mod messages;
mod options;
mod retries;
mod segments;
mod state;
#[cfg(test)]
mod tests;
mod verification;
mod verify;
mod webhooks;

/// The largest form that is accepted.
const MAX_BODY: usize = 1024 * 1024;
/// The balance that the account starts with, in hundred-thousandths of a dollar.
const BALANCE: u64 = 10_000_000;

impl TwilioEmulator {
    pub(crate) fn create(setup: &Setup, options: Options) -> Result<Self, SandboxError> {
        let access = Access::new(setup);
        let signer = TwilioSigner::new(&access.account.auth_token);
        let forger = TwilioSigner::new("a secret that the application does not know");
        let sender = Sender::new(signer, forger, retries::wait).with_timeout(retries::TIMEOUT);
        let templates = options.contents.into_iter();
        Ok(Self(Arc::new(Inner {
            access,
            ids: Ids::new(setup.seed, "twilio"),
            templates: templates.map(|t| (t.sid.clone(), t)).collect(),
            webhooks: setup.outbox(sender),
            state: Mutex::default(),
        })))
    }

    async fn call(
        &self,
        request: Request<RequestBody>,
    ) -> Result<Response<ResponseBody>, ApiError> {
        let (call, body) = Call::receive(request, MAX_BODY).await;
        self.0.access.account.authorize(&call)?;
        let body = body.map_err(|error| match error {
            ReadError::TooLarge(_) => {
                ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, 20413, "Payload Too Large")
            }
            ReadError::Broken(_) => ApiError::bad_request(20400, "Bad Request"),
        })?;
        let path = call.path.as_str();
        let steps = call.steps();
        let query = Form::read(call.query.as_bytes());
        // Twilio ignores a body of another type.
        let is_form = call.has_type("application/x-www-form-urlencoded");
        let form = Form::read(if is_form { &body } else { b"" });
        let (account, method) = (&self.0.access.account, &call.method);
        match steps.as_slice() {
            ["2010-04-01", "Accounts", sid, rest @ ..] if *sid == account.sid => {
                self.account_call(method, rest, (&form, &query), path)
            }
            // The credentials belong to another account.
            ["2010-04-01", "Accounts", _, _, ..] => Err(ApiError::unauthorized()),
            ["v2", "Services", sid, rest @ ..] if *sid == account.verify_service => {
                self.verify_call(method, rest, &form, path)
            }
            _ => Err(ApiError::not_found(path)),
        }
    }

    fn account_call(
        &self,
        method: &Method,
        steps: &[&str],
        (form, query): (&Form, &Form),
        path: &str,
    ) -> Result<Response<ResponseBody>, ApiError> {
        let missing = || ApiError::not_found(path);
        let ok = |value: Value| json(StatusCode::OK, &value);
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
    ) -> Result<Response<ResponseBody>, ApiError> {
        let missing = || ApiError::not_found(path);
        match (method.as_str(), steps) {
            ("POST", ["Verifications"]) => self.verify(form),
            ("GET", ["Verifications", sid]) => {
                let sid = percent_encoding::percent_decode_str(sid).decode_utf8_lossy();
                let found = self.verification(&sid).ok_or_else(missing)?;
                Ok(json(StatusCode::OK, &found))
            }
            ("POST", ["Verifications", sid]) => self
                .set_verification_status(sid, form)
                .ok_or_else(missing)?,
            ("POST", ["VerificationCheck"]) => self.verification_check(form, path),
            (_, ["Verifications" | "VerificationCheck"] | ["Verifications", _]) => {
                Err(not_allowed())
            }
            _ => Err(missing()),
        }
    }

    /// Handles `GET Balance.json`: the balance after the messages that were sent.
    fn balance(&self) -> Value {
        let spent: u64 = self
            .state()
            .messages
            .iter()
            .filter_map(Message::price)
            .sum();
        let left = BALANCE.saturating_sub(spent);
        let balance = format!("{}.{:05}", left / 100_000, left % 100_000);
        json!({"account_sid": self.0.access.account.sid, "balance": balance, "currency": "USD"})
    }
}

#[async_trait]
impl Emulator for TwilioEmulator {
    async fn handle(&self, request: Request<RequestBody>) -> Response<ResponseBody> {
        match self.call(request).await {
            Ok(response) => response,
            Err(error) => error.into_response(),
        }
    }

    /// The templates stay.
    fn reset(&self) {
        *self.state() = State::default();
        self.0.ids.reset();
    }

    fn logical_request(&self, head: &Parts) -> LogicalRequest {
        if head.method == Method::GET {
            LogicalRequest::header_or_query(head, "idempotency-key")
        } else {
            LogicalRequest::Body
        }
    }

    fn fault_mix(&self, plan: &FaultPlan, method: &Method, _path: &str) -> Mix {
        faults::mix(plan, method)
    }

    fn config_toml(&self, endpoint: Option<&str>) -> String {
        self.0.access.config_toml(endpoint)
    }

    fn control(&self, request: &ControlRequest<'_>) -> Option<Response<ResponseBody>> {
        control::respond(self, request)
    }

    fn fault_error(&self, error: FaultError) -> Response<ResponseBody> {
        faults::error(error)
    }

    fn variables(&self) -> Vec<(&'static str, String)> {
        self.0.access.variables()
    }

    fn about(&self) -> Value {
        self.0.access.about()
    }

    fn links(&self) -> &'static [Link] {
        control::LINKS
    }

    fn tables(&self) -> Vec<Table> {
        control::tables(&TwilioState::new(self))
    }
}

fn not_allowed() -> ApiError {
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, 20004, "Method not allowed")
}
