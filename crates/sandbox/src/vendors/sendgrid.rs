//! SendGrid's emulator: it validates and accepts messages, holds batches and counts credits. No message leaves the machine.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use http::request::Parts;
use http::{Method, Request, Response, StatusCode};
use serde_json::{Value, json};

use crate::body::{ReadError, RequestBody, ResponseBody};
use crate::call::Call;
use crate::clock;
use crate::emulator::{ControlRequest, Emulator, LogicalRequest, Setup};
use crate::error::SandboxError;
use crate::faults::{FaultError, FaultPlan, Mix, set_header};
use crate::html::{Link, Table};
use crate::ids::Ids;
use crate::reply::{empty, json};
use crate::webhooks::Sender;
use access::Access;
use emulator::{Inner, State};
use error::ApiError;
use webhooks::{SendGridSigner, SigningKey};

pub use handle::SendGridHandle;
pub use message::{Attachment, Line, Message, MessageStatus, Person};
pub use state::SendGridState;
pub use template::Template;

pub(crate) use emulator::SendGridEmulator;
pub(crate) use options::Options;

mod accept;
mod access;
mod activity;
mod address;
mod batch;
mod builder;
mod check;
mod control;
mod emulator;
mod error;
mod events;
mod faults;
mod fields;
mod handle;
mod message;
mod options;
mod retries;
mod state;
mod template;
mod webhooks;

/// The vendor's limit for a request with its attachments: 30 MB, by
/// <https://www.twilio.com/docs/sendgrid/api-reference/mail-send/limitations>.
const MAX_BODY: usize = 30 * 1024 * 1024;

impl SendGridEmulator {
    pub(crate) fn create(setup: &Setup, options: Options) -> Result<Self, SandboxError> {
        let signing_key = || {
            let message = "this machine has no random numbers";
            SigningKey::new().ok_or_else(|| SandboxError::Options(message.to_owned()))
        };
        let (key, forged) = (signing_key()?, signing_key()?);
        let access = Access::new(setup, key.public());
        let sender = Sender::new(SendGridSigner(key), SendGridSigner(forged), retries::wait);
        let templates = options.templates.into_iter();
        let credits = options.credits;
        Ok(Self(Arc::new(Inner {
            access,
            ids: Ids::new(setup.seed, "sendgrid"),
            credits,
            templates: templates.map(|t| (t.id.clone(), t)).collect(),
            webhooks: setup.outbox(sender),
            state: Mutex::new(State {
                credits,
                ..State::default()
            }),
        })))
    }

