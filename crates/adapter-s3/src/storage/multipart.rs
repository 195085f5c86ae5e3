//! Writing a stream in parts, with bounded memory. A part that fails makes the whole upload fail, and an upload that
//! fails is aborted; add a lifecycle rule to the bucket for those whose abort was lost.

use std::sync::atomic::{AtomicBool, Ordering};

use anyvendor_core::{
    Error, Kind,
    error::ProtocolReason,
    resilience::{CallOptions, Operation, OperationClass, Request, RequestBody},
    storage::{PutObject, PutOutcome, PutStream, StoredObject, WriteCondition},
    transport::ByteStream,
    values::ObjectKey,
};
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, TryStreamExt, stream::FuturesUnordered};
use http::Method;

use super::{
    content_headers,
    write::{with_condition, with_nonce},
};
use crate::{
    client::S3,
    encode::metadata_headers,
    wire::{self, InitiateMultipartUploadResult, Tagged},
};

const CREATE: Operation = Operation::new(
    "storage.put_stream.create",
    &Method::POST,
    "/{key}?uploads",
    OperationClass::Idempotent,
);
const PART: Operation = Operation::new(
    "storage.put_stream.part",
    &Method::PUT,
    "/{key}?partNumber={n}&uploadId={id}",
    OperationClass::Idempotent,
)
.unbounded();
const COMPLETE: Operation = Operation::new(
    "storage.put_stream.complete",
    &Method::POST,
    "/{key}?uploadId={id}",
    OperationClass::Idempotent,
)
.unbounded();
const ABORT: Operation = Operation::new(
    "storage.put_stream.abort",
    &Method::DELETE,
    "/{key}?uploadId={id}",
    OperationClass::Idempotent,
);

const MAX_PARTS: u64 = 10_000;
const MIB: u64 = 1024 * 1024;

impl S3 {
    pub(super) async fn upload(&self, request: PutStream) -> Result<PutOutcome, Error> {
        let mut source = Source {
            body: request.body,
            rest: Bytes::new(),
            length: request.length,
        };
        let mut put = PutObject::new(request.key, Bytes::new())
            .with_content(request.content)
            .with_metadata(request.metadata)
            .with_condition(request.condition)
            .with_options(request.options);
        let size = self.part_size(1, source.length);
        let first = source.next(size).await?;
        if (first.len() as u64) < size {
            // A stream that fits into one part is one request.
            source.check_length(first.len() as u64)?;
            put.body = first;
            return self.put_object(put).await;
        }
        let nonce = uuid::Uuid::new_v4().to_string();
        let upload = self.begin(&put, &nonce).await?;
        let parts = match upload.send_all(&mut source, first).await {
            Ok(parts) => parts,
            Err(error) => {
                upload.abort().await;
                return Err(error);
            }
        };
        let result = upload.complete(&put.condition, &parts).await;
        let settled = match result {
            // The upload is gone: our own completion may have done it.
            Err(error) if error.vendor_code() == Some("NoSuchUpload") || error.is_unknown() => {
                match self.written_by(&put.key, &nonce, &put.options).await? {
                    Some(stored) => Ok(stored),
                    None => Err(error),
                }
            }
            other => other,
        };
        if settled.as_ref().is_err_and(|error| !error.is_unknown()) {
            upload.abort().await;
        }
        upload.done();
        let conditional = (put.condition != WriteCondition::None).then_some(nonce.as_str());
        self.settle(&put.key, conditional, settled, &put.options)
            .await
    }

    async fn begin(&self, put: &PutObject, nonce: &str) -> Result<Upload, Error> {
        let mut sent = Request::new(self.url(Some(put.key.as_str()), &[("uploads", "")]));
        let headers = content_headers(&put.content)?
            .into_iter()
            .chain(metadata_headers(&put.metadata)?);
        for (name, value) in headers {
            sent = sent.with_header(name, value);
        }
        let answer = self
            .call(&CREATE, with_nonce(sent, Some(nonce))?, &put.options)
            .await?;
        let result: InitiateMultipartUploadResult = wire::read(&answer.body).ok_or_else(|| {
            answer.head.odd(
                ProtocolReason::BadBody,
                "the store began an upload without naming it",
            )
        })?;
        Ok(Upload {
            s3: self.clone(),
            key: put.key.clone(),
            id: result.upload_id,
            options: put.options.clone(),
            open: AtomicBool::new(true),
        })
    }

    /// The size of part `number`: at least as configured, and large enough that 10,000 parts hold everything. Where the
    /// length is unknown the size doubles every 1,000 parts.
    fn part_size(&self, number: u64, length: Option<u64>) -> u64 {
        match length {
            Some(length) => self
                .config
                .part_size
                .max(length.div_ceil(MAX_PARTS).next_multiple_of(MIB)),
            None => {
                let doublings = u32::try_from(number / 1_000).unwrap_or(u32::MAX).min(9);
                self.config
                    .part_size
                    .saturating_mul(1 << doublings)
                    .min(5 * 1024 * MIB)
            }
        }
    }
}

