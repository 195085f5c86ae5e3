//! Conditional requests: reads follow the precedence of RFC 9110 section 13.2.2, writes follow S3's rules:
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>.

use http::HeaderMap;
use s3s::dto::{ETagCondition, Timestamp, TimestampFormat};
use s3s::{S3ErrorCode, S3Result};

use super::error::{no_such_key, precondition_failed, s3_error};
use super::store::{Object, wire_time};

/// The four conditions of a read, or of a copy's source.
#[derive(Debug, Default)]
pub(super) struct ReadCondition {
    pub(super) if_match: Option<ETagCondition>,
    pub(super) if_none_match: Option<ETagCondition>,
    pub(super) if_modified_since: Option<Timestamp>,
    pub(super) if_unmodified_since: Option<Timestamp>,
}

/// The condition that did not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failed {
    Precondition(&'static str),
    /// `If-None-Match` or `If-Modified-Since` did not hold; a read returns 304.
    NotModified(&'static str),
}

impl ReadCondition {
    /// The first condition that does not hold for the object.
    fn failed(&self, object: &Object) -> Option<Failed> {
        let modified = wire_time(object.modified);
        if let Some(wanted) = &self.if_match {
            if !matches(wanted, &object.etag, false) {
                return Some(Failed::Precondition("If-Match"));
            }
        } else if self
            .if_unmodified_since
            .as_ref()
            .is_some_and(|at| modified > *at)
        {
            return Some(Failed::Precondition("If-Unmodified-Since"));
        }
        if let Some(unwanted) = &self.if_none_match {
            if matches(unwanted, &object.etag, true) {
                return Some(Failed::NotModified("If-None-Match"));
            }
        } else if self
            .if_modified_since
            .as_ref()
            .is_some_and(|at| modified <= *at)
        {
            return Some(Failed::NotModified("If-Modified-Since"));
        }
        None
    }

    /// Checks the conditions of a GET or HEAD request.
    pub(super) fn check_read(&self, object: &Object) -> S3Result<()> {
        match self.failed(object) {
            None => Ok(()),
            Some(Failed::Precondition(name)) => Err(precondition_failed(name)),
            Some(Failed::NotModified(_)) => {
                let mut error = s3_error(S3ErrorCode::NotModified, "Not Modified", &[]);
                error.set_headers(not_modified_headers(object));
                Err(error)
            }
        }
    }

    /// Checks the conditions on the source of a copy; each failure is a 412.
    pub(super) fn check_source(&self, object: &Object) -> S3Result<()> {
        match self.failed(object) {
            None => Ok(()),
            Some(Failed::Precondition(name) | Failed::NotModified(name)) => {
                Err(precondition_failed(&format!("x-amz-copy-source-{name}")))
            }
        }
    }
}

/// The headers of a 304 response: the validators and the caching headers.
fn not_modified_headers(object: &Object) -> HeaderMap {
    let mut date = Vec::new();
    let date = wire_time(object.modified)
        .format(TimestampFormat::HttpDate, &mut date)
        .ok()
        .and(Some(date));
    let etag = format!("\"{}\"", object.etag);
    let pairs = [
        (http::header::ETAG, Some(etag.into_bytes())),
        (http::header::LAST_MODIFIED, date),
        (
            http::header::CACHE_CONTROL,
            object.headers.cache_control.clone().map(String::into_bytes),
        ),
    ];
    let value = |(name, value): (_, Option<Vec<u8>>)| {
        Some((name, http::HeaderValue::from_bytes(&value?).ok()?))
    };
    pairs.into_iter().filter_map(value).collect()
}

/// The condition of a write.
#[derive(Debug)]
pub(super) enum WriteCondition {
    None,
    Absent,
    Match(ETagCondition),
}

impl WriteCondition {
    pub(super) fn new(
        if_match: Option<ETagCondition>,
        if_none_match: Option<ETagCondition>,
    ) -> S3Result<Self> {
        match (if_match, if_none_match) {
            (None, None) => Ok(Self::None),
            (Some(etag), None) => Ok(Self::Match(etag)),
            (None, Some(ETagCondition::Any)) => Ok(Self::Absent),
            // S3 supports only `*` here, and no combination of the two headers.
            _ => {
                let message = "A header you provided implies functionality that is not implemented";
                Err(s3_error(
                    S3ErrorCode::NotImplemented,
                    message,
                    &[("Header", "If-None-Match")],
                ))
            }
        }
    }

    /// Reads the write conditions of CopyObject, which `s3s` does not parse.
    pub(super) fn from_headers(headers: &HeaderMap) -> S3Result<Self> {
        let read = |name: &str| match headers.get(name) {
            None => Ok(None),
            Some(value) => match ETagCondition::parse_http_header(value.as_bytes()) {
                Ok(condition) => Ok(Some(condition)),
                Err(_) => Err(s3_error(
                    S3ErrorCode::InvalidArgument,
                    format!("invalid header: {name}"),
                    &[],
                )),
            },
        };
        Self::new(read("if-match")?, read("if-none-match")?)
    }

    pub(super) fn check(&self, key: &str, existing: Option<&Object>) -> S3Result<()> {
        match (self, existing) {
            (Self::None, _) | (Self::Absent, None) => Ok(()),
            (Self::Absent, Some(_)) => Err(precondition_failed("If-None-Match")),
            (Self::Match(_), None) => Err(no_such_key(key)),
            (Self::Match(wanted), Some(object)) if matches(wanted, &object.etag, false) => Ok(()),
            (Self::Match(_), Some(_)) => Err(precondition_failed("If-Match")),
        }
    }
}

/// Whether the ETag meets the condition; `weak` selects the weak comparison of RFC 9110.
pub(super) fn matches(condition: &ETagCondition, etag: &str, weak: bool) -> bool {
    match condition.as_etag() {
        None => true,
        Some(wanted) if weak => wanted.value() == etag,
        Some(wanted) => wanted.as_strong() == Some(etag),
    }
}
