//! Copying inside the store: in one request, or in parts where the object is too large for that.

use anyvendor_core::{
    Error,
    resilience::{Operation, OperationClass, Request, ResponseHead},
    storage::{
        CopyMetadata, CopyObject, ETag, HeadObject, PutOutcome, StoredObject, WriteCondition,
    },
};
use futures_util::{StreamExt, TryStreamExt, stream};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};

use super::{
    META, NONCE, content_headers, header_value,
    multipart::{MAX_PARTS, Part, Target, Upload, taken},
    read::place,
    write::{is_refused, with_condition},
};
use crate::{
    client::S3,
    encode::{encode, encode_key, metadata_headers},
    wire::{self, Tagged},
};

const COPY: Operation = Operation::new(
    "storage.copy",
    &Method::PUT,
    "/{key}",
    OperationClass::Idempotent,
)
.unbounded();
const PART: Operation = Operation::new(
    "storage.copy.part",
    &Method::PUT,
    "/{key}?partNumber={n}&uploadId={id}",
    OperationClass::Idempotent,
)
.unbounded();

/// The largest part of a copy; own choice: no byte passes through us, and a part of this size takes the store seconds.
const PART_SIZE: u64 = 512 * 1024 * 1024;

const SOURCE: HeaderName = HeaderName::from_static("x-amz-copy-source");
const SOURCE_RANGE: HeaderName = HeaderName::from_static("x-amz-copy-source-range");
const SOURCE_IF_MATCH: HeaderName = HeaderName::from_static("x-amz-copy-source-if-match");
const DIRECTIVE: HeaderName = HeaderName::from_static("x-amz-metadata-directive");

/// What a copy in one request takes over beside the metadata, and beginning an upload does not.
const KEPT: [HeaderName; 6] = [
    header::CONTENT_TYPE,
    header::CACHE_CONTROL,
    header::CONTENT_DISPOSITION,
    header::CONTENT_ENCODING,
    header::CONTENT_LANGUAGE,
    header::EXPIRES,
];

impl S3 {
    pub(super) async fn duplicate(&self, request: CopyObject) -> Result<PutOutcome, Error> {
        let asked = HeadObject::new(request.from.clone()).with_options(request.options.clone());
        let head = self.head_of(&asked).await?;
        let (_, size) = place(&head)?;
        if size > self.config.copy_limit {
            return self.duplicate_in_parts(request, &head, size).await;
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
        // This copy keeps the source's metadata and so cannot bear a mark of ours: its repeat could not be told apart.
        let operation = match request.condition {
            WriteCondition::None => COPY,
            _ => COPY.with_class(OperationClass::Unkeyed),
        };
        match self.call(&operation, sent, &request.options).await {
            Ok(response) => {
                let tagged = wire::read::<Tagged>(&response.body);
                let etag = tagged.and_then(|tagged| super::etag(tagged.etag.as_deref()));
                Ok(PutOutcome::Stored(StoredObject::new(
                    etag,
                    super::stored(&response.head).version,
                )))
            }
            Err(error) if is_refused(&error) => Ok(PutOutcome::ConditionNotMet),
            // The source was there a moment ago: it is the target that is not, and so not in the state asked for.
            Err(error)
                if error.vendor_code() == Some("NoSuchKey")
                    && matches!(request.condition, WriteCondition::IfMatch(_)) =>
            {
                Ok(PutOutcome::ConditionNotMet)
            }
            Err(error) => Err(error),
        }
    }

    /// The source is pinned to one state over all parts: the caller's, or the one that we found.
    async fn duplicate_in_parts(
        &self,
        request: CopyObject,
        head: &ResponseHead,
        size: u64,
    ) -> Result<PutOutcome, Error> {
        let source = self.source(&request)?;
        let found = super::etag(head.header("etag"));
        let pinned = request.source_if_match.as_ref().or(found.as_ref());
        let pinned = pinned.map(pin).transpose()?;
        let target = Target {
            key: request.to,
            headers: new_headers(&request.metadata, &head.headers)?,
            condition: request.condition,
            options: request.options,
        };
        let upload = self.begin(target).await?;
        let parts = upload.copy_all(&source, pinned.as_ref(), size).await;
        match upload.finish(parts).await {
            Err(error) if is_refused(&error) && request.source_if_match.is_some() => {
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

impl Upload {
    async fn copy_all(
        &self,
        source: &HeaderValue,
        pinned: Option<&HeaderValue>,
        size: u64,
    ) -> Result<Vec<Part>, Error> {
        let config = &self.s3.config;
        let step = PART_SIZE
            .min(config.copy_limit)
            .max(size.div_ceil(MAX_PARTS));
        let starts = (0..size).step_by(usize::try_from(step).unwrap_or(usize::MAX));
        stream::iter((1..).zip(starts))
            .map(|(number, start)| {
                let range = format!("bytes={start}-{}", size.min(start + step) - 1);
                self.copy_part(number, range, source, pinned)
            })
            .buffer_unordered(config.part_concurrency.get() as usize)
            .try_collect()
            .await
    }

    async fn copy_part(
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
        let response = self.s3.call(&PART, sent, &self.options).await?;
        let tagged = wire::read::<Tagged>(&response.body).and_then(|tagged| tagged.etag);
        taken(number, tagged.as_deref(), &response.head)
    }
}

fn pin(etag: &ETag) -> Result<HeaderValue, Error> {
    header_value("source_if_match", etag.as_str())
}

/// What the new object says of itself: what the caller gives, or what the source says, word by word.
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
#[path = "copy_tests.rs"]
mod tests;
