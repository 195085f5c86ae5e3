//! Multipart uploads: create, upload and copy parts, complete and abort:
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html>.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::HeaderMap;
use s3s::crypto::{Checksum as _, Md5};
// tidy: glob: an operation names dozens of its types.
use s3s::dto::*;
use s3s::{S3ErrorCode, S3Request, S3Result};

use super::blob::Blob;
use super::checksum::{Algorithm, Sum, echo_sum, mismatch};
use super::condition::WriteCondition;
use super::copy::{digest, source, source_condition, source_location};
use super::error::{invalid_argument, invalid_request, malformed_xml, no_such_upload, s3_error};
use super::headers::stored_headers;
use super::payload::{Expected, MAX_PUT, receive};
use super::store::{Object, Part as StoredPart, Store, Upload, hex, signed, wire_etag, wire_time};

/// The smallest size of every part but the last: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>.
const MIN_PART: u64 = 5 * 1024 * 1024;
/// The greatest part number.
const MAX_PARTS: i32 = 10_000;

pub(super) fn create(
    store: &Store,
    mut input: CreateMultipartUploadInput,
) -> S3Result<CreateMultipartUploadOutput> {
    let algorithm = Algorithm::requested(input.checksum_algorithm.as_ref())?;
    let used = algorithm.unwrap_or(Algorithm::Crc64Nvme);
    let composite = match input.checksum_type.as_ref().map(ChecksumType::as_str) {
        None => used.default_composite(),
        Some(kind) => kind == ChecksumType::COMPOSITE,
    };
    if !used.supports(composite) {
        let kind = if composite {
            "COMPOSITE"
        } else {
            "FULL_OBJECT"
        };
        let message = format!(
            "The {kind} checksum type cannot be used with the {} checksum algorithm.",
            used.name().to_lowercase()
        );
        return Err(invalid_request(message));
    }
    let headers = stored_headers!(input).checked()?;
    let upload = Upload {
        headers,
        initiated: store.now(),
        algorithm,
        composite,
        parts: BTreeMap::new(),
    };
    let (count, unique_bytes) = store.unique_bytes();
    let id = format!("{count:012x}{}", hex(&unique_bytes));
    let mut state = store.lock();
    state
        .bucket_mut(&input.bucket)?
        .uploads
        .insert((input.key.clone(), id.clone()), upload);
    Ok(CreateMultipartUploadOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(id),
        checksum_algorithm: algorithm.map(Algorithm::dto),
        checksum_type: algorithm.map(|_| {
            ChecksumType::from_static(if composite {
                ChecksumType::COMPOSITE
            } else {
                ChecksumType::FULL_OBJECT
            })
        }),
        ..Default::default()
    })
}

pub(super) async fn upload_part(
    store: &Store,
    req: S3Request<UploadPartInput>,
) -> S3Result<UploadPartOutput> {
    let mut input = req.input;
    let algorithm = store
        .lock()
        .upload(&input.bucket, &input.key, &input.upload_id)
        .map(|upload| upload.algorithm);
    // The body is read even if the upload does not exist, for the reason given in `objects::put`.
    let expected = algorithm
        .as_ref()
        .map_or(Expected::Any, |algorithm| Expected::Created(*algorithm));
    let payload = receive(
        input.body.take(),
        &req.headers,
        req.trailing_headers,
        expected,
    )
    .await?;
    algorithm?;
    check_number(input.part_number)?;

    let mut out = UploadPartOutput {
        e_tag: Some(wire_etag(&hex(&payload.md5))),
        ..Default::default()
    };
    echo_sum!(out, payload.echo);
    let part = StoredPart {
        blob: payload.blob,
        md5: payload.md5,
        sum: payload.sum,
        modified: store.now(),
    };
    let mut state = store.lock();
    let upload = state
        .bucket_mut(&input.bucket)?
        .upload_mut(&input.key, &input.upload_id)?;
    upload.parts.insert(input.part_number, part);
    Ok(out)
}

