//! S3 as a storage provider.

mod copy;
mod multipart;
mod read;
mod remove;
mod stream;
mod write;

use std::{num::NonZeroU32, time::Duration};

use anyvendor_core::{
    Error,
    resilience::ResponseHead,
    storage::{
        ContentHeaders, CopyObject, DeleteObject, DeleteObjects, DeleteOutcome, DeleteResult, ETag,
        GetObject, GetOutcome, GetRange, HeadObject, ListObjects, ObjectInfo, ObjectPage, Presign,
        PresignMethod, PresignedRequest, PutObject, PutOutcome, PutStream, StorageCapabilities,
        StorageProvider, StoredObject,
    },
    values::{Metadata, ObjectKey, SensitiveUrl},
};
use async_trait::async_trait;
use http::{HeaderName, HeaderValue, header};
use jiff::Timestamp;

use crate::{
    VENDOR,
    auth::sigv4::presign,
    client::S3,
    encode::{META, decode_value},
};

/// Our mark in an object's metadata: tells our own write from somebody else's after a lost response.
const NONCE: &str = "anyvendor-nonce";

/// The longest life of a presigned link: a week.
const MAX_PRESIGN: u32 = 604_800;

#[async_trait]
impl StorageProvider for S3 {
    fn vendor(&self) -> &'static str {
        VENDOR
    }

    fn capabilities(&self) -> StorageCapabilities {
        let mut capabilities = StorageCapabilities::default();
        capabilities.condition.write_if_absent = true;
        capabilities.condition.write_if_match = true;
        capabilities.condition.delete_if_match = true;
        capabilities.condition.read = true;
        capabilities.presign.get = true;
        capabilities.presign.put = true;
        capabilities.presign.max_seconds = NonZeroU32::new(MAX_PRESIGN);
        capabilities.ranges = true;
        capabilities.metadata = true;
        capabilities.copy = true;
        capabilities.delimiter = true;
        capabilities.delete_batch = NonZeroU32::new(1_000);
        capabilities
    }

    async fn put(&self, request: PutObject) -> Result<PutOutcome, Error> {
        self.put_object(request).await
    }

    async fn put_stream(&self, request: PutStream) -> Result<PutOutcome, Error> {
        self.upload(request).await
    }

    async fn get(&self, request: GetObject) -> Result<GetOutcome, Error> {
        self.read(request.key, None, request.condition, request.options)
            .await
    }

    async fn get_range(&self, request: GetRange) -> Result<GetOutcome, Error> {
        self.read(
            request.key,
            Some(request.range),
            request.condition,
            request.options,
        )
        .await
    }

    async fn head(&self, request: HeadObject) -> Result<ObjectInfo, Error> {
        self.info(request).await
    }

    async fn list(&self, request: ListObjects) -> Result<ObjectPage, Error> {
        self.find(request).await
    }

    async fn delete(&self, request: DeleteObject) -> Result<DeleteOutcome, Error> {
        self.remove(request).await
    }

    async fn delete_many(&self, request: DeleteObjects) -> Result<Vec<DeleteResult>, Error> {
        self.remove_many(request).await
    }

    async fn copy(&self, request: CopyObject) -> Result<PutOutcome, Error> {
        self.duplicate(request).await
    }

    async fn presign(&self, request: Presign) -> Result<PresignedRequest, Error> {
        let seconds = request.expires_in.as_secs();
        if seconds == 0 || seconds > u64::from(MAX_PRESIGN) {
            return Err(Error::invalid("expires_in", "must be 1 second to 7 days"));
        }
        let mut pairs = Vec::new();
        let mut headers = Vec::new();
        match request.method {
            PresignMethod::Get => {
                pairs.extend(
                    request
                        .content_type
                        .as_deref()
                        .map(|text| ("response-content-type", text)),
                );
                let disposition = request.content_disposition.as_deref();
                pairs.extend(disposition.map(|text| ("response-content-disposition", text)));
            }
            PresignMethod::Put => {
                if request.content_disposition.is_some() {
                    return Err(Error::invalid(
                        "content_disposition",
                        "is for links that read",
                    ));
                }
                headers.extend(
                    request
                        .content_type
                        .map(|text| ("content-type".to_owned(), text)),
                );
            }
        }
        let method = match request.method {
            PresignMethod::Get => "GET",
            PresignMethod::Put => "PUT",
        };
        let mut url = self.url(Some(request.key.as_str()), &pairs);
        let now = self.auth.now();
        let credentials = self.auth.credentials().await?;
        presign(
            method,
            &mut url,
            headers.clone(),
            seconds,
            &self.auth.scope(now),
            &credentials,
        );
        let expires_at = now
            .checked_add(Duration::from_secs(seconds))
            .unwrap_or(Timestamp::MAX);
        Ok(PresignedRequest::new(
            request.method,
            SensitiveUrl::new(url),
            headers,
            expires_at,
        ))
    }
}

/// A value of the caller's that goes into a header.
fn header_value(field: &'static str, text: &str) -> Result<HeaderValue, Error> {
    HeaderValue::from_str(text)
        .map_err(|_| Error::invalid(field, "cannot stand in a header; remove line breaks"))
}

fn content_headers(content: &ContentHeaders) -> Result<Vec<(HeaderName, HeaderValue)>, Error> {
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

/// What the headers of a response say of an object of this size.
fn object_info(key: ObjectKey, size: u64, head: &ResponseHead) -> Result<ObjectInfo, Error> {
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

fn etag(text: Option<&str>) -> Option<ETag> {
    ETag::new(text?).ok()
}

fn stored(head: &ResponseHead) -> StoredObject {
    let version = head
        .header("x-amz-version-id")
        .filter(|version| *version != "null");
    StoredObject::new(etag(head.header("etag")), version.map(str::to_owned))
}
