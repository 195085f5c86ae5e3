//! Looking up payments, singly or page by page.

use anyvendor_core::{
    Error,
    form::Form,
    payment::{ListPayments, Payment},
    resilience::{CallOptions, MalformedResponse, Operation, OperationClass, Response},
    values::{Cursor, Page, PageRequest},
};
use http::Method;
use jiff::Timestamp;
use serde::de::DeserializeOwned;

use crate::{
    client::Stripe,
    config::VENDOR,
    wire::{ApiError, List, PaymentIntent},
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
        response.decode(|intent| self.payment(intent))
    }

    /// The current state of a payment that was rejected for being in the wrong state: from the error's body, or fetched.
    pub(super) async fn current_payment(
        &self,
        response: &Response,
        error: ApiError,
        id: &str,
        options: &CallOptions,
    ) -> Result<Payment, Error> {
        match error.payment_intent {
            Some(intent) => self
                .payment(*intent)
                .map_err(|malformed| malformed.into_error(&response.head)),
            None => self.look_payment_up(id, options).await,
        }
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

/// Stripe counts in seconds: both bounds are rounded up, so that no payment is lost or added.
fn next_second(time: Timestamp) -> i64 {
    time.as_second() + i64::from(time.subsec_nanosecond() > 0)
}

/// The parameters of a page; Stripe returns 1 to 100 items, 10 by default.
pub(super) fn page_query(page: &PageRequest) -> Form {
    Form::default()
        .add_some("limit", page.limit.map(|limit| limit.get().min(100)))
        .add_some("starting_after", page.after.as_ref().map(Cursor::as_str))
}

/// A neutral page; the next page begins after its last item.
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
        items.map_err(|malformed| malformed.into_error(&response.head))?,
        next,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_of_a_second_are_rounded_up() {
        for (time, second) in [
            ("2026-01-01T00:00:00Z", 1_767_225_600),
            ("2026-01-01T00:00:00.5Z", 1_767_225_601),
            ("1969-12-31T23:59:58.5Z", -1),
        ] {
            assert_eq!(next_second(time.parse().unwrap()), second, "{time}");
        }
    }
}
