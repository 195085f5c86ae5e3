//! Listing keys, page by page.

use anyvendor_core::{
    Error,
    error::ProtocolReason,
    resilience::{Operation, OperationClass, Request},
    storage::{ListObjects, ObjectPage, ObjectSummary},
    values::Cursor,
};
use http::Method;

use super::info::etag;
use crate::{
    client::S3,
    encode::decode_listed,
    wire::{self, ListBucketResult},
};

const LIST: Operation = Operation::new(
    "storage.list",
    &Method::GET,
    "/?list-type=2",
    OperationClass::Safe,
);

impl S3 {
    pub(super) async fn list_objects(&self, request: ListObjects) -> Result<ObjectPage, Error> {
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
            response.head.malformed(
                ProtocolReason::BadBody,
                "the list in the response cannot be read",
            )
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
