//! Writing an object in one request.

use anyvendor_core::{
    Error, extension,
    resilience::{CallScope, Operation, OperationClass, Request, RequestBody},
    storage::{PutObject, PutOutcome, WriteCondition},
};
use http::{HeaderName, HeaderValue, Method};

use super::{
    condition::with_condition,
    info::{content_headers, stored},
};
use crate::{
    client::S3,
    config::VENDOR,
    encode::{crc64nvme, metadata_headers},
};

const PUT: Operation = Operation::new(
    "storage.put",
    &Method::PUT,
    "/{key}",
    OperationClass::Idempotent,
);

/// Bodies up to this size keep the time limit of ordinary attempts: 1 MiB in the default 10 s is 100 KiB/s. Our default (no
/// vendor source).
const SMALL: usize = 1024 * 1024;
impl S3 {
    pub(super) async fn put_object(&self, request: PutObject) -> Result<PutOutcome, Error> {
        let scope = self.pipeline.writing(&request.options);
        self.put_object_in(request, &scope).await
    }

    /// Writes an object as a part of a call that has begun already.
    pub(super) async fn put_object_in(
        &self,
        request: PutObject,
        scope: &CallScope,
    ) -> Result<PutOutcome, Error> {
        extension::none(VENDOR, &request.extensions)?;
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
        let result = scope.call(&operation, sent).await;
        let result = result.map(|response| stored(&response.head));
        self.resolve_condition(&request.key, nonce.as_deref(), result, scope)
            .await
    }
}
