//! Reads charges and events, and searches payments: <https://docs.stripe.com/search>.

use serde_json::{Value, json};

use super::collection::ListRequest;
use super::context::Context;
use super::error::ApiError;
use super::objects::{Charge, PaymentIntent};
use super::params::Params;
use super::render::Show;

impl Context<'_> {
    /// Handles `GET /v1/charges/{id}`.
    pub(super) fn get_charge(&mut self, id: &str, params: Params) -> Result<Value, ApiError> {
        params.finish()?;
        Ok(self.account.charges.find(id, "id")?.show())
    }

    /// Handles `GET /v1/charges`.
    pub(super) fn list_charges(&mut self, mut params: Params) -> Result<Value, ApiError> {
        let request = ListRequest::read(&mut params)?;
        let customer = params.text("customer")?;
        let intent = params.text("payment_intent")?;
        params.ignore(&["transfer_group"]);
        params.finish()?;
        let matches = |c: &Charge| {
            (customer.is_none() || c.customer == customer)
                && intent.as_ref().is_none_or(|id| *id == c.payment_intent)
        };
        self.account
            .charges
            .page(&request, "/v1/charges", matches, Show::show)
    }

    /// Handles `GET /v1/events/{id}`.
    pub(super) fn get_event(&mut self, id: &str, params: Params) -> Result<Value, ApiError> {
        params.finish()?;
        match self.account.events.iter().find(|e| e.id == id) {
            Some(event) => Ok(event.show()),
            None => Err(ApiError::not_found("event", id, "id")),
        }
    }

    /// Handles `GET /v1/events`: newest first; `type` and `types[]` filter.
    pub(super) fn list_events(&mut self, mut params: Params) -> Result<Value, ApiError> {
        let kind = params.text("type")?;
        let kinds = params.list("types")?;
        let limit = params.positive("limit")?.unwrap_or(10).min(100);
        let limit = usize::try_from(limit).unwrap_or(10);
        let after = params.text("starting_after")?;
        params.ignore(&["created", "delivery_success"]);
        params.finish()?;
        let mut rest = self
            .account
            .events
            .iter()
            .rev()
            .skip_while(|e| after.as_ref().is_some_and(|id| *id != e.id))
            .skip(usize::from(after.is_some()))
            .filter(|e| kind.as_deref().is_none_or(|k| k == e.kind))
            .filter(|e| kinds.as_ref().is_none_or(|k| k.iter().any(|k| k == e.kind)));
        let data: Vec<Value> = rest.by_ref().take(limit).map(Show::show).collect();
        Ok(
            json!({"object": "list", "data": data, "has_more": rest.next().is_some(), "url": "/v1/events"}),
        )
    }

    /// Handles `GET /v1/payment_intents/search`: `field:'value'` terms joined by AND.
    pub(super) fn search_intents(&mut self, mut params: Params) -> Result<Value, ApiError> {
        let query = params.required("query")?;
        let limit = params.positive("limit")?.unwrap_or(10).min(100);
        let page = params.integer("page")?.unwrap_or(0);
        params.finish()?;
        let terms = query
            .split(" AND ")
            .map(term)
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| {
                let message = format!("We were unable to parse your search query: {query}");
                ApiError::invalid(message).param("query")
            })?;
        let (skip, take) = (
            usize::try_from(page).unwrap_or(0),
            usize::try_from(limit).unwrap_or(10),
        );
        let mut rest = self
            .account
            .intents
            .iter()
            .rev()
            .filter(|p| {
                terms
                    .iter()
                    .all(|(field, value)| matches_term(p, field, value))
            })
            .skip(skip);
        let data: Vec<Value> = rest.by_ref().take(take).map(Show::show).collect();
        let more = rest.next().is_some();
        let next = more.then(|| (skip + take).to_string());
        Ok(
            json!({"object": "search_result", "data": data, "has_more": more, "next_page": next,
            "url": "/v1/payment_intents/search"}),
        )
    }
}

/// Reads one term of a search query, `status:'succeeded'` or `metadata['order']:"7"`.
fn term(text: &str) -> Option<(String, String)> {
    let (field, value) = text.trim().split_once(':')?;
    let quote = |c: char| c == '\'' || c == '"';
    let value = value.strip_prefix(quote)?.strip_suffix(quote)?;
    let field = match field.strip_prefix("metadata[") {
        Some(key) => format!("metadata.{}", key.strip_suffix(']')?.trim_matches(quote)),
        None => field.to_owned(),
    };
    Some((field, value.to_owned()))
}

/// Whether the payment has this value in this field.
fn matches_term(intent: &PaymentIntent, field: &str, value: &str) -> bool {
    match field {
        "status" => intent.status.as_str() == value,
        "customer" => intent.customer.as_deref() == Some(value),
        "currency" => intent.currency == value,
        "amount" => intent.amount.to_string() == value,
        _ => field
            .strip_prefix("metadata.")
            .is_some_and(|key| intent.metadata.get(key).is_some_and(|v| v == value)),
    }
}
