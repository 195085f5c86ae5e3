//! The headers that S3 stores together with an object's bytes.

use std::collections::BTreeMap;

use s3s::dto;
use s3s::{S3ErrorCode, S3Result};

use super::error::{invalid_argument, s3_error};

/// The greatest size of the user metadata, in bytes of all names and values:
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html>.
const MAX_METADATA: usize = 2 * 1024;
/// The greatest number of tags of an object.
const MAX_TAGS: usize = 10;
const STORAGE_CLASSES: [&str; 9] = [
    dto::StorageClass::STANDARD,
    dto::StorageClass::REDUCED_REDUNDANCY,
    dto::StorageClass::STANDARD_IA,
    dto::StorageClass::ONEZONE_IA,
    dto::StorageClass::INTELLIGENT_TIERING,
    dto::StorageClass::GLACIER,
    dto::StorageClass::DEEP_ARCHIVE,
    dto::StorageClass::GLACIER_IR,
    dto::StorageClass::EXPRESS_ONEZONE,
];

/// The headers of a put, copy or create-multipart request that are stored with the object.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Headers {
    pub(super) content_type: Option<String>,
    pub(super) cache_control: Option<String>,
    pub(super) content_disposition: Option<String>,
    pub(super) content_encoding: Option<String>,
    pub(super) content_language: Option<String>,
    pub(super) expires: Option<dto::Timestamp>,
    pub(super) storage_class: Option<dto::StorageClass>,
    pub(super) website_redirect_location: Option<String>,
    pub(super) metadata: BTreeMap<String, String>,
    pub(super) tags: usize,
}

/// Takes the stored headers out of any of the three inputs that have them, without checking them.
macro_rules! stored_headers {
    ($input:expr) => {
        $crate::vendors::s3::headers::Headers {
            content_type: $input.content_type.take(),
            cache_control: $input.cache_control.take(),
            content_disposition: $input.content_disposition.take(),
            content_encoding: $input.content_encoding.take(),
            content_language: $input.content_language.take(),
            expires: $input.expires.take(),
            storage_class: $input.storage_class.take(),
            website_redirect_location: $input.website_redirect_location.take(),
            metadata: $input
                .metadata
                .take()
                .unwrap_or_default()
                .into_iter()
                .collect(),
            tags: $crate::vendors::s3::headers::count_tags($input.tagging.as_deref()),
        }
    };
}
pub(super) use stored_headers;

pub(super) fn count_tags(tagging: Option<&str>) -> usize {
    tagging.map_or(0, |tags| {
        url::form_urlencoded::parse(tags.as_bytes()).count()
    })
}

impl Headers {
    /// Checks the headers as S3 does.
    pub(super) fn checked(mut self) -> S3Result<Self> {
        let size: usize = self
            .metadata
            .iter()
            .map(|(name, value)| name.len() + value.len())
            .sum();
        if size > MAX_METADATA {
            let message = "Your metadata headers exceed the maximum allowed metadata size";
            let details = [
                ("Size", size.to_string()),
                ("MaxSizeAllowed", MAX_METADATA.to_string()),
            ];
            return Err(s3_error(
                S3ErrorCode::MetadataTooLarge,
                message,
                &details.each_ref().map(|(n, v)| (*n, v.as_str())),
            ));
        }
        if self.tags > MAX_TAGS {
            return Err(invalid_argument(
                "Object tags cannot be greater than 10",
                "x-amz-tagging",
                &self.tags.to_string(),
            ));
        }
        if let Some(class) = &self.storage_class
            && !STORAGE_CLASSES.contains(&class.as_str())
        {
            let message = "The storage class you specified is not valid";
            return Err(s3_error(
                S3ErrorCode::InvalidStorageClass,
                message,
                &[("StorageClassRequested", class.as_str())],
            ));
        }
        self.content_encoding = self
            .content_encoding
            .and_then(|value| without_aws_chunked(&value));
        Ok(self)
    }

    pub(super) fn content_type(&self) -> &str {
        self.content_type
            .as_deref()
            .unwrap_or("binary/octet-stream")
    }

    pub(super) fn storage_class(&self) -> &str {
        self.storage_class
            .as_ref()
            .map_or(dto::StorageClass::STANDARD, dto::StorageClass::as_str)
    }

    /// The header's value; S3 sends no header for the standard class.
    pub(super) fn storage_class_header(&self) -> Option<dto::StorageClass> {
        self.storage_class
            .clone()
            .filter(|class| class.as_str() != dto::StorageClass::STANDARD)
    }

    pub(super) fn metadata_header(&self) -> Option<dto::Metadata> {
        let pairs = || self.metadata.iter().map(|(k, v)| (k.clone(), v.clone()));
        (!self.metadata.is_empty()).then(|| pairs().collect())
    }
}

/// The content encoding without `aws-chunked`, which describes the transfer and not the object.
fn without_aws_chunked(value: &str) -> Option<String> {
    let rest: Vec<&str> = value
        .split(',')
        .map(str::trim)
        .filter(|c| !c.is_empty() && !c.eq_ignore_ascii_case("aws-chunked"))
        .collect();
    (!rest.is_empty()).then(|| rest.join(","))
}
