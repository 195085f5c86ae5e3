//! Reading what the store knows about an object, without its bytes.

use anyvendor_core::{
    Error,
    resilience::{CallScope, Operation, OperationClass, Request, ResponseHead},
    storage::{HeadObject, ObjectInfo},
    values::ObjectKey,
};
use http::Method;

use super::info::{byte_range, object_info};
use crate::client::S3;

const HEAD: Operation = Operation::new(
    "storage.head",
    &Method::HEAD,
    "/{key}",
    OperationClass::Safe,
);

impl S3 {
    pub(super) async fn head_object(&self, request: HeadObject) -> Result<ObjectInfo, Error> {
        let scope = self.pipeline.reading(&request.options);
        let head = self.response_head(&request.key, &scope).await?;
        let (_, size) = byte_range(&head)?;
        object_info(request.key, size, &head)
    }

    pub(super) async fn response_head(
        &self,
        key: &ObjectKey,
        scope: &CallScope,
    ) -> Result<ResponseHead, Error> {
        let sent = Request::new(self.url(Some(key.as_str()), &[]));
        Ok(scope.call(&HEAD, sent).await?.head)
    }
}
