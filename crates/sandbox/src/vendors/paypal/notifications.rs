//! The webhooks API: checks a signature, and lists, shows and resends events.

use http::Method;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::account::{Cx, found};
use super::ask::{asked, required_text};
use super::events::Event;
use super::refusal::Refusal;
use super::render::link;
use super::webhooks::{Seal, Transmission};
use super::{Call, Reply};
use crate::vendors::Vendor;

/// A page holds this many when the client does not say.
const PAGE: usize = 10;

/// A resend names no more listeners.
const MAX_LISTENERS: usize = 500;

/// Whether the call asks for a signature to be checked.
pub(super) fn is_check(call: &Call) -> bool {
    call.method == Method::POST && call.path == "/v1/notifications/verify-webhook-signature"
}

/// Whether a delivery is ours; one that is not is no error. The event counts as it stands in the request, byte by byte.
pub(super) fn check(seal: &Seal, body: &Value, bytes: &[u8]) -> Result<Reply, Refusal> {
    #[derive(Deserialize)]
    struct Ask<'a> {
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
            return Err(Refusal::issue("MISSING_REQUIRED_PARAMETER").at(at));
        }
        Some(_) => return Err(Refusal::issue("INVALID_PARAMETER_SYNTAX").at(at)),
    }
    let ask: Ask<'_> = serde_json::from_slice(bytes)
        .map_err(|_| Refusal::issue("MALFORMED_REQUEST_JSON").at("/"))?;
    let event = ask.webhook_event.map_or("", RawValue::get);
    let status = match seal.verifies(&sent, event.as_bytes()) {
        true => "SUCCESS",
        false => "FAILURE",
    };
    Ok(Reply {
        status: 200,
        body: Some(json!({ "verification_status": status })),
    })
}

impl Cx<'_> {
    /// The newest first.
    pub(super) fn list_events(&self, query: &str) -> Result<Value, Refusal> {
        let size = match asked(query, "page_size") {
            None => PAGE,
            Some(text) => {
                let size = text.parse().ok().filter(|size| *size > 0_usize);
                size.ok_or_else(|| {
                    let refusal = Refusal::issue("INVALID_PARAMETER_VALUE");
                    refusal.at("page_size").in_query().value(text)
                })?
            }
        };
        let (from, to) = (time(query, "start_time")?, time(query, "end_time")?);
        let (about, name) = (asked(query, "transaction_id"), asked(query, "event_type"));
        let wanted = |event: &&Event| {
            from.is_none_or(|from| event.at >= from)
                && to.is_none_or(|to| event.at <= to)
                && about.as_ref().is_none_or(|about| event.about == *about)
                && name.as_ref().is_none_or(|name| event.name == *name)
        };
        let newest = self.account.events.iter().rev().filter(wanted);
        let events: Vec<Value> = newest.take(size).map(Event::json).collect();
        let own = match query {
            "" => String::new(),
            query => format!("?{query}"),
        };
        let own = format!("{}/v1/notifications/webhooks-events{own}", self.base);
        Ok(json!({"count": events.len(), "events": events, "links": [link(&own, "self", "GET")]}))
    }

    pub(super) fn read_event(&self, id: &str) -> Result<Value, Refusal> {
        self.kept_event(id).map(Event::json)
    }

    /// Posts an event once more, unless it is still on its way or goes to listeners of others.
    pub(super) fn resend(&self, id: &str, body: &Value) -> Result<Value, Refusal> {
        let event = self.kept_event(id)?;
        let at = "/webhook_ids";
        let to_us = match body.get("webhook_ids") {
            None | Some(Value::Null) => true,
            Some(Value::Array(ids)) if ids.len() > MAX_LISTENERS => {
                return Err(Refusal::issue("INVALID_ARRAY_MAX_ITEMS").at(at));
            }
            Some(Value::Array(ids)) => {
                ids.is_empty() || ids.iter().any(|id| id.as_str() == Some(self.webhook_id))
            }
            Some(_) => return Err(Refusal::issue("INVALID_PARAMETER_SYNTAX").at(at)),
        };
        if to_us && !self.webhooks.is_waiting(Vendor::PayPal, id) {
            self.webhooks.emit(event.delivery());
        }
        Ok(event.json())
    }

    fn kept_event(&self, id: &str) -> Result<&Event, Refusal> {
        let mut newest = self.account.events.iter().rev();
        found(newest.find(|event| event.id == id), "event_id", id)
    }
}

fn time(query: &str, name: &str) -> Result<Option<Timestamp>, Refusal> {
    let Some(text) = asked(query, name) else {
        return Ok(None);
    };
    let parsed = text.parse().map(Some);
    parsed.map_err(|_| {
        let refusal = Refusal::issue("INVALID_PARAMETER_SYNTAX");
        refusal.at(name).in_query().value(text)
    })
}
