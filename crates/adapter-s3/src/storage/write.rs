//! Writing an object in one request, and settling conditional writes whose response was lost.

use anyvendor_core::{
    Error, Kind,
    resilience::{CallOptions, Operation, OperationClass, Request, RequestBody},
    storage::{PutObject, PutOutcome, StoredObject, WriteCondition},
    values::ObjectKey,
};
use http::{HeaderName, HeaderValue, Method, StatusCode, header};

use super::{META, NONCE, content_headers, stored};
use crate::{
    VENDOR,
    client::S3,
    encode::{crc64nvme, metadata_headers},
};

const PUT: Operation = Operation::new(
    "storage.put",
    &Method::PUT,
    "/{key}",
    OperationClass::Idempotent,
);
/// Bodies up to this size keep the time limit of ordinary attempts: 1 MiB in the default 10 s is 100 KiB/s. Own choice.
const SMALL: usize = 1024 * 1024;
const SETTLE: Operation = Operation::new(
    "storage.settle",
    &Method::HEAD,
    "/{key}",
    OperationClass::Safe,
);

impl S3 {
    pub(super) async fn put_object(&self, request: PutObject) -> Result<PutOutcome, Error> {
        if !request.extensions.is_empty() {
            return Err(Error::unsupported(VENDOR, "an extension of another vendor")
                .with_field("extensions"));
        }
        let nonce =
            (request.condition != WriteCondition::None).then(|| uuid::Uuid::new_v4().to_string());
        let mut sent = Request::new(self.url(Some(request.key.as_str()), &[]));
        for (name, value) in content_headers(&request.content)? {
            sent = sent.with_header(name, value);
        }
        for (name, value) in metadata_headers(&request.metadata)? {
            sent = sent.with_header(name, value);
        }
        if self.config.is_aws() {
            // Compatible stores may not know the checksum; AWS checks the bytes by it.
            let value = HeaderValue::from_str(&crc64nvme(&request.body))
                .map_err(|_| Error::invalid("body", "has no checksum"))?;
            sent = sent.with_header(HeaderName::from_static("x-amz-checksum-crc64nvme"), value);
        }
        sent = with_condition(sent, &request.condition, nonce.as_deref())?;
        let operation = if request.body.len() <= SMALL {
            PUT
        } else {
            PUT.unbounded()
        };
        let sent = sent.with_raw_body(RequestBody::Bytes(request.body));
        let result = self
            .call(&operation, sent, &request.options)
            .await
            .map(|response| stored(&response.head));
        self.settle(&request.key, nonce.as_deref(), result, &request.options)
            .await
    }

    /// What a write under a condition came to. After a lost response our own write answers 412 to its repeat; the nonce
    /// tells it from somebody else's.
    pub(super) async fn settle(
        &self,
        key: &ObjectKey,
        nonce: Option<&str>,
        result: Result<StoredObject, Error>,
        options: &CallOptions,
    ) -> Result<PutOutcome, Error> {
        let error = match result {
            Ok(stored) => return Ok(PutOutcome::Stored(stored)),
            Err(error) => error,
        };
        let Some(nonce) = nonce else {
            return Err(error);
        };
        if error.attempts() > 1 || error.is_unknown() {
            match self.written_by(key, nonce, options).await {
                Ok(Some(ours)) => return Ok(PutOutcome::Stored(ours)),
                Ok(None) => {}
                // It stays open whose write it was: the error of the write says so.
                Err(_) => return Err(error),
            }
        }
        let refused = is_refused(&error) || error.vendor_code() == Some("NoSuchKey");
        if refused {
            Ok(PutOutcome::ConditionNotMet)
        } else {
            Err(error)
        }
    }

    /// The object's state, if it bears this nonce.
    pub(super) async fn written_by(
        &self,
        key: &ObjectKey,
        nonce: &str,
        options: &CallOptions,
    ) -> Result<Option<StoredObject>, Error> {
        let request = Request::new(self.url(Some(key.as_str()), &[]));
        match self.call(&SETTLE, request, options).await {
            Ok(response) => {
                let ours = response.head.header(&[META, NONCE].concat()) == Some(nonce);
                Ok(ours.then(|| stored(&response.head)))
            }
            Err(error) if error.kind() == &Kind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Whether the store says that a condition does not hold. The code may also stand in a 200.
pub(super) fn is_refused(error: &Error) -> bool {
    error.status() == Some(StatusCode::PRECONDITION_FAILED)
        || error.vendor_code() == Some("PreconditionFailed")
}

/// Adds the condition, and the nonce that proves who met it.
pub(super) fn with_condition(
    request: Request,
    condition: &WriteCondition,
    nonce: Option<&str>,
) -> Result<Request, Error> {
    let value = |text: &str| {
        HeaderValue::from_str(text).map_err(|_| Error::invalid("condition", "is no etag"))
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

pub(super) fn with_nonce(request: Request, nonce: Option<&str>) -> Result<Request, Error> {
    let Some(nonce) = nonce else {
        return Ok(request);
    };
    let name = HeaderName::try_from([META, NONCE].concat());
    match (name, HeaderValue::from_str(nonce)) {
        (Ok(name), Ok(value)) => Ok(request.with_header(name, value)),
        _ => Err(Error::invalid("metadata", "cannot hold our mark")),
    }
}
