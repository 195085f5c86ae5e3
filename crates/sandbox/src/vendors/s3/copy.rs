//! CopyObject, and the source of a copy.

use std::sync::Arc;

use s3s::crypto::{Checksum as _, Md5};
// tidy: glob: an operation names dozens of its types.
use s3s::dto::*;
use s3s::{S3ErrorCode, S3Request, S3Result};

use super::blob::Blob;
use super::checksum::{Algorithm, Sum, echo_sum};
use super::condition::{ReadCondition, WriteCondition};
use super::error::{invalid_request, s3_error};
use super::headers::stored_headers;
use super::objects::no_version;
use super::payload::MAX_PUT;
use super::store::{Object, Store, hex, wire_etag, wire_time};

/// Takes the four source conditions out of either of the two copy inputs.
macro_rules! source_condition {
    ($input:expr) => {
        $crate::vendors::s3::condition::ReadCondition {
            if_match: $input.copy_source_if_match.take(),
            if_none_match: $input.copy_source_if_none_match.take(),
            if_modified_since: $input.copy_source_if_modified_since.take(),
            if_unmodified_since: $input.copy_source_if_unmodified_since.take(),
        }
    };
}
pub(super) use source_condition;

pub(super) fn copy(store: &Store, req: S3Request<CopyObjectInput>) -> S3Result<CopyObjectOutput> {
    let mut input = req.input;
    let condition = WriteCondition::from_headers(&req.headers)?;
    let (from_bucket, from_key) = source_location(&input.copy_source)?;
    let source = source(store, from_bucket, from_key, source_condition!(input))?;
    if source.blob.len() > MAX_PUT {
        let message = format!(
            "The specified copy source is larger than the maximum allowable size for a copy source: {MAX_PUT}"
        );
        return Err(invalid_request(message));
    }

    let replace = input
        .metadata_directive
        .as_ref()
        .is_some_and(|d| d.as_str() == MetadataDirective::REPLACE);
    let requested = stored_headers!(input);
    let headers = if replace {
        let mut headers = requested.checked()?;
        if input
            .tagging_directive
            .as_ref()
            .is_none_or(|d| d.as_str() != TaggingDirective::REPLACE)
        {
            headers.tags = source.headers.tags;
        }
        headers
    } else {
        let mut headers = source.headers.clone();
        // The storage class is not copied from the source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>.
        headers.storage_class = requested.storage_class;
        headers
    };
    let algorithm = Algorithm::requested(input.checksum_algorithm.as_ref())?;
    let same_object = from_bucket == input.bucket && from_key == input.key;
    if same_object
        && !replace
        && algorithm.is_none()
        && headers.storage_class() == source.headers.storage_class()
    {
        let message = "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.";
        return Err(invalid_request(message));
    }

    let (md5, sum) = digest(&source.blob, algorithm.unwrap_or(source.sum.algorithm));
    let modified = store.now();
    let etag = hex(&md5);
    let mut result = CopyObjectResult {
        e_tag: Some(wire_etag(&etag)),
        last_modified: Some(wire_time(modified)),
        checksum_type: Some(sum.kind()),
        ..Default::default()
    };
    echo_sum!(result, sum);
    let object = Object {
        blob: source.blob.clone(),
        etag,
        sum,
        headers,
        modified,
        parts: Vec::new(),
    };
    let mut state = store.lock();
    let bucket = state.bucket_mut(&input.bucket)?;
    condition.check(
        &input.key,
        bucket.objects.get(&input.key).map(AsRef::as_ref),
    )?;
    bucket.objects.insert(input.key, Arc::new(object));
    Ok(CopyObjectOutput {
        copy_object_result: Some(result),
        ..Default::default()
    })
}

/// The bucket and key that a copy source names.
pub(super) fn source_location(source: &CopySource) -> S3Result<(&str, &str)> {
    match source {
        CopySource::Bucket {
            bucket,
            key,
            version_id,
        } => {
            no_version(version_id.as_deref())?;
            Ok((bucket, key))
        }
        CopySource::AccessPoint { .. } | CopySource::Outpost { .. } => Err(s3_error(
            S3ErrorCode::NotImplemented,
            "The sandbox has no access points",
            &[],
        )),
    }
}

/// The object to copy from, if the conditions on it hold.
pub(super) fn source(
    store: &Store,
    bucket: &str,
    key: &str,
    condition: ReadCondition,
) -> S3Result<Arc<Object>> {
    let object = store.lock().object(bucket, key)?;
    condition.check_source(&object)?;
    Ok(object)
}

/// The digests of bytes that are already stored.
pub(super) fn digest(blob: &Blob, algorithm: Algorithm) -> ([u8; 16], Sum) {
    let mut md5 = Md5::new();
    let mut hasher = algorithm.hasher();
    for segment in blob.segments() {
        md5.update(segment);
        hasher.update(segment);
    }
    (md5.finalize(), Sum::of(algorithm, hasher))
}
