//! S3 as a storage provider. The private methods that it forwards to have the names of AWS's own operations.

mod condition;
mod copy_object;
mod delete_objects;
mod get_object;
mod head_object;
mod info;
mod list_objects;
mod presign;
mod put_object;
mod put_stream;
mod upload;

use std::num::NonZeroU32;

use anyvendor_core::{
    Error,
    storage::{
        CopyObject, DeleteObject, DeleteObjects, DeleteOutcome, DeleteResult, GetObject,
        GetOutcome, GetRange, HeadObject, ListObjects, ObjectInfo, ObjectPage, Presign,
        PresignedRequest, PutObject, PutOutcome, PutStream, StorageCapabilities, StorageProvider,
    },
};
use async_trait::async_trait;

use self::{delete_objects::MAX_KEYS, presign::MAX_SECONDS};
use crate::{client::S3, config::VENDOR};

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
        capabilities.presign.max_seconds = NonZeroU32::new(MAX_SECONDS);
        capabilities.ranges = true;
        capabilities.metadata = true;
        capabilities.copy = true;
        capabilities.delimiter = true;
        capabilities.delete_batch = NonZeroU32::new(MAX_KEYS);
        capabilities
    }

    async fn put(&self, request: PutObject) -> Result<PutOutcome, Error> {
        self.put_object(request).await
    }

    async fn put_stream(&self, request: PutStream) -> Result<PutOutcome, Error> {
        self.upload_stream(request).await
    }

    async fn get(&self, request: GetObject) -> Result<GetOutcome, Error> {
        self.get_object(request.key, None, request.condition, request.options)
            .await
    }

    async fn get_range(&self, request: GetRange) -> Result<GetOutcome, Error> {
        self.get_object(
            request.key,
            Some(request.range),
            request.condition,
            request.options,
        )
        .await
    }

    async fn head(&self, request: HeadObject) -> Result<ObjectInfo, Error> {
        self.head_object(request).await
    }

    async fn list(&self, request: ListObjects) -> Result<ObjectPage, Error> {
        self.list_objects(request).await
    }

    async fn delete(&self, request: DeleteObject) -> Result<DeleteOutcome, Error> {
        self.delete_object(request).await
    }

    async fn delete_many(&self, request: DeleteObjects) -> Result<Vec<DeleteResult>, Error> {
        self.delete_objects(request).await
    }

    async fn copy(&self, request: CopyObject) -> Result<PutOutcome, Error> {
        self.copy_object(request).await
    }

    async fn presign(&self, request: Presign) -> Result<PresignedRequest, Error> {
        self.presign_object(request).await
    }
}
