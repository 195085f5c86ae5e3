//! What the headers of a request and of a response say about an object.

use std::ops::Range;

use anyvendor_core::{
    Error,
    error::ProtocolReason,
    resilience::ResponseHead,
    storage::{ContentHeaders, ETag, ObjectInfo, StoredObject},
    values::{Metadata, ObjectKey},
};
use http::{HeaderName, HeaderValue, StatusCode, header};
use jiff::Timestamp;

use crate::encode::{META, decode_value};

/// The metadata key of our nonce: it distinguishes our own write from another client's after a lost response.
pub(super) const NONCE: &str = "anyvendor-nonce";

/// The value of a header, from text that the caller gave.
pub(super) fn header_value(field: &'static str, text: &str) -> Result<HeaderValue, Error> {
    HeaderValue::from_str(text)
        .map_err(|_| Error::invalid(field, "is not a valid header value; remove line breaks"))
}

/// The headers that describe the content of a new object.
pub(super) fn content_headers(
    content: &ContentHeaders,
) -> Result<Vec<(HeaderName, HeaderValue)>, Error> {
    let all = [
        (header::CONTENT_TYPE, "content_type", &content.content_type),
        (
            header::CACHE_CONTROL,
            "cache_control",
            &content.cache_control,
        ),
        (
            header::CONTENT_DISPOSITION,
            "content_disposition",
            &content.content_disposition,
        ),
        (
            header::CONTENT_ENCODING,
            "content_encoding",
            &content.content_encoding,
        ),
        (
            header::CONTENT_LANGUAGE,
            "content_language",
            &content.content_language,
        ),
    ];
    all.into_iter()
        .filter_map(|(name, field, text)| text.as_deref().map(|text| (name, field, text)))
        .map(|(name, field, text)| Ok((name, header_value(field, text)?)))
        .collect()
}

/// Reads the description of an object from the headers of a response.
pub(super) fn object_info(
    key: ObjectKey,
    size: u64,
    head: &ResponseHead,
) -> Result<ObjectInfo, Error> {
    let mut info = ObjectInfo::new(key, size);
    info.etag = etag(head.header("etag"));
    info.last_modified = head
        .header("last-modified")
        .and_then(|text| httpdate::parse_http_date(text).ok())
        .and_then(|time| Timestamp::try_from(time).ok());
    let text = |name| head.header(name).map(str::to_owned);
    info.content.content_type = text("content-type");
    info.content.cache_control = text("cache-control");
    info.content.content_disposition = text("content-disposition");
    info.content.content_encoding = text("content-encoding");
    info.content.content_language = text("content-language");
    info.version = text("x-amz-version-id").filter(|version| version != "null");
    let mut metadata = Metadata::default();
    for (name, value) in &head.headers {
        let Some(key) = name.as_str().strip_prefix(META) else {
            continue;
        };
        if let (false, Ok(value)) = (key == NONCE, value.to_str()) {
            metadata.insert(key, decode_value(value))?;
        }
    }
    info.metadata = metadata;
    Ok(info)
}

/// An entity tag; `None` if there is none or it is not valid.
pub(super) fn etag(text: Option<&str>) -> Option<ETag> {
    ETag::new(text?).ok()
}

/// The entity tag and the version of an object that was just written.
pub(super) fn stored(head: &ResponseHead) -> StoredObject {
    let version = head
        .header("x-amz-version-id")
        .filter(|version| *version != "null");
    StoredObject::new(etag(head.header("etag")), version.map(str::to_owned))
}

/// Which bytes of the object a response contains, and the size of the whole object.
pub(super) fn byte_range(head: &ResponseHead) -> Result<(Range<u64>, u64), Error> {
    let malformed = || {
        head.malformed(
            ProtocolReason::BadBody,
            "the response does not contain the size of the object",
        )
    };
    if head.status == StatusCode::PARTIAL_CONTENT {
        let text = head
            .header("content-range")
            .and_then(|text| text.strip_prefix("bytes "))
            .ok_or_else(malformed)?;
        let (range, size) = text.split_once('/').ok_or_else(malformed)?;
        let (first, last) = range.split_once('-').ok_or_else(malformed)?;
        let number = |text: &str| text.parse::<u64>().map_err(|_| malformed());
        return Ok((
            number(first)?..number(last)?.saturating_add(1),
            number(size)?,
        ));
    }
    let size = head
        .header("content-length")
        .and_then(|text| text.parse().ok())
        .ok_or_else(malformed)?;
    Ok((0..size, size))
}
