//! Objects made of parts, whoever sends the parts. An upload that is not completed is aborted; add a lifecycle rule to
//! the bucket for those whose abort was lost.

use anyvendor_core::{
    Error,
    error::ProtocolReason,
    resilience::{CallOptions, Operation, OperationClass, Request, RequestBody, ResponseHead},
    storage::{PutOutcome, StoredObject, WriteCondition},
    values::ObjectKey,
};
use http::{HeaderName, HeaderValue, Method};
use url::Url;

use super::write::{with_condition, with_nonce};
use crate::{
    client::S3,
    wire::{self, InitiateMultipartUploadResult, Tagged},
};

const CREATE: Operation = Operation::new(
    "storage.multipart.create",
    &Method::POST,
    "/{key}?uploads",
    OperationClass::Idempotent,
);
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

/// The object that is to be made.
pub(super) struct Target {
    pub(super) key: ObjectKey,
    /// Content headers and metadata.
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) condition: WriteCondition,
    pub(super) options: CallOptions,
}

/// A part that the store took: its number and its mark.
pub(super) type Part = (u32, String);

/// An upload under way; dropped open, it is aborted in the background.
pub(super) struct Upload {
    pub(super) s3: S3,
    pub(super) options: CallOptions,
    key: ObjectKey,
    condition: WriteCondition,
    id: String,
    /// Stands in the object's metadata: proves whose completion it was.
    nonce: String,
    open: bool,
}

impl S3 {
    pub(super) async fn begin(&self, target: Target) -> Result<Upload, Error> {
        let nonce = uuid::Uuid::new_v4().to_string();
        let mut sent = Request::new(self.url(Some(target.key.as_str()), &[("uploads", "")]));
        for (name, value) in target.headers {
            sent = sent.with_header(name, value);
        }
        let sent = with_nonce(sent, Some(&nonce))?;
        let response = self.call(&CREATE, sent, &target.options).await?;
        let result: InitiateMultipartUploadResult =
            wire::read(&response.body).ok_or_else(|| {
                response.head.malformed(
                    ProtocolReason::BadBody,
                    "the store began an upload without naming it",
                )
            })?;
        Ok(Upload {
            s3: self.clone(),
            options: target.options,
            key: target.key,
            condition: target.condition,
            id: result.upload_id,
            nonce,
            open: true,
        })
    }
}

impl Upload {
    /// Where a part goes.
    pub(super) fn part_url(&self, number: u32) -> Url {
        let number = number.to_string();
        let pairs = [
            ("partNumber", number.as_str()),
            ("uploadId", self.id.as_str()),
        ];
        self.s3.url(Some(self.key.as_str()), &pairs)
    }

    /// Completes the upload, or aborts it when a part failed or the completion surely did.
    pub(super) async fn finish(
        mut self,
        parts: Result<Vec<Part>, Error>,
    ) -> Result<PutOutcome, Error> {
        let mut parts = match parts {
            Ok(parts) => parts,
            Err(error) => {
                self.give_up().await;
                return Err(error);
            }
        };
        parts.sort_unstable();
        let result = match self.complete(&parts).await {
            // The upload is gone or silent: our own completion may have done it.
            Err(error) if error.vendor_code() == Some("NoSuchUpload") || error.is_unknown() => {
                let written = self.s3.written_by(&self.key, &self.nonce, &self.options);
                match written.await {
                    Ok(Some(stored)) => Ok(stored),
                    _ => Err(error),
                }
            }
            other => other,
        };
        if result.as_ref().is_err_and(|error| !error.is_unknown()) {
            self.give_up().await;
        }
        self.open = false;
        let nonce = (self.condition != WriteCondition::None).then_some(self.nonce.as_str());
        self.s3
            .settle(&self.key, nonce, result, &self.options)
            .await
    }

    async fn complete(&self, parts: &[Part]) -> Result<StoredObject, Error> {
        let url = self
            .s3
            .url(Some(self.key.as_str()), &[("uploadId", &self.id)]);
        let sent =
            Request::new(url).with_raw_body(RequestBody::Bytes(wire::complete(parts).into()));
        let sent = with_condition(sent, &self.condition, None)?;
        let response = self.s3.call(&COMPLETE, sent, &self.options).await?;
        let mut stored = super::stored(&response.head);
        // A result that cannot be read is still a result: the object is there.
        stored.etag = wire::read::<Tagged>(&response.body)
            .and_then(|tagged| super::etag(tagged.etag.as_deref()));
        Ok(stored)
    }

    /// Gives the upload up. Its parts cost storage until then, but the caller's error is the news.
    async fn give_up(&mut self) {
        self.open = false;
        abort(&self.s3, &self.key, &self.id, &self.options).await;
    }
}

/// A part by the mark that the store answered with.
pub(super) fn taken(number: u32, etag: Option<&str>, head: &ResponseHead) -> Result<Part, Error> {
    match etag {
        Some(etag) => Ok((number, etag.to_owned())),
        None => Err(head.malformed(
            ProtocolReason::BadBody,
            "the store took a part without an etag",
        )),
    }
}

async fn abort(s3: &S3, key: &ObjectKey, id: &str, options: &CallOptions) {
    let url = s3.url(Some(key.as_str()), &[("uploadId", id)]);
    // The pipeline reports a failed abort to the observer; the caller has an error of its own to deal with.
    let _ = s3.call(&ABORT, Request::new(url), options).await;
}

impl Drop for Upload {
    fn drop(&mut self) {
        if self.open
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let (s3, key) = (self.s3.clone(), self.key.clone());
            let (id, options) = (std::mem::take(&mut self.id), self.options.clone());
            runtime.spawn(async move { abort(&s3, &key, &id, &options).await });
        }
    }
}
