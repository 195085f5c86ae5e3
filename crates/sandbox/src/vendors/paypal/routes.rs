//! Maps the method and the path of a request to the function that executes it.

use serde_json::Value;

use super::account::ObjectRef;
use super::call::{PayPalCall, Reply};
use super::context::{Context, found};
use super::error::ApiError;
use super::objects::Intent;

/// The reply, and the object that the call created or changed.
type Done = (Reply, Option<ObjectRef>);

/// Whether the call takes a `PayPal-Request-Id`. Confirming a source, patching and resending do not:
/// <https://developer.paypal.com/api/rest/reference/idempotency/>.
pub(super) fn takes_request_id(method: &str, path: &str) -> bool {
    let ignored =
        path.starts_with("/v1/notifications/") || path.ends_with("/confirm-payment-source");
    method == "POST" && !ignored
}

/// Executes one call.
pub(super) fn execute(
    context: &mut Context<'_>,
    call: &PayPalCall,
    body: &Value,
) -> Result<Done, ApiError> {
    let path = call.head.path.trim_start_matches('/');
    let steps: Vec<&str> = path.split('/').collect();
    match (call.head.method.as_str(), steps.as_slice()) {
        ("GET", ["v2", "checkout", "orders", id]) => {
            let order = found(context.account.orders.get(id), "id", id)?;
            read(context.order(order))
        }
        ("PATCH", ["v2", "checkout", "orders", id]) => {
            context.patch_order(id, body)?;
            Ok((empty(), None))
        }
        ("GET", ["v2", "payments", "authorizations", id]) => {
            let auth = context.account.authorizations.get(id);
            read(context.authorization(found(auth, "authorization_id", id)?))
        }
        ("GET", ["v2", "payments", "captures", id]) => read(context.read_capture(id)?),
        ("GET", ["v2", "payments", "refunds", id]) => {
            let refund = found(context.account.refunds.get(id), "refund_id", id)?;
            read(context.refund(refund))
        }
        ("GET", ["v3", "vault", "setup-tokens", id]) => {
            let setup = found(context.account.setups.get(id), "id", id)?;
            read(context.setup(setup))
        }
        ("GET", ["v3", "vault", "payment-tokens"]) => read(context.list_tokens(&call.head.query)?),
        ("GET", ["v3", "vault", "payment-tokens", id]) => read(context.read_token(id)?),
        ("DELETE", ["v3", "vault", "payment-tokens", id]) => {
            context.delete_token(id);
            Ok((empty(), None))
        }
        ("GET", ["v1", "reporting", "transactions"]) => {
            read(context.list_transactions(&call.head.query)?)
        }
        ("GET", ["v1", "notifications", "webhooks-events"]) => {
            read(context.list_events(&call.head.query)?)
        }
        ("GET", ["v1", "notifications", "webhooks-events", id]) => read(context.read_event(id)?),
        ("POST", ["v1", "notifications", "webhooks-events", id, "resend"]) => {
            let reply = Reply {
                status: 202,
                body: Some(context.resend(id, body)?),
            };
            Ok((reply, None))
        }
        ("POST", steps) => {
            let (status, object) = write(context, steps, body)?;
            let shown = context.show(&object);
            let status = match (&object, &shown) {
                (_, None) => 204,
                (ObjectRef::Void(_), Some(_)) => 200,
                _ => status,
            };
            let reply = Reply {
                status,
                body: shown,
            };
            Ok((reply, Some(object)))
        }
        _ => Err(ApiError::status(404)),
    }
}

/// Executes a POST that creates or changes an object.
fn write(
    context: &mut Context<'_>,
    steps: &[&str],
    body: &Value,
) -> Result<(u16, ObjectRef), ApiError> {
    let object = match steps {
        ["v2", "checkout", "orders"] => context.create_order(body)?,
        ["v2", "checkout", "orders", id, "confirm-payment-source"] => {
            return Ok((200, context.confirm_source(id, body)?));
        }
        ["v2", "checkout", "orders", id, "authorize"] => {
            context.complete(id, Intent::Authorize, body)?
        }
        ["v2", "checkout", "orders", id, "capture"] => {
            context.complete(id, Intent::Capture, body)?
        }
        ["v2", "payments", "authorizations", id, "capture"] => {
            context.capture_authorization(id, body)?
        }
        ["v2", "payments", "authorizations", id, "reauthorize"] => context.reauthorize(id, body)?,
        ["v2", "payments", "authorizations", id, "void"] => context.void(id)?,
        ["v2", "payments", "captures", id, "refund"] => context.refund_capture(id, body)?,
        ["v3", "vault", "setup-tokens"] => context.create_setup(body)?,
        ["v3", "vault", "payment-tokens"] => context.create_token(body)?,
        _ => return Err(ApiError::status(404)),
    };
    Ok((201, object))
}

/// A 200 reply with this body.
fn read(value: Value) -> Result<Done, ApiError> {
    let reply = Reply {
        status: 200,
        body: Some(value),
    };
    Ok((reply, None))
}

/// A reply without a body.
fn empty() -> Reply {
    Reply {
        status: 204,
        body: None,
    }
}
