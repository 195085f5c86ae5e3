//! Twilio's emulator: messages and verifications. Nothing leaves the machine. The status of a message advances when it is
//! read, or by itself if its callback is on this machine.

use std::sync::{Arc, Mutex};

use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use serde_json::{Value, json};

use crate::body::{self, ReadError, RequestBody, ResponseBody};
use crate::ids::Ids;
use crate::server::Double;
use crate::vendors::Vendor;
use crate::webhooks::Webhooks;
use emulator::{Inner, State};
use error::ApiError;
use form::Form;
use response::show;

pub(crate) use account::Account;
pub(crate) use address::NUMBER;
pub use books::TwilioBooks;
pub use content::ContentTemplate;
pub(crate) use emulator::TwilioDouble;
pub use message::{Encoding, Message, MessageStatus};
pub use verification::{CodeSent, Verification, VerificationStatus};
pub(crate) use webhooks::TwilioSigner;

mod account;
mod address;
mod books;
mod check;
mod content;
mod emulator;
mod error;
mod form;
mod list;
mod message;
mod messages;
mod response;
mod segments;
#[cfg(test)]
mod tests;
mod verification;
mod verify;
mod webhooks;

/// The largest form that is accepted.
const MAX_BODY: usize = 1024 * 1024;
/// The balance that the account starts with, in hundred-thousandths of a dollar.
const BALANCE: u64 = 10_000_000;

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

    /// Clears the whole state; the templates stay.
    pub(crate) fn reset(&self) {
        *self.state() = State::default();
        self.0.ids.reset();
    }

    async fn call(
        &self,
        request: Request<RequestBody>,
    ) -> Result<Response<ResponseBody>, ApiError> {
        let (parts, body) = request.into_parts();
        let body = body::collect(body, MAX_BODY).await;
        self.0.account.authorize(&parts.headers)?;
        let body = body.map_err(|error| match error {
            ReadError::TooLarge(_) => {
                ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, 20413, "Payload Too Large")
            }
            ReadError::Broken(_) => ApiError::bad_request(20400, "Bad Request"),
        })?;
        let path = parts.uri.path();
        let steps: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let query = Form::read(parts.uri.query().unwrap_or_default().as_bytes());
        let form = if is_form(&parts.headers) {
            Form::read(&body)
        } else {
            Form::read(b"")
        };
        let (account, method) = (&self.0.account, &parts.method);
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
    ) -> Result<Response<ResponseBody>, ApiError> {
        let missing = || ApiError::not_found(path);
        match (method.as_str(), steps) {
            ("POST", ["Verifications"]) => self.verify(form),
            ("GET", ["Verifications", sid]) => {
                let sid = percent_encoding::percent_decode_str(sid).decode_utf8_lossy();
                let found = self.verification(&sid).ok_or_else(missing)?;
                Ok(show(StatusCode::OK, &found))
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
        json!({"account_sid": self.0.account.sid, "balance": balance, "currency": "USD"})
    }
}

impl Double for TwilioDouble {
    const VENDOR: Vendor = Vendor::Twilio;

    async fn handle(&self, request: Request<RequestBody>) -> Response<ResponseBody> {
        match self.call(request).await {
            Ok(response) => response,
            Err(error) => error.into_response(),
        }
    }
}

/// Whether the body is a form; Twilio ignores a body of another type.
fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    kind.is_some_and(|k| k.starts_with(b"application/x-www-form-urlencoded"))
}

fn not_allowed() -> ApiError {
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, 20004, "Method not allowed")
}
