//! ListObjectsV2: byte order, prefix, delimiter, pagination, and encoded keys on request:
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use s3s::dto::{
    CommonPrefix, EncodingType, ListObjectsV2Input, ListObjectsV2Output, Object as Listed,
    ObjectStorageClass,
};
use s3s::{S3Error, S3Result};

use super::buckets::owner;
use super::error::invalid_argument;
use super::store::{Object, Store, wire_etag, wire_time};

/// The greatest number of entries on a page.
pub(super) const MAX_PAGE_SIZE: i32 = 1000;

pub(super) fn objects(store: &Store, input: ListObjectsV2Input) -> S3Result<ListObjectsV2Output> {
    let max = page_size(input.max_keys, "max-keys")?;
    let encoder = NameEncoder::new(input.encoding_type.as_ref())?;
    let prefix = input.prefix.as_deref().unwrap_or_default();
    let delimiter = input.delimiter.as_deref().filter(|d| !d.is_empty());
    let after = match &input.continuation_token {
        Some(token) => Position::parse(token)?,
        None => Position::Key(input.start_after.clone().unwrap_or_default()),
    };

    let state = store.lock();
    let bucket = state.bucket(&input.bucket)?;
    let page = page(&bucket.objects, prefix, delimiter, &after, max);
    let mut contents = Vec::new();
    let mut prefixes = Vec::new();
    for entry in &page.entries {
        match entry {
            Entry::Object(key, object) => contents.push(Listed {
                key: Some(encoder.name(key)),
                e_tag: Some(wire_etag(&object.etag)),
                last_modified: Some(wire_time(object.modified)),
                size: Some(object.size()),
                storage_class: Some(ObjectStorageClass::from(
                    object.headers.storage_class().to_owned(),
                )),
                checksum_algorithm: Some(vec![object.sum.algorithm.dto()]),
                checksum_type: Some(object.sum.kind()),
                owner: input.fetch_owner.unwrap_or(false).then(owner),
                ..Default::default()
            }),
            Entry::Prefix(common) => prefixes.push(CommonPrefix {
                prefix: Some(encoder.name(common)),
            }),
        }
    }
    Ok(ListObjectsV2Output {
        name: Some(input.bucket.clone()),
        prefix: Some(encoder.name(prefix)),
        delimiter: delimiter.map(|d| encoder.name(d)),
        start_after: input.start_after.as_deref().map(|s| encoder.name(s)),
        encoding_type: input.encoding_type.clone(),
        max_keys: Some(i32::try_from(max).unwrap_or(MAX_PAGE_SIZE)),
        key_count: i32::try_from(page.entries.len()).ok(),
        is_truncated: Some(page.next.is_some()),
        continuation_token: input.continuation_token.clone(),
        next_continuation_token: page.next.map(|position| position.token()),
        contents: Some(contents),
        common_prefixes: Some(prefixes),
        ..Default::default()
    })
}

/// The requested page size, at most 1000.
pub(super) fn page_size(requested: Option<i32>, name: &str) -> S3Result<usize> {
    let requested = requested.unwrap_or(MAX_PAGE_SIZE);
    let invalid = || {
        invalid_argument(
            "Argument must be an integer between 0 and 2147483647",
            name,
            &requested.to_string(),
        )
    };
    usize::try_from(requested.min(MAX_PAGE_SIZE)).map_err(|_| invalid())
}

/// Writes names unchanged or URL-encoded; only the encoded form can represent control characters.
#[derive(Clone, Copy, Debug)]
pub(super) struct NameEncoder {
    encode: bool,
}

impl NameEncoder {
    pub(super) fn new(encoding: Option<&EncodingType>) -> S3Result<Self> {
        match encoding.map(EncodingType::as_str) {
            None => Ok(Self { encode: false }),
            Some(EncodingType::URL) => Ok(Self { encode: true }),
            Some(other) => Err(invalid_argument(
                "Invalid Encoding Method specified in Request",
                "encoding-type",
                other,
            )),
        }
    }

    /// Encodes a name as in a form (a space becomes `+`), but leaves the slash unchanged.
    pub(super) fn name(self, name: &str) -> String {
        if !self.encode {
            return name.to_owned();
        }
        let encoded: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
        encoded.replace("%2F", "/")
    }
}

/// The position where a page ended.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Position {
    Key(String),
    /// All keys with this common prefix were listed.
    Prefix(String),
}

impl Position {
    fn text(&self) -> &str {
        match self {
            Self::Key(text) | Self::Prefix(text) => text,
        }
    }

    /// The continuation token, which is opaque to clients.
    fn token(&self) -> String {
        let kind = if matches!(self, Self::Key(_)) {
            'k'
        } else {
            'p'
        };
        URL_SAFE_NO_PAD.encode(format!("{kind}{}", self.text()))
    }

    fn parse(token: &str) -> S3Result<Self> {
        let invalid = || -> S3Error {
            invalid_argument(
                "The continuation token provided is incorrect",
                "continuation-token",
                token,
            )
        };
        let text = URL_SAFE_NO_PAD
            .decode(token)
            .ok()
            .and_then(|raw| String::from_utf8(raw).ok())
            .ok_or_else(invalid)?;
        if let Some(key) = text.strip_prefix('k') {
            Ok(Self::Key(key.to_owned()))
        } else {
            text.strip_prefix('p')
                .map(|prefix| Self::Prefix(prefix.to_owned()))
                .ok_or_else(invalid)
        }
    }
}

#[derive(Debug)]
enum Entry<'a> {
    Object(&'a str, &'a Object),
    Prefix(&'a str),
}

#[derive(Debug)]
struct Page<'a> {
    entries: Vec<Entry<'a>>,
    next: Option<Position>,
}

fn page<'a>(
    objects: &'a BTreeMap<String, Arc<Object>>,
    prefix: &str,
    delimiter: Option<&str>,
    after: &Position,
    max: usize,
) -> Page<'a> {
    let from = if after.text() < prefix {
        Bound::Included(prefix)
    } else {
        Bound::Excluded(after.text())
    };
    // The empty position is the start of the list: it excludes nothing, because no key is empty.
    let rest = objects.range::<str, _>((from, Bound::Unbounded));
    let mut entries: Vec<Entry<'a>> = Vec::new();
    for (key, object) in rest.take_while(|(key, _)| key.starts_with(prefix)) {
        if let Position::Prefix(done) = after
            && key.starts_with(done.as_str())
        {
            continue;
        }
        let common = delimiter.and_then(|delimiter| common_prefix(key, prefix, delimiter));
        if let (Some(Entry::Prefix(last)), Some(common)) = (entries.last(), common)
            && *last == common
        {
            continue;
        }
        if entries.len() == max {
            let next = entries.last().map(|last| match last {
                Entry::Object(key, _) => Position::Key((*key).to_owned()),
                Entry::Prefix(common) => Position::Prefix((*common).to_owned()),
            });
            return Page { entries, next };
        }
        entries.push(common.map_or(Entry::Object(key, object), Entry::Prefix));
    }
    Page {
        entries,
        next: None,
    }
}

/// The key up to and including the first delimiter after the prefix.
pub(super) fn common_prefix<'a>(key: &'a str, prefix: &str, delimiter: &str) -> Option<&'a str> {
    let rest = key.strip_prefix(prefix)?;
    let at = rest.find(delimiter)?;
    key.get(..prefix.len() + at + delimiter.len())
}
