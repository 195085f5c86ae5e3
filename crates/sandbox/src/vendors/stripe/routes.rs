//! Which call a method and a path mean.

use serde_json::Value;

use super::account::Cx;
use super::error::ApiError;
use super::params::Params;
use super::render::expand;

/// Executes one call. `path` is without the leading `/v1/`.
pub(super) fn execute(
    cx: &mut Cx<'_>,
    method: &str,
    path: &str,
    mut params: Params,
) -> Result<Value, ApiError> {
    let paths = params.list("expand")?.unwrap_or_default();
    let steps: Vec<&str> = path.split('/').collect();
    let value = match (method, steps.as_slice()) {
        ("POST", ["payment_intents"]) => cx.create_intent(params),
        ("GET", ["payment_intents"]) => cx.list_intents(params),
        ("GET", ["payment_intents", "search"]) => cx.search_intents(params),
        ("GET", ["payment_intents", id]) => cx.get_intent(id, params),
        ("POST", ["payment_intents", id]) => cx.update_intent(id, params),
        ("POST", ["payment_intents", id, "confirm"]) => cx.confirm_intent(id, params),
        ("POST", ["payment_intents", id, "capture"]) => cx.capture_intent(id, params),
        ("POST", ["payment_intents", id, "cancel"]) => cx.cancel_intent(id, params),
        ("POST", ["refunds"]) => cx.create_refund(params),
        ("GET", ["refunds"]) => cx.list_refunds(params),
        ("GET", ["refunds", id]) => cx.get_refund(id, params),
        ("POST", ["refunds", id]) => cx.update_refund(id, params),
        ("POST", ["customers"]) => cx.create_customer(params),
        ("GET", ["customers"]) => cx.list_customers(params),
        ("GET", ["customers", id]) => cx.get_customer(id, params),
        ("POST", ["customers", id]) => cx.update_customer(id, params),
        ("DELETE", ["customers", id]) => cx.delete_customer(id, params),
        ("GET", ["customers", id, "payment_methods"]) => {
            let url = format!("/v1/customers/{id}/payment_methods");
            cx.list_methods(id, &url, params)
        }
        ("GET", ["customers", id, "payment_methods", method]) => {
            cx.get_customers_method(id, method, params)
        }
        ("GET", ["payment_methods"]) => {
            let customer = params.required("customer")?;
            cx.list_methods(&customer, "/v1/payment_methods", params)
        }
        ("POST", ["payment_methods"]) => cx.create_method(params),
        ("GET", ["payment_methods", id]) => cx.get_method(id, params),
        ("POST", ["payment_methods", id]) => cx.update_method(id, params),
        ("POST", ["payment_methods", id, "attach"]) => cx.attach_method(id, params),
        ("POST", ["payment_methods", id, "detach"]) => cx.detach_method(id, params),
        ("POST", ["setup_intents"]) => cx.create_setup(params),
        ("GET", ["setup_intents"]) => cx.list_setups(params),
        ("GET", ["setup_intents", id]) => cx.get_setup(id, params),
        ("POST", ["setup_intents", id, "confirm"]) => cx.confirm_setup(id, params),
        ("POST", ["setup_intents", id, "cancel"]) => cx.cancel_setup(id, params),
        ("GET", ["charges"]) => cx.list_charges(params),
        ("GET", ["charges", id]) => cx.get_charge(id, params),
        ("GET", ["events"]) => cx.list_events(params),
        ("GET", ["events", id]) => cx.get_event(id, params),
        _ => Err(ApiError::route(method, &format!("/v1/{path}"))),
    }?;
    expand(cx.account, value, &paths)
}
