//! Turning a vendor's response into a neutral model, and what is malformed in it into an error.

use serde::de::DeserializeOwned;

use super::request::{Response, ResponseHead};
use crate::{
    error::{Error, ProtocolReason},
    values::VendorId,
};

/// What is wrong with the content of a response that was read; with the response's head it becomes an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct MalformedResponse {
    /// Why the content cannot be used.
    pub reason: ProtocolReason,
    /// One line for a person, with the remedy where there is one.
    pub message: &'static str,
}

impl MalformedResponse {
    /// Content that cannot be used for this reason.
    #[must_use]
    pub const fn new(reason: ProtocolReason, message: &'static str) -> Self {
        Self { reason, message }
    }

    /// Content that is missing or invalid.
    #[must_use]
    pub const fn bad_body(message: &'static str) -> Self {
        Self::new(ProtocolReason::BadBody, message)
    }

    /// The error about the response that has this head.
    #[must_use]
    pub fn into_error(self, head: &ResponseHead) -> Error {
        head.malformed(self.reason, self.message)
    }
}

/// An id from a vendor's response. A `kind` is written before the id (`kind/id`), for vendors whose ids do not say what
/// they identify.
///
/// # Errors
/// `BadBody` if the id is invalid.
pub fn response_id(
    vendor: &'static str,
    kind: Option<&str>,
    id: &str,
) -> Result<VendorId, MalformedResponse> {
    let text = match kind {
        Some(kind) => [kind, "/", id].concat(),
        None => id.to_owned(),
    };
    let invalid = MalformedResponse::bad_body("the response contains an invalid id");
    VendorId::new(vendor, text).map_err(|_| invalid)
}

impl ResponseHead {
    /// Reads an id from this response; see [`response_id`].
    ///
    /// # Errors
    /// `Protocol(BadBody)` if the id is invalid.
    pub fn vendor_id(&self, kind: Option<&str>, id: &str) -> Result<VendorId, Error> {
        response_id(self.vendor, kind, id).map_err(|malformed| malformed.into_error(self))
    }
}

impl ResponseHead {
    /// Reads the items of a list, each by itself, as JSON of the wire type and converts them to models. An item that
    /// cannot be read is left out with a warning and counted, so that it never hides the others.
    pub fn items<W: DeserializeOwned, T>(
        &self,
        items: Vec<serde_json::Value>,
        to_model: impl Fn(W) -> Result<T, MalformedResponse>,
    ) -> (Vec<T>, usize) {
        let count = items.len();
        let unreadable = |_| MalformedResponse::bad_body("an item of the list is not readable");
        let read = |item| to_model(serde_json::from_value(item).map_err(unreadable)?);
        let keep = |item| match read(item) {
            Ok(model) => Some(model),
            Err(malformed) => {
                let (vendor, operation) = (self.vendor, self.operation);
                let problem = malformed.message;
                tracing::warn!(vendor, operation, problem, "an item of a list was left out");
                None
            }
        };
        let models: Vec<T> = items.into_iter().filter_map(keep).collect();
        let skipped = count - models.len();
        (models, skipped)
    }
}

impl Response {
    /// Reads the body as JSON of the wire type and converts that to a model.
    ///
    /// # Errors
    /// Those of [`json`](Self::json), and `Protocol` for what the conversion finds malformed.
    pub fn decode<W: DeserializeOwned, T>(
        &self,
        to_model: impl FnOnce(W) -> Result<T, MalformedResponse>,
    ) -> Result<T, Error> {
        to_model(self.json()?).map_err(|malformed| malformed.into_error(&self.head))
    }
}
