//! Maps the method and the path of a request to the function that executes it.

use serde_json::Value;

use super::context::Context;
use super::error::ApiError;
use super::expand::expand;
use super::params::Params;

/// Executes one request. `path` is without the leading `/v1/`.
pub(super) fn execute(
    context: &mut Context<'_>,
    method: &str,
    path: &str,
    mut params: Params,
) -> Result<Value, ApiError> {
    let paths = params.list("expand")?.unwrap_or_default();
    let steps: Vec<&str> = path.split('/').collect();
    let value = match (method, steps.as_slice()) {
        ("POST", ["payment_intents"]) => context.create_intent(params),
        ("GET", ["payment_intents"]) => context.list_intents(params),
        ("GET", ["payment_intents", "search"]) => context.search_intents(params),
        ("GET", ["payment_intents", id]) => context.get_intent(id, params),
        ("POST", ["payment_intents", id]) => context.update_intent(id, params),
        ("POST", ["payment_intents", id, "confirm"]) => context.confirm_intent(id, params),
        ("POST", ["payment_intents", id, "capture"]) => context.capture_intent(id, params),
        ("POST", ["payment_intents", id, "cancel"]) => context.cancel_intent(id, params),
        ("POST", ["refunds"]) => context.create_refund(params),
        ("GET", ["refunds"]) => context.list_refunds(params),
        ("GET", ["refunds", id]) => context.get_refund(id, params),
        ("POST", ["refunds", id]) => context.update_refund(id, params),
        ("POST", ["customers"]) => context.create_customer(params),
        ("GET", ["customers"]) => context.list_customers(params),
        ("GET", ["customers", "search"]) => context.search_customers(params),
        ("GET", ["customers", id]) => context.get_customer(id, params),
        ("POST", ["customers", id]) => context.update_customer(id, params),
        ("DELETE", ["customers", id]) => context.delete_customer(id, params),
        ("GET", ["customers", id, "payment_methods"]) => {
            let url = format!("/v1/customers/{id}/payment_methods");
            context.list_methods(id, &url, params)
        }
        ("GET", ["customers", id, "payment_methods", method]) => {
            context.get_customers_method(id, method, params)
        }
        ("GET", ["payment_methods"]) => {
            let customer = params.required("customer")?;
            context.list_methods(&customer, "/v1/payment_methods", params)
        }
        ("POST", ["payment_methods"]) => context.create_method(params),
        ("GET", ["payment_methods", id]) => context.get_method(id, params),
        ("POST", ["payment_methods", id]) => context.update_method(id, params),
        ("POST", ["payment_methods", id, "attach"]) => context.attach_method(id, params),
        ("POST", ["payment_methods", id, "detach"]) => context.detach_method(id, params),
        ("POST", ["setup_intents"]) => context.create_setup(params),
        ("GET", ["setup_intents"]) => context.list_setups(params),
        ("GET", ["setup_intents", id]) => context.get_setup(id, params),
        ("POST", ["setup_intents", id, "confirm"]) => context.confirm_setup(id, params),
        ("POST", ["setup_intents", id, "cancel"]) => context.cancel_setup(id, params),
        ("POST", ["checkout", "sessions"]) => context.create_session(params),
        ("GET", ["checkout", "sessions"]) => context.list_sessions(params),
        ("GET", ["checkout", "sessions", id]) => context.get_session(id, params),
        ("POST", ["checkout", "sessions", id, "expire"]) => context.expire_session(id, params),
        ("GET", ["charges"]) => context.list_charges(params),
        ("GET", ["charges", id]) => context.get_charge(id, params),
        ("GET", ["events"]) => context.list_events(params),
        ("GET", ["events", id]) => context.get_event(id, params),
        _ => Err(ApiError::route(method, &format!("/v1/{path}"))),
    }?;
    expand(context.account, value, &paths)
}
