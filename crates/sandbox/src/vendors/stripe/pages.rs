//! Stripe's page, on which the payer pays or saves a card: each link is one thing that a payer may do, and `?card=pm_..`
//! chooses the test card. Scripts name the link in the query, as in `?outcome=approve`.

use http::header::{self, HeaderValue};
use http::{Response, StatusCode};

use super::confirm::Session;
use super::context::Context;
use super::currency::shown;
use super::emulator::StripeEmulator;
use super::error::ApiError;
use super::objects::{CheckoutSession, IntentStatus};
use crate::body::ResponseBody;
use crate::html::escape;
use crate::reply::typed;

/// What the payer may do, each with the text of its link.
const CHOICES: [(&str, &str); 4] = [
    ("approve", "Pay"),
    ("refuse", "Pay with a card that will be declined"),
    ("cancel", "Return to the shop"),
    ("expire", "Let the page expire"),
];
/// The cards of a payer who names none.
const GOOD_CARD: &str = "pm_card_visa";
const BAD_CARD: &str = "pm_card_visa_chargeDeclined";

/// What a page responds with.
enum Next {
    Redirect(String),
    Page(StatusCode, String),
}

/// Responds to the payer's browser.
pub(super) fn page(emulator: &StripeEmulator, id: &str, query: &str) -> Response<ResponseBody> {
    let parameter = |wanted: &str| {
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value.into_owned())
    };
    let mut state = emulator.state();
    let owner = state
        .accounts
        .iter()
        .find(|(_, account)| account.sessions.get(id).is_some());
    let next = match owner.map(|(owner, _)| owner.clone()) {
        Some(owner) => {
            let mut context = emulator.context(&mut state, &owner, ("req_checkout", None));
            let (outcome, card) = (parameter("outcome"), parameter("card"));
            context.visit(id, outcome.as_deref(), card.as_deref())
        }
        None => message(StatusCode::NOT_FOUND, "There is no such page."),
    };
    match next {
        Next::Page(status, text) => html(status, &text),
        Next::Redirect(url) => {
            let mut response = html(StatusCode::SEE_OTHER, "Back to the shop.");
            if let Ok(url) = HeaderValue::try_from(url) {
                response.headers_mut().insert(header::LOCATION, url);
            }
            response
        }
    }
}

impl Context<'_> {
    fn visit(&mut self, id: &str, outcome: Option<&str>, card: Option<&str>) -> Next {
        self.close_if_late(id);
        let Some(session) = self.account.sessions.get(id).cloned() else {
            return message(StatusCode::NOT_FOUND, "There is no such page.");
        };
        match (session.status, outcome) {
            // A payer who comes back to a page that is done goes on to the shop.
            ("complete", _) => Next::Redirect(success_url(&session)),
            ("open", None) => choices(&session),
            ("open", Some("approve")) => self.act(session, card.unwrap_or(GOOD_CARD)),
            ("open", Some("refuse")) => self.act(session, card.unwrap_or(BAD_CARD)),
            ("open", Some("cancel")) => match &session.cancel_url {
                Some(url) => Next::Redirect(url.clone()),
                None => message(StatusCode::OK, "You can close this page."),
            },
            ("open", Some("expire")) => {
                self.close_session(session);
                message(StatusCode::OK, "This page has expired.")
            }
            ("open", Some(_)) => message(StatusCode::BAD_REQUEST, "There is no such outcome."),
            _ => message(StatusCode::GONE, "This page has expired."),
        }
    }

    fn act(&mut self, mut session: CheckoutSession, card: &str) -> Next {
        let done = match session.mode {
            "setup" => self.save_card(&session, card),
            _ => self.pay(&mut session, card),
        };
        if let Err(error) = done {
            self.account.sessions.put(session);
            let text = error.to_json();
            let text = text
                .get("message")
                .and_then(|text| text.as_str())
                .unwrap_or("Declined");
            return message(StatusCode::OK, text);
        }
        session.status = "complete";
        self.account.sessions.put(session.clone());
        self.event("checkout.session.completed", &session);
        Next::Redirect(success_url(&session))
    }

    /// Pays with a card. The page authenticates the payer itself.
    fn pay(&mut self, session: &mut CheckoutSession, card: &str) -> Result<(), ApiError> {
        let method = self.method_by_id(card)?;
        if session.makes_customer && session.customer.is_none() {
            session.customer = Some(self.new_customer());
        }
        let Some(mut intent) = self.intent_of(session) else {
            return Err(ApiError::invalid("The page has no payment."));
        };
        intent.payment_method = Some(method.id);
        let id = intent.id.clone();
        self.confirm(intent, &Session::authenticated())?;
        let paid = self.account.intents.get(&id).map(|intent| intent.status);
        session.paid = paid == Some(IntentStatus::Succeeded);
        Ok(())
    }

    fn save_card(&mut self, session: &CheckoutSession, card: &str) -> Result<(), ApiError> {
        let method = self.method_by_id(card)?;
        let id = session.setup_intent.as_deref().unwrap_or_default();
        let mut setup = self.account.setups.find(id, "setup_intent")?;
        setup.payment_method = Some(method.id);
        self.finish_setup(setup).map(drop)
    }
}

/// Where the payer returns to; Stripe fills in the session's id.
fn success_url(session: &CheckoutSession) -> String {
    let url = session
        .success_url
        .replace("{CHECKOUT_SESSION_ID}", &session.id);
    url.replace("%7BCHECKOUT_SESSION_ID%7D", &session.id)
}

/// A page with one link for each thing that the payer may do.
fn choices(session: &CheckoutSession) -> Next {
    let title = match session.amount {
        Some(amount) => shown(amount, &session.currency),
        None => "Save a card".to_owned(),
    };
    let mut text = format!("<h1>{}</h1>", escape(&title));
    for (outcome, words) in CHOICES {
        text.push_str(&format!("<p><a href=\"?outcome={outcome}\">{words}</a>"));
    }
    Next::Page(StatusCode::OK, text)
}

fn message(status: StatusCode, text: &str) -> Next {
    Next::Page(status, format!("<p>{}", escape(text)))
}

fn html(status: StatusCode, text: &str) -> Response<ResponseBody> {
    let page = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Stripe (sandbox)</title>{text}"
    );
    typed(status, "text/html; charset=utf-8", page)
}