    async fn call(
        &self,
        request: Request<RequestBody>,
    ) -> Result<Response<ResponseBody>, ApiError> {
        let (call, body) = Call::receive(request, MAX_BODY).await;
        authorize(&call)?;
        accepts_json(&call)?;
        let body = body.map_err(|error| match error {
            ReadError::TooLarge(_) => {
                ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "content too large")
            }
            ReadError::Broken(_) => ApiError::new(StatusCode::BAD_REQUEST, "Bad Request"),
        })?;
        let path = call.path.strip_prefix("/v3/").unwrap_or_default();
        let steps: Vec<&str> = path.split('/').collect();
        let sent = || read_json(&call, &body);
        match (call.method.as_str(), steps.as_slice()) {
            ("POST", ["mail", "send"]) => self.send(&sent()?),
            ("POST", ["mail", "batch"]) => Ok(self.create_batch()),
            ("GET", ["mail", "batch", id]) => {
                if self.state().batches.contains(*id) {
                    Ok(json(StatusCode::OK, &json!({"batch_id": id})))
                } else {
                    Err(ApiError::field("batch_id", "invalid batch id"))
                }
            }
            ("GET", ["user", "scheduled_sends"]) => Ok(self.list_scheduled(None)),
            ("GET", ["user", "scheduled_sends", id]) => Ok(self.list_scheduled(Some(id))),
            ("POST", ["user", "scheduled_sends"]) => self.schedule(&sent()?),
            ("PATCH", ["user", "scheduled_sends", id]) => self.reschedule(id, &sent()?),
            ("DELETE", ["user", "scheduled_sends", id]) => self.unschedule(id),
            ("GET", ["user", "credits"]) => Ok(self.credits()),
            ("GET", ["messages"]) => {
                let found = activity::search(&self.state().messages, &call.query)?;
                Ok(json(StatusCode::OK, &found))
            }
            ("GET", ["templates", id]) => match self.0.templates.get(*id) {
                Some(template) => Ok(json(StatusCode::OK, &template.to_json())),
                None => Err(ApiError::not_found()),
            },
            (_, ["mail", "send" | "batch"] | ["user", "scheduled_sends" | "credits"]) => Err(
                ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "method not allowed"),
            ),
            _ => Err(ApiError::not_found()),
        }
    }

    /// Handles `POST /v3/mail/send`.
    fn send(&self, request: &Value) -> Result<Response<ResponseBody>, ApiError> {
        let mut state = self.state();
        let now = clock::unix_seconds();
        let has_batch = |id: &str| state.batches.contains(id);
        let context = check::CheckContext {
            now,
            has_batch: &has_batch,
        };
        check::check(request, &context)?;
        if check::is_sandbox_mode(request) {
            return Ok(empty(StatusCode::OK));
        }
        let cost = u64::try_from(accept::recipients(request)).unwrap_or(u64::MAX);
        if let Some(left) = state.credits {
            state.credits = Some(left.checked_sub(cost).ok_or_else(|| {
                ApiError::new(StatusCode::UNAUTHORIZED, "Maximum credits exceeded")
            })?);
        }
        let request_id = self.0.ids.letters(22);
        let batch = request.get("batch_id").and_then(Value::as_str);
        let template = request.get("template_id").and_then(Value::as_str);
        let accepted = accept::Accepted {
            request,
            request_id: &request_id,
            template: template.and_then(|id| self.0.templates.get(id)),
            status: batch
                .and_then(|id| state.scheduled.get(id))
                .map_or(MessageStatus::Queued, |word| status_of(word)),
            now,
        };
        let messages = accepted.messages();
        self.schedule_events(&messages);
        state.messages.extend(messages);
        let mut response = empty(StatusCode::ACCEPTED);
        set_header(&mut response, "x-message-id", &request_id);
        Ok(response)
    }

    /// Handles `POST /v3/mail/batch`.
    fn create_batch(&self) -> Response<ResponseBody> {
        let id = self.0.ids.letters(32);
        self.state().batches.insert(id.clone());
        json(StatusCode::CREATED, &json!({"batch_id": id}))
    }

    /// Handles `POST /v3/user/scheduled_sends`, which is allowed once per batch:
    /// <https://www.twilio.com/docs/sendgrid/api-reference/cancel-scheduled-sends>.
    fn schedule(&self, ask: &Value) -> Result<Response<ResponseBody>, ApiError> {
        let mut state = self.state();
        let batch = ask.get("batch_id").and_then(Value::as_str);
        let batch = batch
            .filter(|id| state.batches.contains(*id))
            .ok_or_else(|| ApiError::field("batch_id", "invalid batch id"))?
            .to_owned();
        let status = wanted(ask)?;
        if state.scheduled.contains_key(&batch) {
            let message = "a status was already set for this batch id: update it instead";
            return Err(ApiError::field("batch_id", message));
        }
        if state.scheduled.len() >= 10 {
            let message = "you can have at most 10 paused or cancelled batches";
            return Err(ApiError::new(StatusCode::BAD_REQUEST, message));
        }
        state.scheduled.insert(batch.clone(), status);
        state.set(&batch, status_of(status));
        let body = json!({"batch_id": batch, "status": status});
        Ok(json(StatusCode::CREATED, &body))
    }

    /// Handles `PATCH /v3/user/scheduled_sends/{batch_id}`.
    fn reschedule(&self, id: &str, ask: &Value) -> Result<Response<ResponseBody>, ApiError> {
        let mut state = self.state();
        let status = wanted(ask)?;
        if !state.scheduled.contains_key(id) {
            return Err(ApiError::not_found());
        }
        state.scheduled.insert(id.to_owned(), status);
        state.set(id, status_of(status));
        Ok(empty(StatusCode::NO_CONTENT))
    }

    /// Handles `DELETE /v3/user/scheduled_sends/{batch_id}`, which releases the batch.
    fn unschedule(&self, id: &str) -> Result<Response<ResponseBody>, ApiError> {
        let mut state = self.state();
        if state.scheduled.remove(id).is_none() {
            return Err(ApiError::not_found());
        }
        state.set(id, MessageStatus::Queued);
        Ok(empty(StatusCode::NO_CONTENT))
    }

    fn list_scheduled(&self, only: Option<&str>) -> Response<ResponseBody> {
        let state = self.state();
        let list: Vec<Value> = state
            .scheduled
            .iter()
            .filter(|(id, _)| only.is_none_or(|only| only == id.as_str()))
            .map(|(id, status)| json!({"batch_id": id, "status": status}))
            .collect();
        json(StatusCode::OK, &Value::Array(list))
    }

    /// Handles `GET /v3/user/credits`.
    fn credits(&self) -> Response<ResponseBody> {
        let remain = self.state().credits.unwrap_or(1_000_000);
        let total = self.0.credits.unwrap_or(1_000_000);
        let body = json!({"remain": remain, "total": total, "overage": 0, "used": total.saturating_sub(remain),
            "last_reset": "2026-01-01", "next_reset": "2099-01-01", "reset_frequency": "monthly"});
        json(StatusCode::OK, &body)
    }
}

