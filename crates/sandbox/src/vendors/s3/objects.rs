//! PutObject, GetObject, HeadObject, DeleteObject and DeleteObjects.

use std::ops::Range;
use std::sync::Arc;

use http::StatusCode;
// tidy: glob: an operation names dozens of its types.
use s3s::dto::{self, *};
use s3s::{S3Error, S3ErrorCode, S3Request, S3Result};

use super::checksum::echo_sum;
use super::condition::{ReadCondition, WriteCondition, matches};
use super::error::{
    custom_error, invalid_argument, invalid_request, malformed_xml, precondition_failed, s3_error,
};
use super::headers::stored_headers;
use super::payload::{Expected, RawBody, check_whole, receive};
use super::store::{Object, Store, hex, signed, wire_etag, wire_time};

/// The greatest number of keys in one DeleteObjects request.
const MAX_DELETES: usize = 1000;
/// The greatest length of a key, in bytes of UTF-8.
const MAX_KEY: usize = 1024;

pub(super) async fn put(
    store: &Store,
    req: S3Request<PutObjectInput>,
) -> S3Result<PutObjectOutput> {
    let mut input = req.input;
    // The body is read first, so that an early error never closes a connection on which the client is still sending.
    let payload = receive(
        input.body.take(),
        &req.headers,
        req.trailing_headers,
        Expected::Any,
    )
    .await?;
    let headers = stored_headers!(input).checked()?;
    let condition = WriteCondition::new(input.if_match.take(), input.if_none_match.take())?;
    let etag = hex(&payload.md5);

    let mut out = PutObjectOutput {
        e_tag: Some(wire_etag(&etag)),
        checksum_type: Some(payload.sum.kind()),
        ..Default::default()
    };
    echo_sum!(out, payload.sum);
    let object = Object {
        blob: payload.blob,
        etag,
        sum: payload.sum,
        headers,
        modified: store.now(),
        parts: Vec::new(),
    };
    let mut state = store.lock();
    let bucket = state.bucket_mut(&input.bucket)?;
    condition.check(
        &input.key,
        bucket.objects.get(&input.key).map(AsRef::as_ref),
    )?;
    bucket.objects.insert(input.key, Arc::new(object));
    Ok(out)
}

pub(super) fn get(store: &Store, input: GetObjectInput) -> S3Result<GetObjectOutput> {
    no_version(input.version_id.as_deref())?;
    let object = store.lock().object(&input.bucket, &input.key)?;
    let condition = ReadCondition {
        if_match: input.if_match,
        if_none_match: input.if_none_match,
        if_modified_since: input.if_modified_since,
        if_unmodified_since: input.if_unmodified_since,
    };
    condition.check_read(&object)?;
    let window = Window::of(&object, input.range, input.part_number)?;
    let headers = &object.headers;
    let mut out = GetObjectOutput {
        accept_ranges: Some("bytes".to_owned()),
        cache_control: headers.cache_control.clone(),
        content_disposition: headers.content_disposition.clone(),
        content_encoding: headers.content_encoding.clone(),
        content_language: headers.content_language.clone(),
        content_length: Some(window.len()),
        content_range: window.content_range(&object),
        content_type: Some(headers.content_type().to_owned()),
        e_tag: Some(wire_etag(&object.etag)),
        expires: headers.expires.clone(),
        last_modified: Some(wire_time(object.modified)),
        metadata: headers.metadata_header(),
        parts_count: window.parts_count,
        storage_class: headers.storage_class_header(),
        tag_count: i32::try_from(headers.tags).ok().filter(|n| *n > 0),
        website_redirect_location: headers.website_redirect_location.clone(),
        ..Default::default()
    };
    if shows_checksum(input.checksum_mode.as_ref(), &window) {
        echo_sum!(out, object.sum);
        out.checksum_type = Some(object.sum.kind());
    }
    let blob = if window.partial {
        object.blob.slice(window.range)
    } else {
        object.blob.clone()
    };
    out.body = Some(blob.into_stream());
    Ok(out)
}

