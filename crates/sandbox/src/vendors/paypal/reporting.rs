//! The transaction search: transactions of a time range, hours after they were made:
//! <https://developer.paypal.com/docs/api/transaction-search/v1/>.

use serde_json::{Value, json};

use super::context::Context;
use super::error::ApiError;
use super::fields::{query_number, query_time, query_value};
use super::money::Money;
use super::objects::{Authorization, Capture, Refund};
use super::render::link;
use crate::clock::rfc3339;

/// The longest time range of one call, in seconds.
const MAX_RANGE_SECONDS: i64 = 31 * 24 * 60 * 60;
/// How far back the records go, in seconds.
const MAX_AGE_SECONDS: i64 = 3 * 365 * 24 * 60 * 60;
/// The number of transactions on a page unless the client asks for another.
const DEFAULT_PAGE_SIZE: usize = 100;
const MAX_PAGE_SIZE: usize = 500;

/// A transaction, in the words of a report.
struct Entry<'a> {
    id: &'a str,
    /// The transaction that this one belongs to.
    reference: Option<&'a str>,
    /// What happened, as one of the vendor's event codes.
    code: &'static str,
    status: &'static str,
    /// Whether the account's balance changed.
    affects_balance: bool,
    amount: &'a Money,
    is_debit: bool,
    invoice: Option<&'a str>,
    custom: Option<&'a str>,
    created: i64,
}

impl Context<'_> {
    /// Lists the transactions of a time range, the oldest first.
    pub(super) fn list_transactions(&self, query: &str) -> Result<Value, ApiError> {
        let (from, to) = (
            required_time(query, "start_date")?,
            required_time(query, "end_date")?,
        );
        let oldest = self.now.saturating_sub(MAX_AGE_SECONDS);
        if from > to || to.saturating_sub(from) > MAX_RANGE_SECONDS || from < oldest {
            let error = ApiError::issue("INVALID_PARAMETER_VALUE");
            return Err(error.at("end_date").in_query());
        }
        let size = query_number(query, "page_size", DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)?;
        let page = query_number(query, "page", 1, usize::MAX)?;
        let only_balance = match query_value(query, "balance_affecting_records_only").as_deref() {
            None | Some("Y") => true,
            Some("N") => false,
            Some(other) => {
                let error = ApiError::issue("INVALID_PARAMETER_VALUE").value(other);
                return Err(error.at("balance_affecting_records_only").in_query());
            }
        };
        let id = query_value(query, "transaction_id");
        let status = query_value(query, "transaction_status");
        let refreshed = self.now.saturating_sub(self.search_lag);
        if from > refreshed {
            // "Data for the given start date is not available."
            return Err(ApiError::status(400));
        }
        let matches = |entry: &Entry<'_>| {
            entry.created <= refreshed
                && (from..=to).contains(&entry.created)
                && (entry.affects_balance || !only_balance)
                && id.as_deref().is_none_or(|id| entry.id == id)
                && status
                    .as_deref()
                    .is_none_or(|status| entry.status == status)
        };
        let mut all: Vec<Entry<'_>> = self.entries().filter(matches).collect();
        all.sort_by_key(|entry| entry.created);
        let shown = all.iter().skip(page.saturating_sub(1).saturating_mul(size));
        let shown: Vec<Value> = shown.take(size).map(Entry::json).collect();
        let pages = all.len().div_ceil(size);
        let itself = format!("{}/v1/reporting/transactions?{query}", self.base);
        Ok(
            json!({"transaction_details": shown, "account_number": "SANDBOXMERCHANT",
            "start_date": rfc3339(from), "end_date": rfc3339(to.min(refreshed)),
            "last_refreshed_datetime": rfc3339(refreshed), "page": page,
            "total_items": all.len(), "total_pages": pages, "links": [link(&itself, "self", "GET")]}),
        )
    }

    fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        let authorizations = self.account.authorizations.iter().map(authorization);
        let captures = self.account.captures.iter().map(capture);
        let refunds = self.account.refunds.iter().map(refund);
        authorizations.chain(captures).chain(refunds)
    }
}

impl Entry<'_> {
    fn json(&self) -> Value {
        let minor = self.amount.minor;
        let amount = self
            .amount
            .with_minor(if self.is_debit { -minor } else { minor });
        let at = rfc3339(self.created);
        let mut info = json!({"transaction_id": self.id, "transaction_event_code": self.code,
            "transaction_initiation_date": at, "transaction_updated_date": at,
            "transaction_amount": amount.json(), "transaction_status": self.status});
        let texts = [
            ("paypal_reference_id", self.reference),
            ("paypal_reference_id_type", self.reference.map(|_| "TXN")),
            ("invoice_id", self.invoice),
            ("custom_field", self.custom),
        ];
        if let Some(fields) = info.as_object_mut() {
            for (name, text) in texts {
                if let Some(text) = text {
                    fields.insert(name.to_owned(), text.into());
                }
            }
        }
        json!({ "transaction_info": info })
    }
}

fn authorization(auth: &Authorization) -> Entry<'_> {
    Entry {
        id: &auth.id,
        reference: auth.parent.as_deref(),
        code: match auth.parent {
            Some(_) => "T1301",
            None => "T1300",
        },
        status: match auth.status {
            "DENIED" => "D",
            "CREATED" | "PENDING" => "P",
            _ => "S",
        },
        affects_balance: false,
        amount: &auth.amount,
        is_debit: false,
        invoice: auth.invoice.as_deref(),
        custom: auth.custom.as_deref(),
        created: auth.created,
    }
}

fn capture(capture: &Capture) -> Entry<'_> {
    Entry {
        id: &capture.id,
        reference: capture.authorization.as_deref(),
        code: "T0006",
        status: match capture.status {
            "DECLINED" => "D",
            "PENDING" => "P",
            "REFUNDED" => "V",
            _ => "S",
        },
        affects_balance: capture.status != "DECLINED",
        amount: &capture.amount,
        is_debit: false,
        invoice: capture.invoice.as_deref(),
        custom: capture.custom.as_deref(),
        created: capture.created,
    }
}

fn refund(refund: &Refund) -> Entry<'_> {
    Entry {
        id: &refund.id,
        reference: Some(&refund.capture),
        code: "T1107",
        status: "S",
        affects_balance: true,
        amount: &refund.amount,
        is_debit: true,
        invoice: refund.invoice.as_deref(),
        custom: refund.custom.as_deref(),
        created: refund.created,
    }
}

/// A required time of the query, in seconds since 1970.
fn required_time(query: &str, name: &str) -> Result<i64, ApiError> {
    let time = query_time(query, name)?.ok_or_else(|| {
        let error = ApiError::issue("MISSING_REQUIRED_PARAMETER");
        error.at(name).in_query()
    })?;
    Ok(time.as_second())
}
