//! Finding payments by the application's own reference, in PayPal's transaction search.
//!
//! PayPal has no look-up of orders by an id of ours. The search lists a time range of 31 days, has no filter for it, and shows a
//! transaction up to three hours after it was made: <https://developer.paypal.com/docs/api/transaction-search/v1/>.

use std::{collections::HashSet, time::Duration};

use anyvendor_core::{
    Error, Kind, extension,
    payment::{FindCapability, FindPayments, Payment},
    resilience::{CallScope, Operation, OperationClass},
    values::VendorId,
};
use http::Method;
use jiff::Timestamp;

use super::{
    id::{AUTHORIZATION, CAPTURE},
    list::item,
    options::{MAX_ID, check_chars},
};
use crate::{
    client::PayPal,
    config::VENDOR,
    times::to_second,
    wire::{Order, TransactionDetail, TransactionInfo, Transactions},
};

const SEARCH: Operation = Operation::new(
    "payment.find",
    &Method::GET,
    "/v1/reporting/transactions",
    OperationClass::Safe,
);
/// The age from which transactions are shown with certainty.
const SHOWN: Duration = Duration::from_secs(2 * 24 * 60 * 60);
/// The longest time range of one call.
const RANGE: Duration = Duration::from_secs(31 * 24 * 60 * 60);
/// How far back PayPal's records go.
const RECORDS: Duration = Duration::from_secs(3 * 365 * 24 * 60 * 60);
/// How long a transaction takes to appear, at most.
const LAG: Duration = Duration::from_secs(3 * 60 * 60);

/// What can be found: payments with a transaction of the last 31 days, or since the time that the request names.
pub(super) const CAPABILITY: FindCapability = FindCapability::new(LAG).with_reach(RANGE);

impl PayPal {
    pub(super) async fn find(&self, request: FindPayments) -> Result<Vec<Payment>, Error> {
        extension::none(VENDOR, &request.extensions)?;
        check_chars("reference", &request.reference, MAX_ID)?;
        let now = self.pipeline.clock().wall();
        let before = |time: Duration| now.checked_sub(time).unwrap_or(Timestamp::MIN);
        let from = request.created_from.unwrap_or(before(RANGE));
        if from < before(RECORDS) {
            let remedy = "must be within three years: PayPal lists no older transactions";
            return Err(Error::invalid("created_from", remedy));
        }
        let scope = self.pipeline.reading(&request.options);
        let mut found: Vec<Payment> = Vec::new();
        let mut seen = HashSet::new();
        // PayPal rejects a range that begins after the newest transactions that it shows.
        let from = from.min(before(SHOWN));
        let mut end = now;
        while end > from {
            let start = end.checked_sub(RANGE).unwrap_or(from).max(from);
            for id in self
                .matching(&request.reference, (start, end), &scope)
                .await?
            {
                if !seen.insert(id.clone()) {
                    continue;
                }
                let Some(payment) = self.with_reference(&id, &request, &scope).await? else {
                    continue;
                };
                if !found.iter().any(|known| known.id == payment.id) {
                    found.push(payment);
                }
            }
            end = start;
        }
        found.sort_by_key(|payment| std::cmp::Reverse(payment.created_at));
        Ok(found)
    }

    /// The transactions of a time range that bear the reference, as ids that lead to their payments.
    async fn matching(
        &self,
        reference: &str,
        (start, end): (Timestamp, Timestamp),
        scope: &CallScope,
    ) -> Result<Vec<VendorId>, Error> {
        let (start, end) = (to_second(start), to_second(end));
        let segments = ["v1", "reporting", "transactions"];
        let mut ids = Vec::new();
        for page in 1_u32.. {
            let number = page.to_string();
            let query = [
                ("start_date", start.as_str()),
                ("end_date", end.as_str()),
                // Authorizations change no balance.
                ("balance_affecting_records_only", "N"),
                ("page_size", "500"),
                ("page", number.as_str()),
            ];
            let response = self.get(scope, &SEARCH, &segments, &query).await?;
            let list: Transactions = response.json()?;
            let items = list.transaction_details.into_iter();
            let items = items.filter_map(|value| {
                item(&response.head, value, |detail: TransactionDetail| {
                    Ok(detail.transaction_info)
                })
            });
            let own = items.filter(|info| {
                [&info.custom_field, &info.invoice_id]
                    .into_iter()
                    .any(|text| text.as_deref() == Some(reference))
            });
            ids.extend(own.filter_map(|info| named(&info)));
            if list.total_pages.is_none_or(|pages| page >= pages) {
                break;
            }
        }
        Ok(ids)
    }

    /// The payment that a transaction belongs to, if it is one of those that the request asks for.
    async fn with_reference(
        &self,
        id: &VendorId,
        request: &FindPayments,
        scope: &CallScope,
    ) -> Result<Option<Payment>, Error> {
        let order = match self.order_id(id, scope).await {
            Ok(order) => order,
            // A transaction of another sort, which belongs to no order.
            Err(error) if matches!(error.kind(), Kind::NotFound | Kind::Protocol(_)) => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let response = self.order(&order, scope).await?;
        response.decode(|order: Order| {
            let first = order.purchase_units.first();
            let own = first.is_some_and(|unit| {
                [&unit.custom_id, &unit.invoice_id]
                    .into_iter()
                    .any(|text| text.as_deref() == Some(request.reference.as_str()))
            });
            let payment = self.payment(&order)?;
            let created = payment.created_at;
            let is_wanted = own
                && created.is_none_or(|at| request.created_from.is_none_or(|from| at >= from))
                && created.is_none_or(|at| request.created_before.is_none_or(|end| at < end));
            Ok(is_wanted.then_some(payment))
        })
    }
}

/// The id under which a transaction leads to its payment: T13 are authorizations, and T11 are refunds and reversals, which name
/// their capture.
fn named(info: &TransactionInfo) -> Option<VendorId> {
    let code = info.transaction_event_code.as_str();
    let (kind, id) = if code.starts_with("T13") {
        (AUTHORIZATION, info.transaction_id.as_str())
    } else if code.starts_with("T11") {
        (CAPTURE, info.paypal_reference_id.as_deref()?)
    } else {
        (CAPTURE, info.transaction_id.as_str())
    };
    VendorId::new(VENDOR, [kind, "/", id].concat()).ok()
}
