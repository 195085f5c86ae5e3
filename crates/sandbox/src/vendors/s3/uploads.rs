//! ListMultipartUploads and ListParts.

use s3s::S3Result;
// tidy: glob: an operation names dozens of its types.
use s3s::dto::{self, *};

use super::buckets::owner;
use super::checksum::{Algorithm, echo_sum};
use super::list::{NameEncoder, common_prefix, page_size};
use super::store::{OWNER, Store, hex, signed, wire_etag, wire_time};

pub(super) fn parts(store: &Store, input: ListPartsInput) -> S3Result<ListPartsOutput> {
    let max = page_size(input.max_parts, "max-parts")?;
    let marker = input.part_number_marker.unwrap_or(0);
    let state = store.lock();
    let upload = state.upload(&input.bucket, &input.key, &input.upload_id)?;
    let mut rest = upload.parts.iter().filter(|(number, _)| **number > marker);
    let mut parts = Vec::new();
    for (number, part) in rest.by_ref().take(max) {
        let mut listed = Part {
            part_number: Some(*number),
            e_tag: Some(wire_etag(&hex(&part.md5))),
            size: Some(signed(part.blob.len())),
            last_modified: Some(wire_time(part.modified)),
            ..Default::default()
        };
        if upload.algorithm.is_some() {
            echo_sum!(listed, part.sum);
        }
        parts.push(listed);
    }
    let truncated = max > 0 && rest.next().is_some();
    Ok(ListPartsOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(input.upload_id),
        part_number_marker: Some(marker),
        next_part_number_marker: parts.last().and_then(|part| part.part_number),
        max_parts: i32::try_from(max).ok(),
        is_truncated: Some(truncated),
        storage_class: Some(StorageClass::from(
            upload.headers.storage_class().to_owned(),
        )),
        checksum_algorithm: upload.algorithm.map(Algorithm::dto),
        checksum_type: upload.algorithm.map(|_| kind(upload.composite)),
        owner: Some(owner()),
        initiator: Some(initiator()),
        parts: Some(parts),
        ..Default::default()
    })
}

pub(super) fn uploads(
    store: &Store,
    input: ListMultipartUploadsInput,
) -> S3Result<ListMultipartUploadsOutput> {
    let max = page_size(input.max_uploads, "max-uploads")?;
    let encoder = NameEncoder::new(input.encoding_type.as_ref())?;
    let prefix = input.prefix.as_deref().unwrap_or_default();
    let delimiter = input.delimiter.as_deref().filter(|d| !d.is_empty());
    let key_marker = input.key_marker.as_deref().unwrap_or_default();
    let id_marker = input
        .upload_id_marker
        .as_deref()
        .filter(|_| !key_marker.is_empty());
    let state = store.lock();
    let bucket = state.bucket(&input.bucket)?;

    let mut listed: Vec<MultipartUpload> = Vec::new();
    let mut prefixes: Vec<&str> = Vec::new();
    let mut last: Option<(&str, Option<&str>)> = None;
    let mut truncated = false;
    for ((key, id), upload) in bucket
        .uploads
        .iter()
        .filter(|((key, _), _)| key.starts_with(prefix))
    {
        let common = delimiter.and_then(|delimiter| common_prefix(key, prefix, delimiter));
        let position = common.unwrap_or(key);
        let passed = position < key_marker
            || (position == key_marker
                && id_marker.is_none_or(|marker| common.is_some() || id.as_str() <= marker));
        if passed || common.is_some_and(|common| prefixes.last() == Some(&common)) {
            continue;
        }
        if listed.len() + prefixes.len() == max {
            truncated = max > 0;
            break;
        }
        match common {
            Some(common) => {
                prefixes.push(common);
                last = Some((common, None));
            }
            None => {
                last = Some((key, Some(id)));
                listed.push(MultipartUpload {
                    key: Some(encoder.name(key)),
                    upload_id: Some(id.clone()),
                    initiated: Some(wire_time(upload.initiated)),
                    storage_class: Some(StorageClass::from(
                        upload.headers.storage_class().to_owned(),
                    )),
                    checksum_algorithm: upload.algorithm.map(Algorithm::dto),
                    checksum_type: upload.algorithm.map(|_| kind(upload.composite)),
                    owner: Some(owner()),
                    initiator: Some(initiator()),
                });
            }
        }
    }
    let last = last.filter(|_| truncated);
    Ok(ListMultipartUploadsOutput {
        bucket: Some(input.bucket.clone()),
        prefix: Some(encoder.name(prefix)),
        delimiter: delimiter.map(|d| encoder.name(d)),
        key_marker: Some(encoder.name(key_marker)),
        upload_id_marker: input.upload_id_marker.clone(),
        next_key_marker: last.map(|(key, _)| encoder.name(key)),
        next_upload_id_marker: last.and_then(|(_, id)| id).map(str::to_owned),
        max_uploads: i32::try_from(max).ok(),
        is_truncated: Some(truncated),
        encoding_type: input.encoding_type.clone(),
        common_prefixes: Some(
            prefixes
                .into_iter()
                .map(|p| dto::CommonPrefix {
                    prefix: Some(encoder.name(p)),
                })
                .collect(),
        ),
        uploads: Some(listed),
        ..Default::default()
    })
}

fn kind(composite: bool) -> ChecksumType {
    ChecksumType::from_static(if composite {
        ChecksumType::COMPOSITE
    } else {
        ChecksumType::FULL_OBJECT
    })
}

fn initiator() -> Initiator {
    Initiator {
        id: Some(OWNER.to_owned()),
        display_name: None,
    }
}
