//! Lists: each item is read on its own, so that one that cannot be read does not hide the others.

use anyvendor_core::{
    Error, extension,
    payment::{ListRefunds, Refund},
    resilience::{MalformedResponse, ResponseHead},
    values::{Cursor, Page, PageRequest},
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::refund::to_model;
use crate::{client::PayPal, config::VENDOR, wire::Order};

impl PayPal {
    /// The refunds of a payment, which PayPal shows with its order.
    pub(super) async fn refunds_of(&self, request: ListRefunds) -> Result<Page<Refund>, Error> {
        extension::none(VENDOR, &request.extensions)?;
        let from = position(&request.page)?;
        let scope = self.pipeline.reading(&request.options);
        let id = self.order_id(&request.payment, &scope).await?;
        let response = self.order(&id, &scope).await?;
        let order: Order = response.json()?;
        let payment = response.head.vendor_id(None, &order.id)?;
        let units = order.purchase_units.iter();
        let refunds = units.flat_map(|unit| &unit.payments.refunds);
        let models = refunds.map(to_model);
        let mut all: Vec<Refund> = models
            .filter_map(|model| readable(&response.head, model))
            .collect();
        // The newest first. PayPal lists the oldest first, and its times have seconds.
        all.reverse();
        all.sort_by_key(|refund| std::cmp::Reverse(refund.created_at));
        for refund in &mut all {
            refund.payment = Some(payment.clone());
        }
        let limit = request
            .page
            .limit
            .map_or(usize::MAX, |limit| limit.get() as usize);
        let more = all.len() > from.saturating_add(limit);
        let next = more.then(|| Cursor::new(from.saturating_add(limit).to_string()));
        let items = all.into_iter().skip(from).take(limit).collect();
        Ok(Page::new(items, next.transpose()?))
    }
}

/// Where a page of a list begins that is held in whole.
fn position(page: &PageRequest) -> Result<usize, Error> {
    match &page.after {
        None => Ok(0),
        Some(cursor) => cursor
            .as_str()
            .parse()
            .map_err(|_| Error::invalid("cursor", "must be the cursor of the last page")),
    }
}

/// Reads one item of a list.
pub(super) fn item<W: DeserializeOwned, T>(
    head: &ResponseHead,
    value: Value,
    to_model: impl FnOnce(W) -> Result<T, MalformedResponse>,
) -> Option<T> {
    let bad = MalformedResponse::bad_body("it is not in the documented form");
    let wire = serde_json::from_value(value).map_err(|_| bad);
    readable(head, wire.and_then(to_model))
}

/// An item that could be read. Any other is left out with a warning, since it would hide its whole page.
fn readable<T>(head: &ResponseHead, item: Result<T, MalformedResponse>) -> Option<T> {
    item.inspect_err(|malformed| {
        tracing::warn!(
            vendor = VENDOR,
            operation = head.operation,
            why = malformed.message,
            "an item of a list cannot be read and is left out"
        );
    })
    .ok()
}