pub(super) fn head(store: &Store, input: HeadObjectInput) -> S3Result<HeadObjectOutput> {
    no_version(input.version_id.as_deref())?;
    let object = store.lock().object(&input.bucket, &input.key)?;
    let condition = ReadCondition {
        if_match: input.if_match,
        if_none_match: input.if_none_match,
        if_modified_since: input.if_modified_since,
        if_unmodified_since: input.if_unmodified_since,
    };
    condition.check_read(&object)?;
    let window = Window::of(&object, input.range, input.part_number)?;
    let headers = &object.headers;
    let mut out = HeadObjectOutput {
        accept_ranges: Some("bytes".to_owned()),
        cache_control: input
            .response_cache_control
            .or_else(|| headers.cache_control.clone()),
        content_disposition: input
            .response_content_disposition
            .or_else(|| headers.content_disposition.clone()),
        content_encoding: input
            .response_content_encoding
            .or_else(|| headers.content_encoding.clone()),
        content_language: input
            .response_content_language
            .or_else(|| headers.content_language.clone()),
        content_length: Some(window.len()),
        content_range: window.content_range(&object),
        content_type: Some(
            input
                .response_content_type
                .unwrap_or_else(|| headers.content_type().to_owned()),
        ),
        e_tag: Some(wire_etag(&object.etag)),
        expires: input.response_expires.or_else(|| headers.expires.clone()),
        last_modified: Some(wire_time(object.modified)),
        metadata: headers.metadata_header(),
        parts_count: window.parts_count,
        storage_class: headers.storage_class_header(),
        website_redirect_location: headers.website_redirect_location.clone(),
        ..Default::default()
    };
    if shows_checksum(input.checksum_mode.as_ref(), &window) {
        echo_sum!(out, object.sum);
        out.checksum_type = Some(object.sum.kind());
    }
    Ok(out)
}

pub(super) fn delete(store: &Store, input: &DeleteObjectInput) -> S3Result<()> {
    no_version(input.version_id.as_deref())?;
    let mut state = store.lock();
    let bucket = state.bucket_mut(&input.bucket)?;
    // Deleting a missing key succeeds, whatever the condition is.
    if let (Some(wanted), Some(object)) = (&input.if_match, bucket.objects.get(&input.key))
        && !matches(wanted, &object.etag, false)
    {
        return Err(precondition_failed("If-Match"));
    }
    bucket.objects.remove(&input.key);
    Ok(())
}

pub(super) fn delete_many(
    store: &Store,
    req: S3Request<DeleteObjectsInput>,
) -> S3Result<DeleteObjectsOutput> {
    if let Some(RawBody(body)) = req.extensions.get() {
        check_whole(body, &req.headers)?;
    }
    let Delete { objects, quiet } = req.input.delete;
    if objects.is_empty() || objects.len() > MAX_DELETES {
        return Err(malformed_xml());
    }
    let mut state = store.lock();
    let bucket = state.bucket_mut(&req.input.bucket)?;
    let mut out = DeleteObjectsOutput::default();
    for object in objects {
        let stale = |stored: &Arc<Object>| {
            object
                .e_tag
                .as_ref()
                .is_some_and(|wanted| wanted.value() != stored.etag)
        };
        let error = if object.key.len() > MAX_KEY {
            Some(s3_error(
                S3ErrorCode::KeyTooLongError,
                "Your key is too long",
                &[],
            ))
        } else if bucket.objects.get(&object.key).is_some_and(stale) {
            Some(precondition_failed("If-Match"))
        } else {
            no_version(object.version_id.as_deref()).err()
        };
        if let Some(error) = error {
            let error = dto::Error {
                code: Some(error.code().as_str().to_owned()),
                message: error.message().map(str::to_owned),
                key: Some(object.key),
                version_id: object.version_id,
            };
            out.errors.get_or_insert_default().push(error);
            continue;
        }
        bucket.objects.remove(&object.key);
        if !quiet.unwrap_or(false) {
            out.deleted.get_or_insert_default().push(DeletedObject {
                key: Some(object.key),
                ..Default::default()
            });
        }
    }
    Ok(out)
}

