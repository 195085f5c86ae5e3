//! Conditions on writes, and who fulfilled one when the response was lost.

use anyvendor_core::{
    Error, Kind,
    resilience::{CallScope, Operation, OperationClass, Request},
    storage::{PutOutcome, StoredObject, WriteCondition},
    values::ObjectKey,
};
use http::{HeaderName, HeaderValue, Method, StatusCode, header};

use super::info::{NONCE, stored};
use crate::{client::S3, encode::META};

const SETTLE: Operation = Operation::new(
    "storage.settle",
    &Method::HEAD,
    "/{key}",
    OperationClass::Safe,
);

impl S3 {
    /// The outcome of a write with a condition. After a lost response, the repeat of our own write gets a 412; the nonce
    /// distinguishes it from another client's write.
    pub(super) async fn resolve_condition(
        &self,
        key: &ObjectKey,
        nonce: Option<&str>,
        result: Result<StoredObject, Error>,
        scope: &CallScope,
    ) -> Result<PutOutcome, Error> {
        let error = match result {
            Ok(stored) => return Ok(PutOutcome::Stored(stored)),
            Err(error) => error,
        };
        let Some(nonce) = nonce else {
            return Err(error);
        };
        if error.attempts() > 1 || error.is_unknown() {
            match self.written_by(key, nonce, scope).await {
                Ok(Some(ours)) => return Ok(PutOutcome::Stored(ours)),
                Ok(None) => {}
                // Whose write it was remains unknown, as the error of the write says.
                Err(_) => return Err(error),
            }
        }
        let not_met = is_condition_not_met(&error) || error.vendor_code() == Some("NoSuchKey");
        if not_met {
            Ok(PutOutcome::ConditionNotMet)
        } else {
            Err(error)
        }
    }

    /// The object, if its metadata contains this nonce.
    pub(super) async fn written_by(
        &self,
        key: &ObjectKey,
        nonce: &str,
        scope: &CallScope,
    ) -> Result<Option<StoredObject>, Error> {
        let request = Request::new(self.url(Some(key.as_str()), &[]));
        match scope.call(&SETTLE, request).await {
            Ok(response) => {
                let ours = response.head.header(&[META, NONCE].concat()) == Some(nonce);
                Ok(ours.then(|| stored(&response.head)))
            }
            Err(error) if error.kind() == &Kind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Whether the store reports that a condition does not hold. The code may also be in the body of a 200.
pub(super) fn is_condition_not_met(error: &Error) -> bool {
    error.status() == Some(StatusCode::PRECONDITION_FAILED)
        || error.vendor_code() == Some("PreconditionFailed")
}

/// Adds the condition, and the nonce that proves whose write met it.
pub(super) fn with_condition(
    request: Request,
    condition: &WriteCondition,
    nonce: Option<&str>,
) -> Result<Request, Error> {
    let value = |text: &str| {
        HeaderValue::from_str(text).map_err(|_| Error::invalid("condition", "is not a valid ETag"))
    };
    let request = match condition {
        WriteCondition::None => request,
        WriteCondition::IfAbsent => {
            request.with_header(header::IF_NONE_MATCH, HeaderValue::from_static("*"))
        }
        WriteCondition::IfMatch(etag) => {
            request.with_header(header::IF_MATCH, value(etag.as_str())?)
        }
    };
    with_nonce(request, nonce)
}

/// Adds the nonce to the metadata.
pub(super) fn with_nonce(request: Request, nonce: Option<&str>) -> Result<Request, Error> {
    let Some(nonce) = nonce else {
        return Ok(request);
    };
    let name = HeaderName::try_from([META, NONCE].concat());
    match (name, HeaderValue::from_str(nonce)) {
        (Ok(name), Ok(value)) => Ok(request.with_header(name, value)),
        _ => Err(Error::invalid("metadata", "has no room for our nonce")),
    }
}
