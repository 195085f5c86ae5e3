//! A webhook before it is posted.

use bytes::Bytes;

/// An event, or a batch of events, for an application. Its body is the same in each try, its signature is not.
#[derive(Debug)]
pub(crate) struct Delivery {
    /// The vendor's name of the event.
    pub(crate) event: String,
    /// The vendor's id, the same in each try.
    pub(crate) id: String,
    pub(crate) content_type: &'static str,
    pub(crate) body: Bytes,
    /// The address to post to instead of the vendor's endpoint.
    pub(crate) url: Option<String>,
}
