//! A multipart upload, from its creation to its completion. An upload that is not completed is aborted; add a lifecycle rule to
//! the bucket for those whose abort was lost.

use anyvendor_core::{
    Error,
    error::ProtocolReason,
    resilience::{
        CallOptions, CallScope, Operation, OperationClass, Request, RequestBody, ResponseHead,
    },
    storage::{PutOutcome, StoredObject, WriteCondition},
    values::ObjectKey,
};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method};
use url::Url;

use super::{
    condition::{with_condition, with_nonce},
    info::{etag, header_value, stored},
};
use crate::{
    client::S3,
    wire::{self, InitiateMultipartUploadResult, Tagged},
};

const CREATE: Operation = Operation::new(
    "storage.multipart.create",
    &Method::POST,
    "/{key}?uploads",
    OperationClass::Idempotent,
)
.preparing();
const UPLOAD_PART: Operation = Operation::new(
    "storage.put_stream.part",
    &Method::PUT,
    "/{key}?partNumber={n}&uploadId={id}",
    OperationClass::Idempotent,
)
.unbounded()
.preparing();
const UPLOAD_PART_COPY: Operation = Operation::new(
    "storage.copy.part",
    &Method::PUT,
    "/{key}?partNumber={n}&uploadId={id}",
    OperationClass::Idempotent,
)
.unbounded()
.preparing();
const COMPLETE: Operation = Operation::new(
    "storage.multipart.complete",
    &Method::POST,
    "/{key}?uploadId={id}",
    OperationClass::Idempotent,
)
.unbounded();
const ABORT: Operation = Operation::new(
    "storage.multipart.abort",
    &Method::DELETE,
    "/{key}?uploadId={id}",
    OperationClass::Idempotent,
);

/// "Amazon S3 multipart upload limits" in the S3 user guide.
pub(super) const MAX_PARTS: u64 = 10_000;

pub(super) const SOURCE: HeaderName = HeaderName::from_static("x-amz-copy-source");
pub(super) const SOURCE_IF_MATCH: HeaderName =
    HeaderName::from_static("x-amz-copy-source-if-match");
pub(super) const SOURCE_RANGE: HeaderName = HeaderName::from_static("x-amz-copy-source-range");

/// The object to create.
pub(super) struct Target {
    pub(super) key: ObjectKey,
    /// Content headers and metadata.
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) condition: WriteCondition,
    pub(super) scope: CallScope,
}

/// A part that the store accepted: its number and its entity tag.
pub(super) type Part = (u32, String);

/// An upload in progress. If it is dropped while open, it is aborted in the background.
pub(super) struct Upload {
    pub(super) s3: S3,
    pub(super) scope: CallScope,
    key: ObjectKey,
    condition: WriteCondition,
    id: String,
    /// In the object's metadata; proves whose completion it was.
    nonce: String,
    open: bool,
}

impl S3 {
    pub(super) async fn create_multipart_upload(&self, target: Target) -> Result<Upload, Error> {
        let nonce = uuid::Uuid::new_v4().to_string();
        let mut sent = Request::new(self.url(Some(target.key.as_str()), &[("uploads", "")]));
        for (name, value) in target.headers {
            sent = sent.with_header(name, value);
        }
        let sent = with_nonce(sent, Some(&nonce))?;
        let response = target.scope.call(&CREATE, sent).await?;
        let result: InitiateMultipartUploadResult =
            wire::read(&response.body).ok_or_else(|| {
                response.head.malformed(
                    ProtocolReason::BadBody,
                    "the response contains no upload id",
                )
            })?;
        Ok(Upload {
            s3: self.clone(),
            scope: target.scope,
            key: target.key,
            condition: target.condition,
            id: result.upload_id,
            nonce,
            open: true,
        })
    }
}

impl Upload {
    /// Uploads one part.
    pub(super) async fn upload_part(&self, number: u32, part: Bytes) -> Result<Part, Error> {
        let sent = Request::new(self.part_url(number)).with_raw_body(RequestBody::Bytes(part));
        let response = self.scope.call(&UPLOAD_PART, sent).await?;
        accepted(number, response.head.header("etag"), &response.head)
    }

