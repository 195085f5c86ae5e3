//! Reads charges and events.

use serde_json::{Value, json};

use super::collection::ListRequest;
use super::context::Context;
use super::error::ApiError;
use super::objects::Charge;
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
}
