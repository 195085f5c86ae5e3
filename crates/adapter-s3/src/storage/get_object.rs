//! Downloading an object, whole or in part; a download that breaks is resumed where it broke.

use anyvendor_core::{
    Delivery, Error, Kind,
    error::ProtocolReason,
    resilience::{CallOptions, Operation, OperationClass, Request},
    storage::{ByteRange, ETag, GetOutcome, Object, ReadCondition},
    transport::ByteStream,
    values::ObjectKey,
};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{HeaderValue, Method, StatusCode, header};
use jiff::Timestamp;

use super::info::{byte_range, header_value, object_info};
use crate::client::S3;

const GET: Operation = Operation::new("storage.get", &Method::GET, "/{key}", OperationClass::Safe);
/// How often a broken download is resumed; our default (no vendor source).
const RESUMES: u32 = 3;

impl S3 {
    pub(super) async fn get_object(
        &self,
        key: ObjectKey,
        range: Option<ByteRange>,
        condition: ReadCondition,
        options: CallOptions,
    ) -> Result<GetOutcome, Error> {
        let mut request = Request::new(self.url(Some(key.as_str()), &[]));
        if let Some(range) = range {
            request =
                request.with_header(header::RANGE, header_value("range", &range_text(range)?)?);
        }
        let tag = |etag: &ETag| header_value("condition", etag.as_str());
        let date = |time: Timestamp| {
            let time = std::time::SystemTime::try_from(time).map_err(|_| {
                Error::invalid("condition", "is out of range; use a time after 1970")
            })?;
            header_value("condition", &httpdate::fmt_http_date(time))
        };
        if let Some(etag) = &condition.if_match {
            request = request.with_header(header::IF_MATCH, tag(etag)?);
        }
        if let Some(etag) = &condition.if_none_match {
            request = request.with_header(header::IF_NONE_MATCH, tag(etag)?);
        }
        if let Some(time) = condition.if_modified_since {
            request = request.with_header(header::IF_MODIFIED_SINCE, date(time)?);
        }
        if let Some(time) = condition.if_unmodified_since {
            request = request.with_header(header::IF_UNMODIFIED_SINCE, date(time)?);
        }
        let response = match self.pipeline.call_streaming(&GET, request, &options).await {
            Ok(response) if response.head.status == StatusCode::NOT_MODIFIED => {
                return Ok(GetOutcome::NotModified);
            }
            Ok(response) => response,
            Err(error) if error.status() == Some(StatusCode::PRECONDITION_FAILED) => {
                return Ok(GetOutcome::ConditionNotMet);
            }
            Err(error) => return Err(error),
        };
        let (range, size) = byte_range(&response.head)?;
        let info = object_info(key.clone(), size, &response.head)?;
        let remaining = Remaining {
            s3: self.clone(),
            key,
            etag: info.etag.clone(),
            next: range.start,
            end: range.end,
            options,
        };
        Ok(GetOutcome::Found(Object::new(
            info,
            range,
            remaining.resumed(response.body),
        )))
    }
}

fn range_text(range: ByteRange) -> Result<String, Error> {
    match range {
        ByteRange::From(start) => Ok(["bytes=", &start.to_string(), "-"].concat()),
        ByteRange::Between { start, end } if start < end => {
            Ok(["bytes=", &start.to_string(), "-", &(end - 1).to_string()].concat())
        }
        ByteRange::Last(count) if count > 0 => Ok(["bytes=-", &count.to_string()].concat()),
        _ => Err(Error::invalid("range", "must contain at least one byte")),
    }
}

/// The bytes of an object that have not been read yet.
struct Remaining {
    s3: S3,
    key: ObjectKey,
    etag: Option<ETag>,
    next: u64,
    end: u64,
    options: CallOptions,
}

/// A download in progress.
struct Download {
    remaining: Remaining,
    body: ByteStream,
    resumes_left: u32,
}

impl Remaining {
    /// The body; where the connection breaks it is resumed from the same state of the object, or ends with an error.
    fn resumed(self, body: ByteStream) -> ByteStream {
        let download = Download {
            remaining: self,
            body,
            resumes_left: RESUMES,
        };
        Box::pin(stream::unfold(Some(download), async |download| {
            let mut download = download?;
            let piece = download.next().await?;
            // Nothing follows an error.
            let download = piece.is_ok().then_some(download);
            Some((piece, download))
        }))
    }

    async fn request_again(&self) -> Result<ByteStream, Error> {
        let range = ByteRange::Between {
            start: self.next,
            end: self.end,
        };
        let mut request = Request::new(self.s3.url(Some(self.key.as_str()), &[]))
            .with_header(header::RANGE, header_value("range", &range_text(range)?)?);
        if let Some(etag) = &self.etag {
            let value: HeaderValue = header_value("condition", etag.as_str())?;
            request = request.with_header(header::IF_MATCH, value);
        }
        let pipeline = &self.s3.pipeline;
        let response = pipeline.call_streaming(&GET, request, &self.options);
        Ok(response.await?.body)
    }
}

impl Download {
    /// The next piece; `None` at the end of the object.
    async fn next(&mut self) -> Option<Result<Bytes, Error>> {
        loop {
            let broken = match self.body.next().await {
                Some(Ok(piece)) => {
                    self.remaining.next += piece.len() as u64;
                    return Some(Ok(piece));
                }
                None if self.remaining.next >= self.remaining.end => return None,
                Some(Err(error)) => error,
                None => too_short(),
            };
            if self.resumes_left == 0 || self.remaining.etag.is_none() {
                return Some(Err(broken));
            }
            self.resumes_left -= 1;
            match self.remaining.request_again().await {
                Ok(body) => self.body = body,
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

fn too_short() -> Error {
    let kind = Kind::Protocol(ProtocolReason::BadBody);
    Error::new(
        kind,
        Delivery::Accepted,
        "the object ended before its length",
    )
}