    /// Copies a range of another object into one part.
    pub(super) async fn upload_part_copy(
        &self,
        number: u32,
        range: String,
        source: &HeaderValue,
        pinned: Option<&HeaderValue>,
    ) -> Result<Part, Error> {
        let mut sent = Request::new(self.part_url(number))
            .with_header(SOURCE, source.clone())
            .with_header(SOURCE_RANGE, header_value("from", &range)?);
        if let Some(etag) = pinned {
            sent = sent.with_header(SOURCE_IF_MATCH, etag.clone());
        }
        let call = self.scope.call(&UPLOAD_PART_COPY, sent);
        let response = call.await?;
        let tagged = wire::read::<Tagged>(&response.body).and_then(|tagged| tagged.etag);
        accepted(number, tagged.as_deref(), &response.head)
    }

    /// Completes the upload. If the completion is known to have failed, the upload is aborted.
    pub(super) async fn complete(mut self, mut parts: Vec<Part>) -> Result<PutOutcome, Error> {
        parts.sort_unstable();
        let result = match self.complete_multipart_upload(&parts).await {
            // The upload does not exist any more or there was no response: our own completion may have succeeded.
            Err(error) if error.vendor_code() == Some("NoSuchUpload") || error.is_unknown() => {
                let written = self.s3.written_by(&self.key, &self.nonce, &self.scope);
                match written.await {
                    Ok(Some(stored)) => Ok(stored),
                    _ => Err(error),
                }
            }
            other => other,
        };
        self.open = false;
        if result.as_ref().is_err_and(|error| !error.is_unknown()) {
            self.abort_multipart_upload().await;
        }
        let nonce = (self.condition != WriteCondition::None).then_some(self.nonce.as_str());
        self.s3
            .resolve_condition(&self.key, nonce, result, &self.scope)
            .await
    }

    /// Aborts the upload, whose parts cost storage until then. A failure is not reported: the caller has an error already.
    pub(super) async fn abort(mut self) {
        self.open = false;
        self.abort_multipart_upload().await;
    }

    fn part_url(&self, number: u32) -> Url {
        let number = number.to_string();
        let pairs = [
            ("partNumber", number.as_str()),
            ("uploadId", self.id.as_str()),
        ];
        self.s3.url(Some(self.key.as_str()), &pairs)
    }

    async fn complete_multipart_upload(&self, parts: &[Part]) -> Result<StoredObject, Error> {
        let url = self
            .s3
            .url(Some(self.key.as_str()), &[("uploadId", &self.id)]);
        let sent =
            Request::new(url).with_raw_body(RequestBody::Bytes(wire::complete(parts).into()));
        let sent = with_condition(sent, &self.condition, None)?;
        let response = self.scope.call(&COMPLETE, sent).await?;
        let mut stored = stored(&response.head);
        // The object exists even if the body of the response cannot be read.
        stored.etag =
            wire::read::<Tagged>(&response.body).and_then(|tagged| etag(tagged.etag.as_deref()));
        Ok(stored)
    }

    async fn abort_multipart_upload(&self) {
        abort(&self.s3, &self.key, &self.id, self.scope.options()).await;
    }
}

/// A part, by the entity tag in the response.
fn accepted(number: u32, etag: Option<&str>, head: &ResponseHead) -> Result<Part, Error> {
    match etag {
        Some(etag) => Ok((number, etag.to_owned())),
        None => Err(head.malformed(
            ProtocolReason::BadBody,
            "the response to a part contains no ETag",
        )),
    }
}

async fn abort(s3: &S3, key: &ObjectKey, id: &str, options: &CallOptions) {
    let url = s3.url(Some(key.as_str()), &[("uploadId", id)]);
    // The pipeline reports a failed abort to the observer; the caller has another error to handle.
    let _ = s3.call(&ABORT, Request::new(url), options).await;
}

impl Drop for Upload {
    fn drop(&mut self) {
        if self.open
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let (s3, key) = (self.s3.clone(), self.key.clone());
            let (id, options) = (std::mem::take(&mut self.id), self.scope.options().clone());
            runtime.spawn(async move { abort(&s3, &key, &id, &options).await });
        }
    }
}
