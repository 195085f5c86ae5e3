//! The payer's pages: an order's checkout and the agreement to save a wallet.

use http::{HeaderValue, Response, StatusCode, header};

use super::PayPalDouble;
use super::account::{APPROVAL, Cx};
use super::ask::asked;
use super::events::Happened;
use super::objects::Funding;
use crate::body::{ResponseBody, answer};
use crate::vendors::sendgrid::escape;

/// What the payer can do, and the words for it.
const CHOICES: [(&str, &str); 4] = [
    ("approve", "Pay"),
    ("decline_funding", "Pay with a card that will be declined"),
    ("pending", "Pay by e-check (stays pending)"),
    ("cancel", "Cancel and return to the shop"),
];

/// Where the payer goes next, or what the page says.
enum Next {
    To(String),
    Say(StatusCode, String),
}

/// Answers on the payer's pages; none for another path.
pub(super) fn page(
    double: &PayPalDouble,
    path: &str,
    query: &str,
) -> Option<Response<ResponseBody>> {
    let asked = |name: &str| asked(query, name);
    let outcome = asked("outcome");
    let outcome = outcome.as_deref();
    let next = match path {
        "/checkoutnow" => {
            let id = asked("token").unwrap_or_default();
            double.with(|cx| checkout(cx, &id, outcome))
        }
        "/agreements/approve" => {
            let id = asked("approval_session_id").unwrap_or_default();
            double.with(|cx| agreement(cx, &id, outcome))
        }
        _ => return None,
    };
    Some(match next {
        Next::To(place) => {
            let mut response = html(StatusCode::SEE_OTHER, "Back to the shop.");
            if let Ok(place) = HeaderValue::try_from(place) {
                response.headers_mut().insert(header::LOCATION, place);
            }
            response
        }
        Next::Say(status, text) => html(status, &text),
    })
}

fn checkout(cx: &mut Cx<'_>, id: &str, outcome: Option<&str>) -> Next {
    let now = cx.now;
    let payer = crate::ids::capitals(crate::ids::hash(0, &[b"payer"]), 13);
    let Some(order) = cx.account.orders.get_mut(id) else {
        return say(StatusCode::NOT_FOUND, "There is no such order.");
    };
    if order.status == "COMPLETED" || order.status == "VOIDED" || now >= order.expires {
        return say(StatusCode::GONE, "This order can no longer be approved.");
    }
    let funding = match outcome {
        Some("approve") => Funding::Good,
        Some("decline_funding" | "refuse") => Funding::Declines,
        Some("pending") => Funding::Pends,
        Some("cancel") => {
            let url = order.cancel_url.as_deref();
            return back(url, &[("token", id)], "Cancelled. You can close this page.");
        }
        Some(_) => return say(StatusCode::BAD_REQUEST, "There is no such outcome."),
        None => {
            let total: Vec<String> = order
                .units
                .iter()
                .map(|unit| format!("{} {}", unit.amount.text(), unit.amount.currency))
                .collect();
            return choose("token", id, &total.join(" + "), &CHOICES);
        }
    };
    order.funding = funding;
    order.status = "APPROVED";
    order.payer = Some(payer.clone());
    order.updated = now;
    order.expires = now.saturating_add(APPROVAL);
    let url = order.return_url.clone();
    cx.event(Happened::Approved, id);
    let marks = [("token", id), ("PayerID", payer.as_str())];
    back(url.as_deref(), &marks, "Approved. You can close this page.")
}

fn agreement(cx: &mut Cx<'_>, id: &str, outcome: Option<&str>) -> Next {
    let Some(setup) = cx.account.setups.get_mut(id) else {
        return say(StatusCode::NOT_FOUND, "There is no such agreement.");
    };
    let mark = [("approval_token_id", id)];
    match outcome {
        Some("approve") => {
            if setup.status == "PAYER_ACTION_REQUIRED" {
                setup.status = "APPROVED";
            }
            let url = setup.return_url.as_deref();
            back(url, &mark, "Approved. You can close this page.")
        }
        Some("cancel" | "refuse") => {
            let url = setup.cancel_url.as_deref();
            back(url, &mark, "Cancelled. You can close this page.")
        }
        Some(_) => say(StatusCode::BAD_REQUEST, "There is no such outcome."),
        None => {
            let choices = [("approve", "Save my account"), ("cancel", "Cancel")];
            choose("approval_session_id", id, "Save for later", &choices)
        }
    }
}

/// To the shop, with the marks that the vendor adds; without an address a short page.
fn back(place: Option<&str>, marks: &[(&str, &str)], text: &str) -> Next {
    match place.and_then(|place| url::Url::parse(place).ok()) {
        Some(mut url) => {
            url.query_pairs_mut().extend_pairs(marks);
            Next::To(url.into())
        }
        None => say(StatusCode::OK, text),
    }
}

fn say(status: StatusCode, text: &str) -> Next {
    Next::Say(status, format!("<p>{}", escape(text)))
}

fn choose(name: &str, id: &str, title: &str, choices: &[(&str, &str)]) -> Next {
    let mut text = format!("<h1>{}</h1>", escape(title));
    let id: String = url::form_urlencoded::byte_serialize(id.as_bytes()).collect();
    for (outcome, words) in choices {
        let line = format!("<p><a href=\"?{name}={id}&amp;outcome={outcome}\">{words}</a>");
        text.push_str(&line);
    }
    Next::Say(StatusCode::OK, text)
}

fn html(status: StatusCode, text: &str) -> Response<ResponseBody> {
    let page = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>PayPal (sandbox)</title>{text}"
    );
    answer(status, "text/html; charset=utf-8", page)
}
