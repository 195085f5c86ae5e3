//! The payer's pages: the checkout of an order, and the agreement to save a wallet.

use http::{HeaderValue, Response, StatusCode, header};

use super::context::{APPROVAL_SECONDS, Context};
use super::emulator::PayPalEmulator;
use super::events::EventKind;
use super::fields::query_value;
use super::objects::{Authentication, Funding};
use crate::body::ResponseBody;
use crate::html::escape;
use crate::reply::typed;

/// The outcomes that the payer can choose, each with the text of its link.
const CHOICES: [(&str, &str); 4] = [
    ("approve", "Pay"),
    ("decline_funding", "Pay with a card that will be declined"),
    ("pending", "Pay by e-check (stays pending)"),
    ("cancel", "Cancel and return to the shop"),
];

/// What a page responds with.
enum Next {
    Redirect(String),
    Page(StatusCode, String),
}

/// The page on which a payer approves an order.
const CHECKOUT: &str = "/checkoutnow";
/// The page on which a payer agrees to save an account.
const AGREEMENT: &str = "/agreements/approve";

/// Whether a person opens this path in a browser.
pub(super) fn is_page(path: &str) -> bool {
    matches!(path, CHECKOUT | AGREEMENT)
}

/// Responds on the paths of the payer's pages; `None` for any other path.
pub(super) fn page(
    emulator: &PayPalEmulator,
    path: &str,
    query: &str,
) -> Option<Response<ResponseBody>> {
    let parameter = |name: &str| query_value(query, name);
    let outcome = parameter("outcome");
    let outcome = outcome.as_deref();
    let next = match path {
        CHECKOUT => {
            let id = parameter("token").unwrap_or_default();
            emulator.with(|context| checkout(context, &id, outcome))
        }
        AGREEMENT => {
            let id = parameter("approval_session_id").unwrap_or_default();
            emulator.with(|context| agreement(context, &id, outcome))
        }
        _ => return None,
    };
    Some(match next {
        Next::Redirect(url) => {
            let mut response = html(StatusCode::SEE_OTHER, "Back to the shop.");
            if let Ok(url) = HeaderValue::try_from(url) {
                response.headers_mut().insert(header::LOCATION, url);
            }
            response
        }
        Next::Page(status, text) => html(status, &text),
    })
}

fn checkout(context: &mut Context<'_>, id: &str, outcome: Option<&str>) -> Next {
    let now = context.now;
    let payer = crate::ids::capitals(crate::ids::hash(0, &[b"payer"]), 13);
    let Some(order) = context.account.orders.get_mut(id) else {
        return message(StatusCode::NOT_FOUND, "There is no such order.");
    };
    if order.status == "COMPLETED" || order.status == "VOIDED" || now >= order.expires {
        return message(StatusCode::GONE, "This order can no longer be approved.");
    }
    let funding = match outcome {
        Some("approve") => Funding::Succeeds,
        Some("decline_funding" | "refuse") => Funding::Declines,
        Some("pending") => Funding::Pends,
        Some("cancel") => {
            let url = order.cancel_url.as_deref();
            return back(url, &[("token", id)], "Cancelled. You can close this page.");
        }
        Some(_) => return message(StatusCode::BAD_REQUEST, "There is no such outcome."),
        None => {
            let total: Vec<String> = order
                .units
                .iter()
                .map(|unit| format!("{} {}", unit.amount.text(), unit.amount.currency))
                .collect();
            return choices_page("token", id, &total.join(" + "), &CHOICES);
        }
    };
    if order
        .source
        .as_ref()
        .is_some_and(|source| source.challenges)
    {
        order.authentication = Some(match funding {
            Funding::Declines => Authentication::Failed,
            Funding::Succeeds | Funding::Pends => Authentication::Succeeded,
        });
    } else {
        order.funding = funding;
        order.payer = Some(payer.clone());
    }
    order.status = "APPROVED";
    order.updated = now;
    order.expires = now.saturating_add(APPROVAL_SECONDS);
    let url = order.return_url.clone();
    context.event(EventKind::OrderApproved, id);
    let parameters = [("token", id), ("PayerID", payer.as_str())];
    back(
        url.as_deref(),
        &parameters,
        "Approved. You can close this page.",
    )
}

fn agreement(context: &mut Context<'_>, id: &str, outcome: Option<&str>) -> Next {
    let Some(setup) = context.account.setups.get_mut(id) else {
        return message(StatusCode::NOT_FOUND, "There is no such agreement.");
    };
    let parameters = [("approval_token_id", id)];
    match outcome {
        Some("approve") => {
            if setup.status == "PAYER_ACTION_REQUIRED" {
                setup.status = "APPROVED";
            }
            let url = setup.return_url.as_deref();
            back(url, &parameters, "Approved. You can close this page.")
        }
        Some("cancel" | "refuse") => {
            let url = setup.cancel_url.as_deref();
            back(url, &parameters, "Cancelled. You can close this page.")
        }
        Some(_) => message(StatusCode::BAD_REQUEST, "There is no such outcome."),
        None => {
            let choices = [("approve", "Save my account"), ("cancel", "Cancel")];
            choices_page("approval_session_id", id, "Save for later", &choices)
        }
    }
}

/// Redirects to the shop with the parameters that the vendor adds, or shows a text if the shop gave no valid URL.
fn back(url: Option<&str>, parameters: &[(&str, &str)], text: &str) -> Next {
    match url.and_then(|url| url::Url::parse(url).ok()) {
        Some(mut url) => {
            url.query_pairs_mut().extend_pairs(parameters);
            Next::Redirect(url.into())
        }
        None => message(StatusCode::OK, text),
    }
}

fn message(status: StatusCode, text: &str) -> Next {
    Next::Page(status, format!("<p>{}", escape(text)))
}

/// A page with one link per outcome.
fn choices_page(name: &str, id: &str, title: &str, choices: &[(&str, &str)]) -> Next {
    let mut text = format!("<h1>{}</h1>", escape(title));
    let id: String = url::form_urlencoded::byte_serialize(id.as_bytes()).collect();
    for (outcome, words) in choices {
        let line = format!("<p><a href=\"?{name}={id}&amp;outcome={outcome}\">{words}</a>");
        text.push_str(&line);
    }
    Next::Page(StatusCode::OK, text)
}

fn html(status: StatusCode, text: &str) -> Response<ResponseBody> {
    let page = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>PayPal (sandbox)</title>{text}"
    );
    typed(status, "text/html; charset=utf-8", page)
}
