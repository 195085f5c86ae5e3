//! The stored record of an order, so that a second run neither charges nor sends an email again.
//!
//! The record is an object in the same bucket as the receipts. The idempotency key alone protects the payment; the record
//! lasts longer than the days for which a vendor keeps keys, and many email vendors have no keys.

use anyvendor::{
    Error, Kind,
    storage::{ContentHeaders, GetObject, PutObject, StorageProvider, collect},
    values::{ObjectKey, VendorId},
};
use serde::{Deserialize, Serialize};

use crate::{orders::Order, outcome::NoticeState};

/// The largest record, in bytes.
const LIMIT: u64 = 64 * 1024;

/// The record of one order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// The amount, such as `12.50 EUR`.
    pub(crate) amount: String,
    pub(crate) payment: VendorId,
    /// Whether it is paid. If not, its payer was asked to confirm.
    pub(crate) paid: bool,
    /// The last email.
    pub(crate) email: NoticeState,
    /// The text to the customer's phone.
    #[serde(default)]
    pub(crate) text: Option<NoticeState>,
}

pub(crate) async fn load(
    storage: &dyn StorageProvider,
    order: &Order,
) -> Result<Option<Record>, Error> {
    let object = match storage.get(GetObject::new(key(order)?)).await {
        Ok(outcome) => outcome.into_object()?,
        Err(error) if error.kind() == &Kind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let bytes = collect(object, LIMIT).await?;
    // A record that cannot be read must not be treated as a missing one: the order may be paid.
    let read = serde_json::from_slice(&bytes);
    read.map(Some)
        .map_err(|_| Error::unsent(Kind::Other, "the order's record cannot be read"))
}

pub(crate) async fn save(
    storage: &dyn StorageProvider,
    order: &Order,
    record: &Record,
) -> Result<(), Error> {
    let bytes = serde_json::to_vec(record)
        .map_err(|_| Error::unsent(Kind::Other, "the order's record cannot be written"))?;
    let put = PutObject::new(key(order)?, bytes)
        .with_content(ContentHeaders::of_type("application/json"));
    storage.put(put).await.map(drop)
}

fn key(order: &Order) -> Result<ObjectKey, Error> {
    Ok(ObjectKey::new(format!("orders/{}.json", order.number))?)
}
