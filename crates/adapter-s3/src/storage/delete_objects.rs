//! Deleting one object, or many in batches.

use std::collections::HashMap;

use anyvendor_core::{
    Delivery, Error, Kind,
    error::ProtocolReason,
    resilience::{CallScope, Operation, OperationClass, Request, RequestBody, scrub},
    storage::{DeleteObject, DeleteObjects, DeleteOutcome, DeleteResult},
    values::ObjectKey,
};
use http::{HeaderName, Method, StatusCode, header};

use super::info::header_value;
use crate::{client::S3, config::VENDOR, encode::md5, wire};

const DELETE: Operation = Operation::new(
    "storage.delete",
    &Method::DELETE,
    "/{key}",
    OperationClass::Idempotent,
);
const DELETE_MANY: Operation = Operation::new(
    "storage.delete_many",
    &Method::POST,
    "/?delete",
    OperationClass::Idempotent,
);

/// The most keys in one request; see "DeleteObjects" in the API reference.
pub(super) const MAX_KEYS: u32 = 1_000;

impl S3 {
    pub(super) async fn delete_object(
        &self,
        request: DeleteObject,
    ) -> Result<DeleteOutcome, Error> {
        let mut sent = Request::new(self.url(Some(request.key.as_str()), &[]));
        if let Some(etag) = &request.if_match {
            sent = sent.with_header(header::IF_MATCH, header_value("if_match", etag.as_str())?);
        }
        match self.call(&DELETE, sent, &request.options).await {
            Ok(_) => Ok(DeleteOutcome::Deleted),
            Err(error) if error.status() == Some(StatusCode::PRECONDITION_FAILED) => {
                Ok(DeleteOutcome::ConditionNotMet)
            }
            Err(error) if error.vendor_code() == Some("NoSuchKey") => Ok(DeleteOutcome::Deleted),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn delete_objects(
        &self,
        request: DeleteObjects,
    ) -> Result<Vec<DeleteResult>, Error> {
        let scope = self.pipeline.writing(&request.options);
        let mut results = Vec::with_capacity(request.keys.len());
        for keys in request.keys.chunks(MAX_KEYS as usize) {
            match self.delete_batch(keys, &scope.part()).await {
                Ok(failed) => results.extend(keys.iter().map(|key| {
                    let failure = failed.get(key.as_str()).cloned();
                    DeleteResult::new(key.clone(), failure.map_or(Ok(()), Err))
                })),
                // No result is known yet, so the error is about all keys.
                Err(error) if results.is_empty() => return Err(error),
                Err(error) => {
                    results.extend(
                        keys.iter()
                            .map(|key| DeleteResult::new(key.clone(), Err(error.clone()))),
                    );
                }
            }
        }
        Ok(results)
    }

    /// Deletes one batch and returns the failures by key.
    async fn delete_batch(
        &self,
        keys: &[ObjectKey],
        scope: &CallScope,
    ) -> Result<HashMap<String, Error>, Error> {
        let body = wire::delete(keys.iter().map(ObjectKey::as_str));
        let digest = header_value("keys", &md5(body.as_bytes()))?;
        let sent = Request::new(self.url(None, &[("delete", "")]))
            .with_header(HeaderName::from_static("content-md5"), digest)
            .with_raw_body(RequestBody::Bytes(body.into()));
        let response = scope.call(&DELETE_MANY, sent).await?;
        let result: wire::DeleteResult = wire::read(&response.body).ok_or_else(|| {
            response.head.malformed(
                ProtocolReason::BadBody,
                "the results in the response cannot be read",
            )
        })?;
        let failures = result.error.into_iter().map(|error| {
            let kind = match error.code.as_str() {
                "AccessDenied" => Kind::PermissionDenied,
                "InternalError" | "ServiceUnavailable" => Kind::Unavailable,
                "SlowDown" => Kind::throttled(),
                _ => Kind::Other,
            };
            let failure = Error::new(kind, Delivery::Refused, scrub(&error.message, 200))
                .with_vendor(VENDOR)
                .with_operation(DELETE_MANY.name)
                .with_vendor_code(error.code);
            (error.key, failure)
        });
        Ok(failures.collect())
    }
}
