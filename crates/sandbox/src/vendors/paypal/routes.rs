//! Which call a method and a path mean.

use serde_json::Value;

use super::account::{Cx, What, found};
use super::objects::Intent;
use super::refusal::Refusal;
use super::{Call, Reply};

type Done = (Reply, Option<What>);

/// Whether the call honours `PayPal-Request-Id`; confirming a source, patching and resending do not.
pub(super) fn takes_request_id(method: &str, path: &str) -> bool {
    let no = path.starts_with("/v1/notifications/") || path.ends_with("/confirm-payment-source");
    method == "POST" && !no
}

/// Executes one call.
pub(super) fn execute(cx: &mut Cx<'_>, call: &Call, body: &Value) -> Result<Done, Refusal> {
    let path = call.path.trim_start_matches('/');
    let steps: Vec<&str> = path.split('/').collect();
    match (call.method.as_str(), steps.as_slice()) {
        ("GET", ["v2", "checkout", "orders", id]) => {
            let order = found(cx.account.orders.get(id), "id", id)?;
            read(cx.order(order))
        }
        ("PATCH", ["v2", "checkout", "orders", id]) => {
            cx.patch_order(id, body)?;
            Ok((empty(), None))
        }
        ("GET", ["v2", "payments", "authorizations", id]) => {
            let auth = cx.account.authorizations.get(id);
            read(cx.authorization(found(auth, "authorization_id", id)?))
        }
        ("GET", ["v2", "payments", "captures", id]) => read(cx.read_capture(id)?),
        ("GET", ["v2", "payments", "refunds", id]) => {
            let refund = found(cx.account.refunds.get(id), "refund_id", id)?;
            read(cx.refund(refund))
        }
        ("GET", ["v3", "vault", "setup-tokens", id]) => {
            let setup = found(cx.account.setups.get(id), "id", id)?;
            read(cx.setup(setup))
        }
        ("GET", ["v3", "vault", "payment-tokens"]) => read(cx.list_tokens(&call.query)?),
        ("GET", ["v3", "vault", "payment-tokens", id]) => read(cx.read_token(id)?),
        ("DELETE", ["v3", "vault", "payment-tokens", id]) => {
            cx.delete_token(id);
            Ok((empty(), None))
        }
        ("GET", ["v1", "notifications", "webhooks-events"]) => read(cx.list_events(&call.query)?),
        ("GET", ["v1", "notifications", "webhooks-events", id]) => read(cx.read_event(id)?),
        ("POST", ["v1", "notifications", "webhooks-events", id, "resend"]) => {
            let reply = Reply {
                status: 202,
                body: Some(cx.resend(id, body)?),
            };
            Ok((reply, None))
        }
        ("POST", steps) => {
            let (status, what) = write(cx, steps, body)?;
            let shown = cx.show(&what);
            let status = match (&what, &shown) {
                (_, None) => 204,
                (What::Void(_), Some(_)) => 200,
                _ => status,
            };
            let reply = Reply {
                status,
                body: shown,
            };
            Ok((reply, Some(what)))
        }
        _ => Err(Refusal::status(404)),
    }
}

fn write(cx: &mut Cx<'_>, steps: &[&str], body: &Value) -> Result<(u16, What), Refusal> {
    let what = match steps {
        ["v2", "checkout", "orders"] => cx.create_order(body)?,
        ["v2", "checkout", "orders", id, "confirm-payment-source"] => {
            return Ok((200, cx.confirm_source(id, body)?));
        }
        ["v2", "checkout", "orders", id, "authorize"] => {
            cx.complete(id, Intent::Authorize, body)?
        }
        ["v2", "checkout", "orders", id, "capture"] => cx.complete(id, Intent::Capture, body)?,
        ["v2", "payments", "authorizations", id, "capture"] => {
            cx.capture_authorization(id, body)?
        }
        ["v2", "payments", "authorizations", id, "reauthorize"] => cx.reauthorize(id, body)?,
        ["v2", "payments", "authorizations", id, "void"] => cx.void(id)?,
        ["v2", "payments", "captures", id, "refund"] => cx.refund_capture(id, body)?,
        ["v3", "vault", "setup-tokens"] => cx.create_setup(body)?,
        ["v3", "vault", "payment-tokens"] => cx.create_token(body)?,
        _ => return Err(Refusal::status(404)),
    };
    Ok((201, what))
}

fn read(value: Value) -> Result<Done, Refusal> {
    let reply = Reply {
        status: 200,
        body: Some(value),
    };
    Ok((reply, None))
}

fn empty() -> Reply {
    Reply {
        status: 204,
        body: None,
    }
}
