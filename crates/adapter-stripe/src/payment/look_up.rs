//! Looking payments up, one or page by page.

use anyvendor_core::{
    Error,
    form::Form,
    payment::{ListPayments, Payment},
    resilience::{CallOptions, Operation, OperationClass, Response},
    values::{Cursor, Page, PageRequest},
};
use http::Method;
use jiff::Timestamp;
use serde::de::DeserializeOwned;

use crate::{
    VENDOR,
    client::{Stripe, read},
    error::MalformedResponse,
    wire::{List, PaymentIntent},
};

const GET: Operation = Operation::new(
    "payment.get",
    &Method::GET,
    "/v1/payment_intents/{id}",
    OperationClass::Safe,
);
const LIST: Operation = Operation::new(
    "payment.list",
    &Method::GET,
    "/v1/payment_intents",
    OperationClass::Safe,
);

impl Stripe {
    pub(super) async fn look_payment_up(
        &self,
        id: &str,
        options: &CallOptions,
    ) -> Result<Payment, Error> {
        let query = Form::default().add("expand[0]", "latest_charge");
        let segments = ["v1", "payment_intents", id];
        let response = self.get(&GET, &segments, query, options).await?;
        read(&response, |intent| self.payment(intent))
    }

    pub(super) async fn list_payments(
        &self,
        request: ListPayments,
    ) -> Result<Page<Payment>, Error> {
        let customer = request
            .customer
            .as_ref()
            .map(|id| id.expect_vendor(VENDOR, "customer"))
            .transpose()?;
        let query = page_query(&request.page)
            .add_some("customer", customer)
            .add_some("created[gte]", request.created_from.map(next_second))
            .add_some("created[lt]", request.created_before.map(next_second))
            .add("expand[0]", "data.latest_charge");
        let segments = ["v1", "payment_intents"];
        let response = self.get(&LIST, &segments, query, &request.options).await?;
        page_of(
            &response,
            |intent: &PaymentIntent| &intent.id,
            |intent| self.payment(intent),
        )
    }
}

/// Stripe counts in seconds: of both bounds the next whole one, so that nothing in between is lost or added.
fn next_second(time: Timestamp) -> i64 {
    time.as_second() + i64::from(time.subsec_nanosecond() > 0)
}

/// The parameters of a page; Stripe gives 1 to 100 items, 10 unless asked.
pub(super) fn page_query(page: &PageRequest) -> Form {
    Form::default()
        .add_some("limit", page.limit.map(|limit| limit.get().min(100)))
        .add_some("starting_after", page.after.as_ref().map(Cursor::as_str))
}

/// A page in our words; the next one begins after its last item.
pub(super) fn page_of<W: DeserializeOwned, T>(
    response: &Response,
    id: impl Fn(&W) -> &str,
    to_model: impl Fn(W) -> Result<T, MalformedResponse>,
) -> Result<Page<T>, Error> {
    let list: List<W> = response.json()?;
    let next = match list.data.last() {
        Some(last) if list.has_more => Some(Cursor::new(id(last))?),
        _ => None,
    };
    let items = list.data.into_iter().map(to_model);
    let items: Result<Vec<_>, _> = items.collect();
    Ok(Page::new(
        items.map_err(|malformed| malformed.of(&response.head))?,
        next,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_second_count_up() {
        for (time, second) in [
            ("2026-01-01T00:00:00Z", 1_767_225_600),
            ("2026-01-01T00:00:00.5Z", 1_767_225_601),
            ("1969-12-31T23:59:58.5Z", -1),
        ] {
            assert_eq!(next_second(time.parse().unwrap()), second, "{time}");
        }
    }
}
