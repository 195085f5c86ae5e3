//! Copying inside the store: in one request, or in parts where the object is too large for that.

use anyvendor_core::{
    Error,
    resilience::{CallScope, Operation, OperationClass, Request, ResponseHead},
    storage::{CopyMetadata, CopyObject, ETag, PutOutcome, StoredObject, WriteCondition},
};
use futures_util::{StreamExt, TryStreamExt, stream};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};

use super::{
    condition::{is_condition_not_met, with_condition},
    info::{NONCE, byte_range, content_headers, etag, header_value, stored},
    upload::{MAX_PARTS, Part, SOURCE, SOURCE_IF_MATCH, Target, Upload},
};
use crate::{
    client::S3,
    encode::{META, encode, encode_key, metadata_headers},
    wire::{self, Tagged},
};

const COPY: Operation = Operation::new(
    "storage.copy",
    &Method::PUT,
    "/{key}",
    OperationClass::Idempotent,
)
.unbounded();
/// The largest part of a copy; our default (no vendor source): no byte passes through us, and the store needs only seconds for a
/// part of this size.
const PART_SIZE: u64 = 512 * 1024 * 1024;

const DIRECTIVE: HeaderName = HeaderName::from_static("x-amz-metadata-directive");

/// The headers that a copy in one request keeps, in addition to the metadata. A multipart upload does not keep them by itself.
const KEPT: [HeaderName; 6] = [
    header::CONTENT_TYPE,
    header::CACHE_CONTROL,
    header::CONTENT_DISPOSITION,
    header::CONTENT_ENCODING,
    header::CONTENT_LANGUAGE,
    header::EXPIRES,
];

impl S3 {
    pub(super) async fn copy_object(&self, request: CopyObject) -> Result<PutOutcome, Error> {
        let scope = self.pipeline.writing(&request.options);
        let head = self.response_head(&request.from, &scope).await?;
        let (_, size) = byte_range(&head)?;
        if size > self.config.copy_limit {
            return self.copy_in_parts(request, &head, size, scope).await;
        }
        let mut sent = Request::new(self.url(Some(request.to.as_str()), &[]))
            .with_header(SOURCE, self.source(&request)?);
        if let Some(etag) = &request.source_if_match {
            sent = sent.with_header(SOURCE_IF_MATCH, pin(etag)?);
        }
        if let CopyMetadata::Replace { .. } = request.metadata {
            sent = sent.with_header(DIRECTIVE, HeaderValue::from_static("REPLACE"));
            for (name, value) in new_headers(&request.metadata, &head.headers)? {
                sent = sent.with_header(name, value);
            }
        }
        let sent = with_condition(sent, &request.condition, None)?;
        // This copy keeps the source's metadata and so cannot contain our nonce: its repeat could not be distinguished.
        let operation = match request.condition {
            WriteCondition::None => COPY,
            _ => COPY.with_class(OperationClass::Unkeyed),
        };
        match scope.call(&operation, sent).await {
            Ok(response) => {
                let tagged = wire::read::<Tagged>(&response.body);
                let etag = tagged.and_then(|tagged| etag(tagged.etag.as_deref()));
                Ok(PutOutcome::Stored(StoredObject::new(
                    etag,
                    stored(&response.head).version,
                )))
            }
            Err(error) if is_condition_not_met(&error) => Ok(PutOutcome::ConditionNotMet),
            // The source existed a moment ago, so it is the target that does not, and the condition is not met.
            Err(error)
                if error.vendor_code() == Some("NoSuchKey")
                    && matches!(request.condition, WriteCondition::IfMatch(_)) =>
            {
                Ok(PutOutcome::ConditionNotMet)
            }
            Err(error) => Err(error),
        }
    }

    /// All parts are copied from one state of the source: the one that the caller requires, or else its current one.
    async fn copy_in_parts(
        &self,
        request: CopyObject,
        head: &ResponseHead,
        size: u64,
        scope: CallScope,
    ) -> Result<PutOutcome, Error> {
        let source = self.source(&request)?;
        let current = etag(head.header("etag"));
        let pinned = request.source_if_match.as_ref().or(current.as_ref());
        let pinned = pinned.map(pin).transpose()?;
        let target = Target {
            key: request.to,
            headers: new_headers(&request.metadata, &head.headers)?,
            condition: request.condition,
            scope,
        };
        let upload = self.create_multipart_upload(target).await?;
        let outcome = match copy_all(&upload, &source, pinned.as_ref(), size).await {
            Ok(parts) => upload.complete(parts).await,
            Err(error) => {
                upload.abort().await;
                Err(error)
            }
        };
        match outcome {
            Err(error) if is_condition_not_met(&error) && request.source_if_match.is_some() => {
                Ok(PutOutcome::ConditionNotMet)
            }
            result => result,
        }
    }

    fn source(&self, request: &CopyObject) -> Result<HeaderValue, Error> {
        let (bucket, key) = (
            encode(&self.config.bucket),
            encode_key(request.from.as_str()),
        );
        header_value("from", &["/", &bucket, "/", &key].concat())
    }
}

/// Copies all parts, a few at a time.
async fn copy_all(
    upload: &Upload,
    source: &HeaderValue,
    pinned: Option<&HeaderValue>,
    size: u64,
) -> Result<Vec<Part>, Error> {
    let config = &upload.s3.config;
    let step = PART_SIZE
        .min(config.copy_limit)
        .max(size.div_ceil(MAX_PARTS));
    let starts = (0..size).step_by(usize::try_from(step).unwrap_or(usize::MAX));
    stream::iter((1..).zip(starts))
        .map(|(number, start)| {
            let range = format!("bytes={start}-{}", size.min(start + step) - 1);
            upload.upload_part_copy(number, range, source, pinned)
        })
        .buffer_unordered(config.part_concurrency.get() as usize)
        .try_collect()
        .await
}

fn pin(etag: &ETag) -> Result<HeaderValue, Error> {
    header_value("source_if_match", etag.as_str())
}

/// The headers that describe the new object: those that the caller gives, or the source's own, unchanged.
fn new_headers(
    metadata: &CopyMetadata,
    source: &HeaderMap,
) -> Result<Vec<(HeaderName, HeaderValue)>, Error> {
    if let CopyMetadata::Replace { content, metadata } = metadata {
        let mut headers = content_headers(content)?;
        headers.extend(metadata_headers(metadata)?);
        return Ok(headers);
    }
    let kept = |name: &HeaderName| match name.as_str().strip_prefix(META) {
        Some(key) => key != NONCE,
        None => KEPT.contains(name),
    };
    Ok(source
        .iter()
        .filter(|(name, _)| kept(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect())
}

#[cfg(test)]
mod tests;