/// An upload under way; dropped open, it is aborted in the background.
struct Upload {
    s3: S3,
    key: ObjectKey,
    id: String,
    options: CallOptions,
    open: AtomicBool,
}

impl Upload {
    async fn send_all(
        &self,
        source: &mut Source,
        first: Bytes,
    ) -> Result<Vec<(u32, String)>, Error> {
        let limit = self.s3.config.part_concurrency.get() as usize;
        let mut under_way = FuturesUnordered::new();
        let mut parts = Vec::new();
        let mut total = 0;
        let mut next = Some(first);
        let mut number = 0_u32;
        while let Some(part) = next.take() {
            number += 1;
            total += part.len() as u64;
            if source.length.is_some_and(|length| total > length) {
                return Err(wrong_length());
            }
            if u64::from(number) > MAX_PARTS {
                return Err(Error::invalid(
                    "body",
                    "needs more than the 10,000 parts that the vendor takes",
                ));
            }
            under_way.push(self.send_part(number, part));
            if under_way.len() >= limit {
                parts.extend(under_way.try_next().await?);
            }
            let size = self.s3.part_size(u64::from(number) + 1, source.length);
            // Parts go on being sent while the stream is read.
            let read = source.next(size);
            let mut read = std::pin::pin!(read);
            let part = loop {
                tokio::select! {
                    part = &mut read => break part?,
                    Some(done) = under_way.next() => parts.push(done?),
                }
            };
            next = (!part.is_empty()).then_some(part);
        }
        while let Some(done) = under_way.try_next().await? {
            parts.push(done);
        }
        source.check_length(total)?;
        parts.sort_unstable();
        Ok(parts)
    }

    async fn send_part(&self, number: u32, part: Bytes) -> Result<(u32, String), Error> {
        let text = number.to_string();
        let url = self.s3.url(
            Some(self.key.as_str()),
            &[("partNumber", &text), ("uploadId", &self.id)],
        );
        let sent = Request::new(url).with_raw_body(RequestBody::Bytes(part));
        let answer = self.s3.call(&PART, sent, &self.options).await?;
        match answer.head.header("etag") {
            Some(etag) => Ok((number, etag.to_owned())),
            None => Err(answer.head.odd(
                ProtocolReason::BadBody,
                "the store took a part without an etag",
            )),
        }
    }

    async fn complete(
        &self,
        condition: &WriteCondition,
        parts: &[(u32, String)],
    ) -> Result<StoredObject, Error> {
        let url = self
            .s3
            .url(Some(self.key.as_str()), &[("uploadId", &self.id)]);
        let sent =
            Request::new(url).with_raw_body(RequestBody::Bytes(wire::complete(parts).into()));
        let sent = with_condition(sent, condition, None)?;
        let answer = self.s3.call(&COMPLETE, sent, &self.options).await?;
        let mut stored = super::stored(&answer.head);
        // A result that cannot be read is still a result: the object is there.
        stored.etag = wire::read::<Tagged>(&answer.body)
            .and_then(|tagged| super::etag(tagged.etag.as_deref()));
        Ok(stored)
    }

    fn done(&self) {
        self.open.store(false, Ordering::Relaxed);
    }

    /// Gives the upload up. Its parts cost storage until then, but the caller's error is the news.
    async fn abort(&self) {
        self.done();
        abort(&self.s3, &self.key, &self.id, &self.options).await;
    }
}

async fn abort(s3: &S3, key: &ObjectKey, id: &str, options: &CallOptions) {
    let url = s3.url(Some(key.as_str()), &[("uploadId", id)]);
    // The pipeline reports a failed abort to the observer; the caller has an error of its own to deal with.
    let _ = s3.call(&ABORT, Request::new(url), options).await;
}

impl Drop for Upload {
    fn drop(&mut self) {
        if *self.open.get_mut()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let (s3, key) = (self.s3.clone(), self.key.clone());
            let (id, options) = (std::mem::take(&mut self.id), self.options.clone());
            runtime.spawn(async move { abort(&s3, &key, &id, &options).await });
        }
    }
}

/// The caller's stream, cut into parts.
struct Source {
    body: ByteStream,
    /// What of the last piece belongs to the next part.
    rest: Bytes,
    length: Option<u64>,
}

impl Source {
    /// Reads up to `size` bytes; fewer only at the end of the stream.
    async fn next(&mut self, size: u64) -> Result<Bytes, Error> {
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        if self.rest.len() >= size {
            return Ok(self.rest.split_to(size));
        }
        let mut part = BytesMut::from(std::mem::take(&mut self.rest));
        while part.len() < size {
            let Some(mut piece) = self.body.try_next().await? else {
                break;
            };
            let room = size - part.len();
            if piece.len() > room {
                self.rest = piece.split_off(room);
            }
            part.extend_from_slice(&piece);
        }
        Ok(part.freeze())
    }

    fn check_length(&self, actual: u64) -> Result<(), Error> {
        match self.length {
            Some(announced) if announced != actual => Err(wrong_length()),
            _ => Ok(()),
        }
    }
}

fn wrong_length() -> Error {
    Error::new(
        Kind::InvalidRequest,
        "length: the stream has another number of bytes than announced",
    )
    .with_field("length")
}