pub(super) fn upload_part_copy(
    store: &Store,
    mut input: UploadPartCopyInput,
) -> S3Result<UploadPartCopyOutput> {
    check_number(input.part_number)?;
    let algorithm = store
        .lock()
        .upload(&input.bucket, &input.key, &input.upload_id)?
        .algorithm;
    let (from_bucket, from_key) = source_location(&input.copy_source)?;
    let source = source(store, from_bucket, from_key, source_condition!(input))?;
    let blob = match input.copy_source_range.as_deref() {
        None => source.blob.clone(),
        Some(text) => source.blob.slice(source_range(text, source.blob.len())?),
    };
    if blob.len() > MAX_PUT {
        let message = format!(
            "The specified copy source is larger than the maximum allowable size for a copy source: {MAX_PUT}"
        );
        return Err(invalid_request(message));
    }
    let (md5, sum) = digest(&blob, algorithm.unwrap_or(Algorithm::Crc64Nvme));
    let modified = store.now();
    let mut result = CopyPartResult {
        e_tag: Some(wire_etag(&hex(&md5))),
        last_modified: Some(wire_time(modified)),
        ..Default::default()
    };
    echo_sum!(result, sum);
    let mut state = store.lock();
    let upload = state
        .bucket_mut(&input.bucket)?
        .upload_mut(&input.key, &input.upload_id)?;
    upload.parts.insert(
        input.part_number,
        StoredPart {
            blob,
            md5,
            sum,
            modified,
        },
    );
    Ok(UploadPartCopyOutput {
        copy_part_result: Some(result),
        ..Default::default()
    })
}

pub(super) fn complete(
    store: &Store,
    req: S3Request<CompleteMultipartUploadInput>,
) -> S3Result<CompleteMultipartUploadOutput> {
    let mut input = req.input;
    let condition = WriteCondition::new(input.if_match.take(), input.if_none_match.take())?;
    let named = input
        .multipart_upload
        .take()
        .and_then(|upload| upload.parts)
        .filter(|parts| !parts.is_empty());
    let mut state = store.lock();
    let bucket = state.bucket_mut(&input.bucket)?;
    let upload = bucket.upload_mut(&input.key, &input.upload_id)?;
    let named = named.ok_or_else(malformed_xml)?;
    let parts = named_parts(upload, &named)?;

    let total: u64 = parts.iter().map(|part| part.blob.len()).sum();
    if input
        .mpu_object_size
        .is_some_and(|size| size != signed(total))
    {
        let message =
            "The provided 'x-amz-mp-object-size' header does not match what was computed.";
        return Err(invalid_request(message));
    }
    let used = upload.algorithm.unwrap_or(Algorithm::Crc64Nvme);
    let sums: Vec<(Sum, u64)> = parts
        .iter()
        .map(|part| (part.sum.clone(), part.blob.len()))
        .collect();
    let sum = Sum::combine(used, upload.composite && upload.algorithm.is_some(), &sums);
    check_whole_sum(&mut input, &sum)?;
    let mut md5 = Md5::new();
    parts.iter().for_each(|part| md5.update(&part.md5));
    let etag = format!("{}-{}", hex(&md5.finalize()), parts.len());
    let sizes: Vec<u64> = sums.iter().map(|(_, len)| *len).collect();
    condition.check(
        &input.key,
        bucket.objects.get(&input.key).map(AsRef::as_ref),
    )?;

    // All checks passed; nothing fails from here on.
    let id = (input.key.clone(), input.upload_id.clone());
    let mut upload = bucket
        .uploads
        .remove(&id)
        .ok_or_else(|| no_such_upload(&input.upload_id))?;
    let mut blob = Blob::default();
    for number in named.iter().filter_map(|part| part.part_number) {
        if let Some(part) = upload.parts.remove(&number) {
            blob.append(part.blob);
        }
    }
    let mut out = CompleteMultipartUploadOutput {
        location: Some(location(&req.headers, &input.bucket, &input.key)),
        bucket: Some(input.bucket),
        key: Some(input.key.clone()),
        e_tag: Some(wire_etag(&etag)),
        checksum_type: Some(sum.kind()),
        ..Default::default()
    };
    echo_sum!(out, sum);
    let object = Object {
        blob,
        etag,
        sum,
        headers: upload.headers,
        modified: store.now(),
        parts: sizes,
    };
    bucket.objects.insert(input.key, Arc::new(object));
    Ok(out)
}

pub(super) fn abort(store: &Store, input: AbortMultipartUploadInput) -> S3Result<()> {
    let mut state = store.lock();
    let bucket = state.bucket_mut(&input.bucket)?;
    match bucket.uploads.remove(&(input.key, input.upload_id.clone())) {
        Some(_) => Ok(()),
        None => Err(no_such_upload(&input.upload_id)),
    }
}

