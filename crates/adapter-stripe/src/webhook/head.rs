//! The head of an event in Stripe's words: what every event has.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

/// The head of an event. Texts are borrowed unless Stripe escaped something in them.
#[derive(Deserialize)]
pub(super) struct Head<'a> {
    #[serde(borrow)]
    pub(super) id: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) object: Cow<'a, str>,
    #[serde(borrow, rename = "type")]
    pub(super) name: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(super) api_version: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(super) account: Option<Cow<'a, str>>,
    /// The account too, alone in thin events; of an organization, a path that ends in the account.
    #[serde(borrow, default)]
    pub(super) context: Option<Cow<'a, str>>,
    #[serde(default)]
    pub(super) created: Option<Time>,
    #[serde(default)]
    pub(super) livemode: Option<bool>,
    #[serde(borrow, default)]
    pub(super) request: Option<Request<'a>>,
    #[serde(borrow, default)]
    pub(super) data: Option<Data<'a>>,
}

/// A time: in seconds, or as text in thin events.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Time {
    Second(i64),
    Text(Timestamp),
}

/// The request that caused the event; API versions before 2017-05-25 give only its id.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Request<'a> {
    Whole {
        #[serde(borrow, default)]
        idempotency_key: Option<Cow<'a, str>>,
    },
    Other(serde::de::IgnoredAny),
}

#[derive(Deserialize)]
pub(super) struct Data<'a> {
    #[serde(borrow)]
    pub(super) object: &'a RawValue,
}
