//! Stripe's lists at the control address, as JSON and as tables of the page.

use http::Response;
use serde_json::Value;

use super::state::StripeState;
use crate::body::ResponseBody;
use crate::emulator::ControlRequest;
use crate::html::{Link, Table, escape};
use crate::reply::pretty;

/// The lists that the page links to.
pub(super) const LINKS: &[Link] = &[
    Link {
        list: "payment_intents",
        label: "payments",
    },
    Link {
        list: "charges",
        label: "charges",
    },
    Link {
        list: "customers",
        label: "customers",
    },
    Link {
        list: "refunds",
        label: "refunds",
    },
    Link {
        list: "checkout_sessions",
        label: "pages for payers",
    },
];

/// Responds to `GET /_sandbox/stripe/{payment_intents,charges,customers,refunds,checkout_sessions,events}`.
pub(super) fn respond(
    state: &StripeState,
    request: &ControlRequest<'_>,
) -> Option<Response<ResponseBody>> {
    match (request.method, request.steps) {
        ("GET", [kind]) => Some(pretty(Value::Array(state.json(kind)?))),
        _ => None,
    }
}

/// The table of the charges.
pub(super) fn tables(state: &StripeState) -> Vec<Table> {
    let heads = &["payment", "amount (minor units)", "outcome", "refunded"];
    let charges = Table::newest("Charges", heads, &state.charges(), |_, charge| {
        let outcome = match (&charge.failure_code, charge.captured) {
            (Some(code), _) => escape(code),
            (None, true) => "captured".to_owned(),
            (None, false) => "authorized".to_owned(),
        };
        vec![
            format!("<code>{}</code>", escape(&charge.payment_intent)),
            format!("{} {}", charge.amount, escape(&charge.currency)),
            outcome,
            charge.amount_refunded.to_string(),
        ]
    });
    vec![charges]
}
