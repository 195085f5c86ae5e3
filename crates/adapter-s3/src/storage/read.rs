//! Reading: whole or in part, resumed where the connection broke; asking; listing.

use anyvendor_core::{
    Error,
    error::ProtocolReason,
    resilience::{CallOptions, Operation, OperationClass, Request, ResponseHead},
    storage::{
        ByteRange, ETag, GetOutcome, HeadObject, ListObjects, Object, ObjectInfo, ObjectPage,
        ObjectSummary, ReadCondition,
    },
    transport::ByteStream,
    values::{Cursor, ObjectKey},
};
use futures_util::{StreamExt, stream};
use http::{HeaderValue, Method, StatusCode, header};
use jiff::Timestamp;

use super::{etag, header_value, object_info};
use crate::{
    client::S3,
    encode::decode_listed,
    wire::{self, ListBucketResult},
};

const GET: Operation = Operation::new("storage.get", &Method::GET, "/{key}", OperationClass::Safe);
const HEAD: Operation = Operation::new(
    "storage.head",
    &Method::HEAD,
    "/{key}",
    OperationClass::Safe,
);
const LIST: Operation = Operation::new(
    "storage.list",
    &Method::GET,
    "/?list-type=2",
    OperationClass::Safe,
);

/// How often a broken download is taken up again where it broke; own choice.
const RESUMES: u32 = 3;

impl S3 {
    pub(super) async fn read(
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
                Error::invalid("condition", "is too far away; use a time after 1970")
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
        let (place, size) = place(&response.head)?;
        let info = object_info(key.clone(), size, &response.head)?;
        let rest = Rest {
            s3: self.clone(),
            key,
            etag: info.etag.clone(),
            next: place.start,
            end: place.end,
            options,
        };
        Ok(GetOutcome::Found(Object::new(
            info,
            place,
            rest.resumed(response.body),
        )))
    }

    pub(super) async fn info(&self, request: HeadObject) -> Result<ObjectInfo, Error> {
        let head = self.head_of(&request).await?;
        let (_, size) = place(&head)?;
        object_info(request.key, size, &head)
    }

    pub(super) async fn head_of(&self, request: &HeadObject) -> Result<ResponseHead, Error> {
        let sent = Request::new(self.url(Some(request.key.as_str()), &[]));
        Ok(self.call(&HEAD, sent, &request.options).await?.head)
    }

    pub(super) async fn find(&self, request: ListObjects) -> Result<ObjectPage, Error> {
        let limit = request
            .page
            .limit
            .map(|limit| limit.get().min(1_000).to_string());
        let delimiter = request.delimiter.map(String::from);
        let mut pairs = vec![("list-type", "2"), ("encoding-type", "url")];
        if !request.prefix.is_empty() {
            pairs.push(("prefix", request.prefix.as_str()));
        }
        pairs.extend(delimiter.as_deref().map(|text| ("delimiter", text)));
        pairs.extend(limit.as_deref().map(|text| ("max-keys", text)));
        pairs.extend(
            request
                .start_after
                .as_ref()
                .map(|key| ("start-after", key.as_str())),
        );
        pairs.extend(
            request
                .page
                .after
                .as_ref()
                .map(|cursor| ("continuation-token", cursor.as_str())),
        );
        let response = self
            .call(
                &LIST,
                Request::new(self.url(None, &pairs)),
                &request.options,
            )
            .await?;
        let result: ListBucketResult = wire::read(&response.body).ok_or_else(|| {
            response
                .head
                .malformed(ProtocolReason::BadBody, "the store's list cannot be read")
        })?;
        let objects = result.contents.into_iter().map(|line| {
            let mut summary = ObjectSummary::new(decode_listed(&line.key), line.size);
            summary.etag = etag(line.etag.as_deref());
            summary.last_modified = line.last_modified.and_then(|text| text.parse().ok());
            summary
        });
        let prefixes = result
            .common_prefixes
            .iter()
            .map(|line| decode_listed(&line.prefix))
            .collect();
        let next = result
            .next_continuation_token
            .filter(|_| result.is_truncated)
            .map(Cursor::new)
            .transpose()?;
        Ok(ObjectPage::new(objects.collect(), prefixes, next))
    }
}

fn range_text(range: ByteRange) -> Result<String, Error> {
    match range {
        ByteRange::From(start) => Ok(["bytes=", &start.to_string(), "-"].concat()),
        ByteRange::Between { start, end } if start < end => {
            Ok(["bytes=", &start.to_string(), "-", &(end - 1).to_string()].concat())
        }
        ByteRange::Last(count) if count > 0 => Ok(["bytes=-", &count.to_string()].concat()),
        _ => Err(Error::invalid("range", "must hold at least one byte")),
    }
}

/// Which bytes a response holds, and how many the whole object has.
pub(super) fn place(head: &ResponseHead) -> Result<(std::ops::Range<u64>, u64), Error> {
    let malformed = || {
        head.malformed(
            ProtocolReason::BadBody,
            "the store did not say how long the object is",
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

/// What is still to come of an object.
struct Rest {
    s3: S3,
    key: ObjectKey,
    etag: Option<ETag>,
    next: u64,
    end: u64,
    options: CallOptions,
}

impl Rest {
    /// The body, taken up again where it breaks: the same state of the object, or an error.
    fn resumed(self, body: ByteStream) -> ByteStream {
        let state = Some((self, body, RESUMES));
        Box::pin(stream::unfold(state, |state| async move {
            let (mut rest, mut body, mut left) = state?;
            loop {
                match body.next().await {
                    Some(Ok(piece)) => {
                        rest.next += piece.len() as u64;
                        return Some((Ok(piece), Some((rest, body, left))));
                    }
                    None if rest.next >= rest.end => return None,
                    Some(Err(error)) if left == 0 || rest.etag.is_none() => {
                        return Some((Err(error), None));
                    }
                    None if left == 0 || rest.etag.is_none() => {
                        let kind = anyvendor_core::Kind::Protocol(ProtocolReason::BadBody);
                        let error = Error::new(kind, "the object ended before its length");
                        return Some((
                            Err(error.with_delivery(anyvendor_core::Delivery::Answered)),
                            None,
                        ));
                    }
                    Some(Err(_)) | None => {
                        left -= 1;
                        match rest.again().await {
                            Ok(again) => body = again,
                            Err(error) => return Some((Err(error), None)),
                        }
                    }
                }
            }
        }))
    }

    async fn again(&self) -> Result<ByteStream, Error> {
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
        Ok(self
            .s3
            .pipeline
            .call_streaming(&GET, request, &self.options)
            .await?
            .body)
    }
}
