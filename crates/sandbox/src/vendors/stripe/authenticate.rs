//! The page where the payer authenticates: opening it succeeds, with `?outcome=fail` or `?outcome=refuse` it fails.

use http::header::{self, HeaderValue};
use http::{Response, StatusCode};

use super::account::Account;
use super::emulator::StripeEmulator;
use crate::body::ResponseBody;
use crate::reply::typed;

/// Completes the authentication and sends the payer back.
pub(super) fn page(emulator: &StripeEmulator, id: &str, query: &str) -> Response<ResponseBody> {
    let agreed = !url::form_urlencoded::parse(query.as_bytes())
        .any(|(name, value)| name == "outcome" && matches!(&*value, "fail" | "refuse"));
    let mut state = emulator.state();
    let owner = state.accounts.iter().find(|(_, account)| owns(account, id));
    let Some(owner) = owner.map(|(owner, _)| owner.clone()) else {
        return typed(
            StatusCode::NOT_FOUND,
            "text/html; charset=utf-8",
            "<p>No such payment.</p>",
        );
    };
    let mut context = emulator.context(&mut state, &owner, ("req_authenticate", None));
    let back = if id.starts_with("seti_") {
        context
            .authenticate_setup(id, agreed)
            .map(|s| ("setup_intent", s.client_secret, s.return_url, s.status))
    } else {
        context
            .authenticate(id, agreed)
            .map(|p| ("payment_intent", p.client_secret, p.return_url, p.status))
    };
    let Some((object, secret, return_url, status)) = back else {
        return typed(
            StatusCode::NOT_FOUND,
            "text/html; charset=utf-8",
            "<p>No such payment.</p>",
        );
    };
    let status = if agreed { status.as_str() } else { "failed" };
    let body = format!("<!doctype html><title>Sandbox</title><p>{id}: {status}</p>");
    let mut response = typed(StatusCode::OK, "text/html; charset=utf-8", body);
    let target = return_url.and_then(|url| url::Url::parse(&url).ok());
    if let Some(mut target) = target {
        let result = if agreed { "succeeded" } else { "failed" };
        target
            .query_pairs_mut()
            .append_pair(object, id)
            .append_pair(&format!("{object}_client_secret"), &secret)
            .append_pair("redirect_status", result);
        if let Ok(location) = HeaderValue::try_from(target.as_str()) {
            *response.status_mut() = StatusCode::SEE_OTHER;
            response.headers_mut().insert(header::LOCATION, location);
        }
    }
    response
}

/// Whether the account has a payment or a setup with this id.
fn owns(account: &Account, id: &str) -> bool {
    account.intents.get(id).is_some() || account.setups.get(id).is_some()
}