#[async_trait]
impl Emulator for SendGridEmulator {
    async fn handle(&self, request: Request<RequestBody>) -> Response<ResponseBody> {
        match self.call(request).await {
            Ok(response) => response,
            Err(error) => error.into_response(),
        }
    }

    /// The credits are restored.
    fn reset(&self) {
        *self.state() = State {
            credits: self.0.credits,
            ..State::default()
        };
        self.0.ids.reset();
    }

    fn logical_request(&self, _head: &Parts) -> LogicalRequest {
        LogicalRequest::Body
    }

    fn fault_mix(&self, plan: &FaultPlan, method: &Method, path: &str) -> Mix {
        faults::mix(plan, method, path)
    }

    fn config_toml(&self, _endpoint: Option<&str>) -> String {
        self.0.access.config_toml()
    }

    fn control(&self, request: &ControlRequest<'_>) -> Option<Response<ResponseBody>> {
        control::respond(&SendGridState::new(self), request)
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
        control::tables(&SendGridState::new(self))
    }
}

fn wanted(ask: &Value) -> Result<&'static str, ApiError> {
    match ask.get("status").and_then(Value::as_str) {
        Some("pause") => Ok("pause"),
        Some("cancel") => Ok("cancel"),
        _ => Err(ApiError::field(
            "status",
            "status must be either cancel or pause",
        )),
    }
}

fn status_of(word: &str) -> MessageStatus {
    match word {
        "pause" => MessageStatus::Paused,
        _ => MessageStatus::Cancelled,
    }
}

fn authorize(call: &Call) -> Result<(), ApiError> {
    let key = call.credentials("bearer").unwrap_or_default();
    if key.strip_prefix("SG.").is_some_and(|key| !key.is_empty()) {
        Ok(())
    } else {
        let message = "authorization required";
        Err(ApiError::new(StatusCode::UNAUTHORIZED, message))
    }
}

fn accepts_json(call: &Call) -> Result<(), ApiError> {
    let accepted = call.header("accept").unwrap_or_default();
    let types = ["application/json", "application/*", "*/*"];
    if types.iter().any(|one| accepted.contains(one)) {
        Ok(())
    } else {
        Err(ApiError::new(StatusCode::NOT_ACCEPTABLE, "not acceptable"))
    }
}

fn read_json(call: &Call, body: &[u8]) -> Result<Value, ApiError> {
    if !call.has_type("application/json") {
        let message = "Content-Type should be application/json.";
        return Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
    }
    serde_json::from_slice(body).map_err(|_| ApiError::new(StatusCode::BAD_REQUEST, "Bad Request"))
}