/// The parts that a complete request names, after checking their order, ETags, checksums and sizes.
fn named_parts<'a>(upload: &'a Upload, named: &[CompletedPart]) -> S3Result<Vec<&'a StoredPart>> {
    // The list itself is checked before the parts that it names.
    let numbers: Option<Vec<i32>> = named.iter().map(|name| name.part_number).collect();
    let numbers = numbers.ok_or_else(malformed_xml)?;
    if !numbers.is_sorted_by(|one, next| one < next) {
        let message = "The list of parts was not in ascending order. The parts list must be specified in order by part number.";
        return Err(s3_error(S3ErrorCode::InvalidPartOrder, message, &[]));
    }
    let mut parts = Vec::with_capacity(named.len());
    for (index, (name, number)) in named.iter().zip(numbers).enumerate() {
        let invalid = || {
            let message = "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.";
            s3_error(
                S3ErrorCode::InvalidPart,
                message,
                &[("PartNumber", &number.to_string())],
            )
        };
        let part = upload.parts.get(&number).ok_or_else(invalid)?;
        let etag = name.e_tag.as_ref().ok_or_else(malformed_xml)?;
        if etag.value() != hex(&part.md5) {
            return Err(invalid());
        }
        let declared = Checksum {
            checksum_crc32: name.checksum_crc32.clone(),
            checksum_crc32c: name.checksum_crc32c.clone(),
            checksum_crc64nvme: name.checksum_crc64nvme.clone(),
            checksum_sha1: name.checksum_sha1.clone(),
            checksum_sha256: name.checksum_sha256.clone(),
            ..Default::default()
        };
        match part.sum.algorithm.pick(&declared) {
            Some(value) if value != part.sum.value => return Err(invalid()),
            None if upload.algorithm.is_some() && upload.composite => {
                let algorithm = part.sum.algorithm.name().to_lowercase();
                let message = format!(
                    "The upload was created using a {algorithm} checksum. The complete request must include the checksum for each part. It was missing for part {number} in the request."
                );
                return Err(invalid_request(message));
            }
            _ => {}
        }
        if index + 1 < named.len() && part.blob.len() < MIN_PART {
            let details = [
                ("ProposedSize", part.blob.len().to_string()),
                ("MinSizeAllowed", MIN_PART.to_string()),
                ("PartNumber", number.to_string()),
            ];
            let details = details.each_ref().map(|(n, v)| (*n, v.as_str()));
            return Err(s3_error(
                S3ErrorCode::EntityTooSmall,
                "Your proposed upload is smaller than the minimum allowed size",
                &details,
            ));
        }
        parts.push(part);
    }
    Ok(parts)
}

/// Checks the checksum of the whole object, if the complete request declares one.
fn check_whole_sum(input: &mut CompleteMultipartUploadInput, sum: &Sum) -> S3Result<()> {
    let declared = Checksum {
        checksum_crc32: input.checksum_crc32.take(),
        checksum_crc32c: input.checksum_crc32c.take(),
        checksum_crc64nvme: input.checksum_crc64nvme.take(),
        checksum_sha1: input.checksum_sha1.take(),
        checksum_sha256: input.checksum_sha256.take(),
        ..Default::default()
    };
    if input
        .checksum_type
        .as_ref()
        .is_some_and(|kind| kind.as_str() != sum.kind().as_str())
    {
        let message =
            "The upload was created with another checksum type than the complete request names.";
        return Err(invalid_request(message));
    }
    match sum.algorithm.pick(&declared) {
        Some(value) if value != sum.value => Err(mismatch(sum.algorithm)),
        _ => Ok(()),
    }
}

fn check_number(number: i32) -> S3Result<()> {
    if (1..=MAX_PARTS).contains(&number) {
        return Ok(());
    }
    Err(invalid_argument(
        "Part number must be an integer between 1 and 10000, inclusive",
        "partNumber",
        &number.to_string(),
    ))
}

fn source_range(text: &str, len: u64) -> S3Result<std::ops::Range<u64>> {
    match Range::parse(text) {
        Ok(Range::Int {
            first,
            last: Some(last),
        }) if last < len => Ok(first..last + 1),
        Ok(Range::Int { last: Some(_), .. }) => {
            let message = format!("Range specified is not valid for source object of size: {len}");
            Err(invalid_argument(message, "x-amz-copy-source-range", text))
        }
        _ => {
            let message = "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy";
            Err(invalid_argument(message, "x-amz-copy-source-range", text))
        }
    }
}

/// The URL of the completed object.
fn location(headers: &HeaderMap, bucket: &str, key: &str) -> String {
    let host = headers
        .get(http::header::HOST)
        .and_then(|h| h.to_str().ok())
        .unwrap_or("s3.amazonaws.com");
    let key = percent_encoding::utf8_percent_encode(key, percent_encoding::NON_ALPHANUMERIC);
    format!("http://{host}/{bucket}/{key}")
}
