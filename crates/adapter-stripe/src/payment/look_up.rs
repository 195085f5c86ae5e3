//! Looking up payments: singly, page by page, and by our own reference; see <https://docs.stripe.com/api/pagination> and
//! <https://docs.stripe.com/search>.

use anyvendor_core::{
    Error,
    form::Form,
    payment::{FindPayments, GetPayment, ListPayments, Payment},
    resilience::{MalformedResponse, Operation, OperationClass, Response},
    values::{Cursor, Page, PageRequest},
};
use http::Method;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    acting::Acting,
    checkout::SESSION,
    metadata::{REFERENCE, check_reference},
};
use crate::{
    client::{Get, Stripe},
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
const FIND: Operation = Operation::new(
    "payment.find_by_reference",
    &Method::GET,
    "/v1/payment_intents",
    OperationClass::Safe,
);
const SEARCH: Operation = Operation::new(
    "payment.find_by_reference",
    &Method::GET,
    "/v1/payment_intents/search",
    OperationClass::Safe,
);

/// The most items of a page.
pub(super) const MAX_PAGE: u32 = 100;

impl Stripe {
    pub(super) async fn get_payment(&self, request: GetPayment) -> Result<Payment, Error> {
        let mut at = Acting::reading(self, GET.name, &request.extensions, &request.options)?;
        let id = at.id(&request.payment, "payment")?;
        if id.starts_with(SESSION) {
            return Ok(self.page(&at, id).await?.payment);
        }
        Ok(self.look_up(&at, id).await?.0)
    }

    /// A payment, and whether its money went to a connected account.
    pub(super) async fn look_up(
        &self,
        at: &Acting<'_>,
        intent: &str,
    ) -> Result<(Payment, bool), Error> {
        let response = self
            .get(
                at.sender(),
                Get {
                    operation: &GET,
                    segments: &["v1", "payment_intents", intent],
                    query: Form::default().add("expand[0]", "latest_charge"),
                },
            )
            .await?;
        response.decode(|intent: PaymentIntent| {
            let is_transferred = intent.transfer_data.is_some();
            Ok((self.payment(at, intent)?, is_transferred))
        })
    }

    pub(super) async fn list_payments(
        &self,
        request: ListPayments,
    ) -> Result<Page<Payment>, Error> {
        let mut at = Acting::reading(self, LIST.name, &request.extensions, &request.options)?;
        let customer = at.some_id(request.customer.as_ref(), "customer")?;
        let query = page_query(&request.page).add_some("customer", customer);
        let response = self
            .get(
                at.sender(),
                Get {
                    operation: &LIST,
                    segments: &["v1", "payment_intents"],
                    query: created(query, request.created_from, request.created_before)
                        .add("expand[0]", "data.latest_charge"),
                },
            )
            .await?;
        page_of(&response, |intent| self.payment(&at, intent))
    }

    /// Walks the list from the start that the caller named, which is complete at once; or asks the search index, which
    /// reaches back without limit and lags.
    pub(super) async fn find_payments(&self, request: FindPayments) -> Result<Vec<Payment>, Error> {
        let at = Acting::reading(self, FIND.name, &request.extensions, &request.options)?;
        check_reference(Some(&request.reference))?;
        let (from, before) = (request.created_from, request.created_before);
        let (operation, segments, query): (_, &[&str], _) = match from {
            Some(_) => (
                &FIND,
                &["v1", "payment_intents"],
                created(Form::default(), from, before),
            ),
            None => {
                let mut terms = by_reference(&request.reference);
                if let Some(before) = before {
                    terms.push_str(&format!(" AND created<{}", next_second(before)));
                }
                (
                    &SEARCH,
                    &["v1", "payment_intents", "search"],
                    Form::default().add("query", terms),
                )
            }
        };
        let query = query
            .add("limit", MAX_PAGE)
            .add("expand[0]", "data.latest_charge")
            .finish();
        let (mut found, mut after) = (Vec::new(), None::<(&str, String)>);
        loop {
            let more = after
                .iter()
                .fold(Form::default(), |form, (name, place)| form.add(name, place));
            let response = self
                .get(
                    at.sender(),
                    Get {
                        operation,
                        segments,
                        query: more.add_encoded(&query),
                    },
                )
                .await?;
            let page: List = response.json()?;
            after = page.next(from.is_none());
            for item in page.data {
                if reference_of(&item) != Some(&request.reference) {
                    continue;
                }
                // A payment with our reference that cannot be read is an error: it must not pass for "there is none".
                let intent = serde_json::from_value(item).map_err(|_| {
                    let message = "a payment with this reference is not readable";
                    MalformedResponse::bad_body(message)
                });
                let payment = intent.and_then(|intent| self.payment(&at, intent));
                found.push(payment.map_err(|malformed| malformed.into_error(&response.head))?);
            }
            if after.is_none() {
                return Ok(found);
            }
        }
    }
}

impl List {
    /// The parameter that asks for the next page of a list or of a search, if there is one.
    pub(super) fn next(&self, is_search: bool) -> Option<(&'static str, String)> {
        if !self.has_more {
            return None;
        }
        if is_search {
            return Some(("page", self.next_page.clone()?));
        }
        let last = self.data.last()?.get("id")?.as_str()?;
        Some(("starting_after", last.to_owned()))
    }
}

/// Our reference in an object of a list.
pub(super) fn reference_of(item: &Value) -> Option<&str> {
    item.get("metadata")?.get(REFERENCE)?.as_str()
}

/// The search query for objects with our reference. Stripe escapes a quote by a backslash.
pub(super) fn by_reference(reference: &str) -> String {
    let mut query = format!("metadata['{REFERENCE}']:'");
    for character in reference.chars() {
        if matches!(character, '\'' | '"' | '\\') {
            query.push('\\');
        }
        query.push(character);
    }
    query.push('\'');
    query
}

fn created(form: Form, from: Option<Timestamp>, before: Option<Timestamp>) -> Form {
    form.add_some("created[gte]", from.map(next_second))
        .add_some("created[lt]", before.map(next_second))
}

/// Stripe counts in seconds: both bounds are rounded up, so that no payment is lost or added.
fn next_second(time: Timestamp) -> i64 {
    time.as_second() + i64::from(time.subsec_nanosecond() > 0)
}

/// The parameters of a page; Stripe returns 1 to 100 items, 10 by default.
pub(super) fn page_query(page: &PageRequest) -> Form {
    Form::default()
        .add_some("limit", page.limit.map(|limit| limit.get().min(MAX_PAGE)))
        .add_some("starting_after", page.after.as_ref().map(Cursor::as_str))
}

/// A neutral page; the next page begins after its last item. An item that cannot be read is skipped.
pub(super) fn page_of<W: DeserializeOwned, T>(
    response: &Response,
    to_model: impl Fn(W) -> Result<T, MalformedResponse>,
) -> Result<Page<T>, Error> {
    let list: List = response.json()?;
    let next = list.next(false).map(|(_, place)| Cursor::new(place));
    let next = next.transpose()?;
    let (items, skipped) = response.head.items(list.data, to_model);
    Ok(Page::new(items, next).with_skipped(skipped))
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

    #[test]
    fn f23_a_reference_cannot_leave_its_quotes_in_a_search() {
        assert_eq!(
            by_reference(r#"7' OR status:"x\"#),
            r#"metadata['anyvendor_reference']:'7\' OR status:\"x\\'"#
        );
    }
}
