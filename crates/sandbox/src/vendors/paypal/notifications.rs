//! The webhooks API: verifies a signature, and lists, shows and resends events:
//! <https://developer.paypal.com/docs/api/webhooks/v1/>.

use http::Method;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::account::Event;
use super::call::{PayPalCall, Reply};
use super::context::{Context, found};
use super::error::ApiError;
use super::fields::{query_time, query_value, required_text};
use super::render::link;
use super::webhooks::{Seal, Transmission};

/// The number of events on a page unless the client asks for another.
const DEFAULT_PAGE_SIZE: usize = 10;

/// The greatest number of listeners that a resend may name.
const MAX_LISTENERS: usize = 500;

/// The path that verifies a delivery.
const VERIFY: &str = "/v1/notifications/verify-webhook-signature";

/// Whether the call asks to verify a signature.
pub(super) fn is_verification(call: &PayPalCall) -> bool {
    call.head.method == Method::POST && call.head.path == VERIFY
}

/// Verifies the signature of a delivery; a wrong signature is a result, not an error. The event's bytes are used exactly as
/// they are in the request, since the signature covers bytes.
pub(super) fn verify(seal: &Seal, body: &Value, bytes: &[u8]) -> Result<Reply, ApiError> {
    #[derive(Deserialize)]
    struct EventBytes<'a> {
        #[serde(borrow)]
        webhook_event: Option<&'a RawValue>,
    }
    let text = |name: &str, most| required_text(body, "", name, 1, most);
    let sent = Transmission {
        algorithm: text("auth_algo", 100)?,
        cert_url: text("cert_url", 500)?,
        id: text("transmission_id", 50)?,
        signature: text("transmission_sig", 500)?,
        time: text("transmission_time", 100)?,
        webhook_id: text("webhook_id", 50)?,
    };
    let at = "/webhook_event";
    match body.get("webhook_event") {
        Some(Value::Object(_)) => {}
        None | Some(Value::Null) => {
            return Err(ApiError::issue("MISSING_REQUIRED_PARAMETER").at(at));
        }
        Some(_) => return Err(ApiError::issue("INVALID_PARAMETER_SYNTAX").at(at)),
    }
    let request: EventBytes<'_> = serde_json::from_slice(bytes)
        .map_err(|_| ApiError::issue("MALFORMED_REQUEST_JSON").at("/"))?;
    let event = request.webhook_event.map_or("", RawValue::get);
    let status = if seal.verifies(&sent, event.as_bytes()) {
        "SUCCESS"
    } else {
        "FAILURE"
    };
    Ok(Reply {
        status: 200,
        body: Some(json!({ "verification_status": status })),
    })
}

impl Context<'_> {
    /// Lists the events that match the query, the newest first.
    pub(super) fn list_events(&self, query: &str) -> Result<Value, ApiError> {
        let size = match query_value(query, "page_size") {
            None => DEFAULT_PAGE_SIZE,
            Some(text) => {
                let size = text.parse().ok().filter(|size| *size > 0_usize);
                size.ok_or_else(|| {
                    let error = ApiError::issue("INVALID_PARAMETER_VALUE");
                    error.at("page_size").in_query().value(text)
                })?
            }
        };
        let (from, to) = (
            query_time(query, "start_time")?,
            query_time(query, "end_time")?,
        );
        let (object_id, name) = (
            query_value(query, "transaction_id"),
            query_value(query, "event_type"),
        );
        let matches = |event: &&Event| {
            from.is_none_or(|from| event.at >= from)
                && to.is_none_or(|to| event.at <= to)
                && object_id
                    .as_ref()
                    .is_none_or(|object_id| event.object_id == *object_id)
                && name.as_ref().is_none_or(|name| event.name == *name)
        };
        let newest = self.account.events.iter().rev().filter(matches);
        let events: Vec<Value> = newest.take(size).map(Event::json).collect();
        let query = match query {
            "" => String::new(),
            query => format!("?{query}"),
        };
        let url = format!("{}/v1/notifications/webhooks-events{query}", self.base);
        Ok(json!({"count": events.len(), "events": events, "links": [link(&url, "self", "GET")]}))
    }

    pub(super) fn read_event(&self, id: &str) -> Result<Value, ApiError> {
        self.stored_event(id).map(Event::json)
    }

    /// Posts an event again, unless it is still being delivered or the request names other listeners only.
    pub(super) fn resend(&self, id: &str, body: &Value) -> Result<Value, ApiError> {
        let event = self.stored_event(id)?;
        let at = "/webhook_ids";
        let to_this_listener = match body.get("webhook_ids") {
            None | Some(Value::Null) => true,
            Some(Value::Array(ids)) if ids.len() > MAX_LISTENERS => {
                return Err(ApiError::issue("INVALID_ARRAY_MAX_ITEMS").at(at));
            }
            Some(Value::Array(ids)) => {
                ids.is_empty() || ids.iter().any(|id| id.as_str() == Some(self.webhook_id))
            }
            Some(_) => return Err(ApiError::issue("INVALID_PARAMETER_SYNTAX").at(at)),
        };
        if to_this_listener && !self.webhooks.is_waiting(id) {
            self.webhooks.emit(event.delivery());
        }
        Ok(event.json())
    }

    fn stored_event(&self, id: &str) -> Result<&Event, ApiError> {
        let mut newest = self.account.events.iter().rev();
        found(newest.find(|event| event.id == id), "event_id", id)
    }
}