/// Versioning is not modelled: only the null version exists.
pub(super) fn no_version(version: Option<&str>) -> S3Result<()> {
    match version {
        None | Some("null") => Ok(()),
        Some(version) => Err(invalid_argument(
            "Invalid version id specified",
            "versionId",
            version,
        )),
    }
}

/// Whether the response shows the checksum. It is the checksum of the whole object, so a partial response has none.
fn shows_checksum(mode: Option<&ChecksumMode>, window: &Window) -> bool {
    !window.partial && mode.is_some_and(|mode| mode.as_str() == ChecksumMode::ENABLED)
}

/// The part of an object that a read asks for.
#[derive(Debug)]
struct Window {
    range: Range<u64>,
    partial: bool,
    parts_count: Option<i32>,
}

impl Window {
    fn of(object: &Object, range: Option<dto::Range>, part_number: Option<i32>) -> S3Result<Self> {
        let len = object.blob.len();
        match (range, part_number) {
            (None, None) => Ok(Self {
                range: 0..len,
                partial: false,
                parts_count: None,
            }),
            (Some(range), None) => {
                let range = satisfy(range, len).ok_or_else(|| invalid_range(range, len))?;
                Ok(Self {
                    range,
                    partial: true,
                    parts_count: None,
                })
            }
            (None, Some(number)) => Self::part(object, number),
            (Some(_), Some(_)) => Err(invalid_request(
                "Cannot specify both Range header and partNumber query parameter",
            )),
        }
    }

    fn part(object: &Object, number: i32) -> S3Result<Self> {
        let whole = [object.blob.len()];
        let sizes = if object.parts.is_empty() {
            whole.as_slice()
        } else {
            &object.parts
        };
        let index = usize::try_from(number)
            .ok()
            .and_then(|n| n.checked_sub(1))
            .filter(|index| *index < sizes.len());
        let Some(index) = index else {
            let message = "The requested partnumber is not satisfiable";
            return Err(custom_error(
                "InvalidPartNumber",
                StatusCode::RANGE_NOT_SATISFIABLE,
                message,
                &[],
            ));
        };
        let start: u64 = sizes.iter().take(index).sum();
        let size = sizes.get(index).copied().unwrap_or_default();
        let parts_count = if object.parts.is_empty() {
            None
        } else {
            i32::try_from(sizes.len()).ok()
        };
        Ok(Self {
            range: start..start + size,
            partial: size > 0,
            parts_count,
        })
    }

    fn len(&self) -> i64 {
        signed(self.range.end - self.range.start)
    }

    fn content_range(&self, object: &Object) -> Option<String> {
        let Range { start, end } = self.range;
        self.partial.then(|| {
            format!(
                "bytes {start}-{}/{}",
                end.saturating_sub(1),
                object.blob.len()
            )
        })
    }
}

/// The bytes of the range that exist, or `None` if there are none.
fn satisfy(range: dto::Range, len: u64) -> Option<Range<u64>> {
    let range = match range {
        dto::Range::Int { first, last } => {
            first..last.map_or(len, |last| last.saturating_add(1).min(len))
        }
        dto::Range::Suffix { length } => len.saturating_sub(length)..len,
    };
    (range.start < range.end).then_some(range)
}

fn invalid_range(range: dto::Range, len: u64) -> S3Error {
    let details = [
        ("RangeRequested", range.to_header_string()),
        ("ActualObjectSize", len.to_string()),
    ];
    let details = details.each_ref().map(|(n, v)| (*n, v.as_str()));
    s3_error(
        S3ErrorCode::InvalidRange,
        "The requested range is not satisfiable",
        &details,
    )
}
