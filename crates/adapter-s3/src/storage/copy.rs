//! Copying inside the store, up to 5 GiB.

use anyvendor_core::{
    Error,
    resilience::{Operation, OperationClass, Request},
    storage::{CopyMetadata, CopyObject, HeadObject, PutOutcome, StoredObject, WriteCondition},
};
use http::{HeaderName, HeaderValue, Method, StatusCode};

use super::{content_headers, header_value, write::with_condition};
use crate::{
    VENDOR,
    client::S3,
    encode::{encode, encode_key, metadata_headers},
    wire::{self, Tagged},
};

const COPY: Operation = Operation::new(
    "storage.copy",
    &Method::PUT,
    "/{key}",
    OperationClass::Idempotent,
)
.unbounded();

/// The largest object that one copy request takes; see "CopyObject" in the API reference.
const MAX_COPY: u64 = 5 * 1024 * 1024 * 1024;

const SOURCE: HeaderName = HeaderName::from_static("x-amz-copy-source");
const SOURCE_IF_MATCH: HeaderName = HeaderName::from_static("x-amz-copy-source-if-match");
const DIRECTIVE: HeaderName = HeaderName::from_static("x-amz-metadata-directive");

impl S3 {
    pub(super) async fn duplicate(&self, request: CopyObject) -> Result<PutOutcome, Error> {
        let head = HeadObject::new(request.from.clone()).with_options(request.options.clone());
        let size = self.info(head).await?.size;
        if size > MAX_COPY {
            return Err(
                Error::unsupported(VENDOR, "copying more than 5 GiB; stream it instead")
                    .with_field("from"),
            );
        }
        let source = [
            "/",
            &encode(&self.config.bucket),
            "/",
            &encode_key(request.from.as_str()),
        ]
        .concat();
        let mut sent = Request::new(self.url(Some(request.to.as_str()), &[]))
            .with_header(SOURCE, header_value("from", &source)?);
        if let Some(etag) = &request.source_if_match {
            sent = sent.with_header(
                SOURCE_IF_MATCH,
                header_value("source_if_match", etag.as_str())?,
            );
        }
        if let CopyMetadata::Replace { content, metadata } = &request.metadata {
            sent = sent.with_header(DIRECTIVE, HeaderValue::from_static("REPLACE"));
            for (name, value) in content_headers(content)?
                .into_iter()
                .chain(metadata_headers(metadata)?)
            {
                sent = sent.with_header(name, value);
            }
        }
        let sent = with_condition(sent, &request.condition, None)?;
        // A copy keeps the source's metadata and so cannot bear a mark of ours: its repeat could not be told apart.
        let operation = match request.condition {
            WriteCondition::None => COPY,
            _ => COPY.with_class(OperationClass::Unkeyed),
        };
        match self.call(&operation, sent, &request.options).await {
            Ok(answer) => {
                let tagged = wire::read::<Tagged>(&answer.body);
                let etag = tagged.and_then(|tagged| super::etag(tagged.etag.as_deref()));
                Ok(PutOutcome::Stored(StoredObject::new(
                    etag,
                    super::stored(&answer.head).version,
                )))
            }
            Err(error) if error.status() == Some(StatusCode::PRECONDITION_FAILED) => {
                Ok(PutOutcome::ConditionNotMet)
            }
            Err(error) => Err(error),
        }
    }
}
