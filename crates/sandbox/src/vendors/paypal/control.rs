//! `PayPal`'s lists at the control address, as JSON and as tables of the page.

use http::Response;
use serde_json::{Value, json};

use super::state::PayPalState;
use crate::body::ResponseBody;
use crate::emulator::ControlRequest;
use crate::html::{Link, Table, escape};
use crate::reply::pretty;

/// The lists that the page links to.
pub(super) const LINKS: &[Link] = &[Link {
    list: "orders",
    label: "PayPal orders",
}];

/// Responds to `GET /_sandbox/paypal/{orders,captures,authorizations,refunds,payment_tokens,events}` and
/// `POST /_sandbox/paypal/expire/{id}`.
pub(super) fn respond(
    state: &PayPalState,
    request: &ControlRequest<'_>,
) -> Option<Response<ResponseBody>> {
    match (request.method, request.steps) {
        ("GET", [kind]) => Some(pretty(Value::Array(state.json(kind)?))),
        ("POST", ["expire", id]) if state.expire(id) => Some(pretty(json!({"expired": id}))),
        _ => None,
    }
}

/// The orders, each with a link to the payer's page below `url`.
pub(super) fn tables(state: &PayPalState, url: &str) -> Vec<Table> {
    let heads = &["order (payer's page)", "amount (minor units)", "status"];
    let orders = Table::newest("PayPal orders", heads, &state.orders(), |_, order| {
        let id = escape(&order.id);
        vec![
            format!("<a href={url}/checkoutnow?token={id}><code>{id}</code></a>"),
            format!("{} {}", order.amount, escape(&order.currency)),
            order.status.to_owned(),
        ]
    });
    vec![orders]
}
