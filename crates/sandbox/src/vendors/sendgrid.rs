//! SendGrid's emulator: it validates and accepts messages, holds batches and counts credits. No message leaves the machine.

use std::sync::{Arc, Mutex};

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};

use crate::body::{self, ReadError, RequestBody, ResponseBody, answer};
use crate::clock;
use crate::ids::Ids;
use crate::server::Double;
use crate::vendors::Vendor;
use crate::webhooks::Webhooks;
use emulator::{Inner, State};
use error::ApiError;

pub use books::SendGridBooks;
pub(crate) use emulator::SendGridDouble;
pub use message::{Attachment, Line, Message, MessageStatus, Person};
pub use template::Template;
pub(crate) use template::escape;
pub(crate) use webhooks::{SendGridSigner, SigningKey};

mod accept;
mod activity;
mod address;
mod batch;
mod books;
mod check;
mod emulator;
mod error;
mod events;
mod fields;
mod message;
mod template;
mod webhooks;

/// The vendor's limit for a request with its attachments: 30 MB, by
/// <https://www.twilio.com/docs/sendgrid/api-reference/mail-send/limitations>.
const MAX_BODY: usize = 30 * 1024 * 1024;

impl SendGridDouble {
    /// Without `credits` the number of messages is not limited.
    pub(crate) fn new(
        seed: u64,
        credits: Option<u64>,
        templates: Vec<Template>,
        webhooks: Webhooks,
    ) -> Self {
        Self(Arc::new(Inner {
            ids: Ids::new(seed, "sendgrid"),
            credits,
            templates: templates.into_iter().map(|t| (t.id.clone(), t)).collect(),
            webhooks,
            state: Mutex::new(State {
                credits,
                ..State::default()
            }),
        }))
    }

    pub(crate) fn books(&self) -> SendGridBooks {
        SendGridBooks(self.clone())
    }

    /// Clears the whole state and restores the credits.
    pub(crate) fn reset(&self) {
        *self.state() = State {
            credits: self.0.credits,
            ..State::default()
        };
        self.0.ids.reset();
    }

    async fn call(
        &self,
        request: Request<RequestBody>,
    ) -> Result<Response<ResponseBody>, ApiError> {
        let (parts, body) = request.into_parts();
        let body = body::collect(body, MAX_BODY).await;
        authorize(&parts.headers)?;
        accepts_json(&parts.headers)?;
        let body = body.map_err(|error| match error {
            ReadError::TooLarge(_) => {
                ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "content too large")
            }
            ReadError::Broken(_) => ApiError::new(StatusCode::BAD_REQUEST, "Bad Request"),
        })?;
        let path = parts.uri.path().strip_prefix("/v3/").unwrap_or_default();
        let steps: Vec<&str> = path.split('/').collect();
        let json = || read_json(&parts.headers, &body);
        match (parts.method.as_str(), steps.as_slice()) {
            ("POST", ["mail", "send"]) => self.send(&json()?),
            ("POST", ["mail", "batch"]) => Ok(self.create_batch()),
            ("GET", ["mail", "batch", id]) => {
                if self.state().batches.contains(*id) {
                    Ok(show(StatusCode::OK, &json!({"batch_id": id})))
                } else {
                    Err(ApiError::field("batch_id", "invalid batch id"))
                }
            }
            ("GET", ["user", "scheduled_sends"]) => Ok(self.list_scheduled(None)),
            ("GET", ["user", "scheduled_sends", id]) => Ok(self.list_scheduled(Some(id))),
            ("POST", ["user", "scheduled_sends"]) => self.schedule(&json()?),
            ("PATCH", ["user", "scheduled_sends", id]) => self.reschedule(id, &json()?),
            ("DELETE", ["user", "scheduled_sends", id]) => self.unschedule(id),
            ("GET", ["user", "credits"]) => Ok(self.credits()),
            ("GET", ["messages"]) => {
                let query = parts.uri.query().unwrap_or_default();
                let found = activity::search(&self.state().messages, query)?;
                Ok(show(StatusCode::OK, &found))
            }
            ("GET", ["templates", id]) => match self.0.templates.get(*id) {
                Some(template) => Ok(show(StatusCode::OK, &template.to_json())),
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
        if let Ok(id) = HeaderValue::try_from(&request_id) {
            let name = HeaderName::from_static("x-message-id");
            response.headers_mut().insert(name, id);
        }
        Ok(response)
    }

    /// Handles `POST /v3/mail/batch`.
    fn create_batch(&self) -> Response<ResponseBody> {
        let id = self.0.ids.letters(32);
        self.state().batches.insert(id.clone());
        show(StatusCode::CREATED, &json!({"batch_id": id}))
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
        Ok(show(StatusCode::CREATED, &body))
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
        show(StatusCode::OK, &Value::Array(list))
    }

    /// Handles `GET /v3/user/credits`.
    fn credits(&self) -> Response<ResponseBody> {
        let remain = self.state().credits.unwrap_or(1_000_000);
        let total = self.0.credits.unwrap_or(1_000_000);
        let body = json!({"remain": remain, "total": total, "overage": 0, "used": total.saturating_sub(remain),
            "last_reset": "2026-01-01", "next_reset": "2099-01-01", "reset_frequency": "monthly"});
        show(StatusCode::OK, &body)
    }
}

impl Double for SendGridDouble {
    const VENDOR: Vendor = Vendor::SendGrid;

    async fn handle(&self, request: Request<RequestBody>) -> Response<ResponseBody> {
        match self.call(request).await {
            Ok(response) => response,
            Err(error) => error.into_response(),
        }
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

fn authorize(headers: &HeaderMap) -> Result<(), ApiError> {
    let value = headers
        .get(header::AUTHORIZATION)
        .and_then(|v| v.to_str().ok());
    let key = value.and_then(|v| v.strip_prefix("Bearer "));
    if key
        .and_then(|k| k.strip_prefix("SG."))
        .is_some_and(|k| !k.is_empty())
    {
        Ok(())
    } else {
        Err(ApiError::new(
            StatusCode::UNAUTHORIZED,
            "authorization required",
        ))
    }
}

fn accepts_json(headers: &HeaderMap) -> Result<(), ApiError> {
    let value = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok());
    let fits = |v: &str| {
        ["application/json", "application/*", "*/*"]
            .iter()
            .any(|t| v.contains(t))
    };
    if value.is_some_and(fits) {
        Ok(())
    } else {
        Err(ApiError::new(StatusCode::NOT_ACCEPTABLE, "not acceptable"))
    }
}

fn read_json(headers: &HeaderMap, body: &[u8]) -> Result<Value, ApiError> {
    let kind = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    if !kind.is_some_and(|k| k.starts_with(b"application/json")) {
        let message = "Content-Type should be application/json.";
        return Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
    }
    serde_json::from_slice(body).map_err(|_| ApiError::new(StatusCode::BAD_REQUEST, "Bad Request"))
}

fn show(status: StatusCode, value: &Value) -> Response<ResponseBody> {
    answer(status, "application/json", value.to_string())
}

fn empty(status: StatusCode) -> Response<ResponseBody> {
    let mut response = Response::new(body::full(""));
    *response.status_mut() = status;
    response
}
