//! Maps the operations of `s3s` to the functions that execute them.

use std::sync::Arc;

// tidy: glob: an operation names dozens of its types.
use s3s::dto::*;
use s3s::{S3, S3Request, S3Response, S3Result};

use super::store::Store;
use super::{buckets, copy, list, multipart, objects, uploads};

/// The supported operations. For an operation that is missing here, `s3s` returns 501 NotImplemented.
pub(super) struct Operations(pub(super) Arc<Store>);

type Output<T> = S3Result<S3Response<T>>;

#[async_trait::async_trait]
impl S3 for Operations {
    async fn create_bucket(&self, req: S3Request<CreateBucketInput>) -> Output<CreateBucketOutput> {
        buckets::create(&self.0, &req.input).map(S3Response::new)
    }

    async fn list_buckets(&self, req: S3Request<ListBucketsInput>) -> Output<ListBucketsOutput> {
        Ok(S3Response::new(buckets::list(&self.0, &req.input)))
    }

    async fn head_bucket(&self, req: S3Request<HeadBucketInput>) -> Output<HeadBucketOutput> {
        buckets::head(&self.0, &req.input).map(S3Response::new)
    }

    async fn get_bucket_location(
        &self,
        req: S3Request<GetBucketLocationInput>,
    ) -> Output<GetBucketLocationOutput> {
        buckets::location(&self.0, &req.input).map(S3Response::new)
    }

    async fn delete_bucket(&self, req: S3Request<DeleteBucketInput>) -> Output<DeleteBucketOutput> {
        buckets::delete(&self.0, &req.input)
            .map(|()| S3Response::new(DeleteBucketOutput::default()))
    }

    async fn list_objects_v2(
        &self,
        req: S3Request<ListObjectsV2Input>,
    ) -> Output<ListObjectsV2Output> {
        list::objects(&self.0, req.input).map(S3Response::new)
    }

    async fn put_object(&self, req: S3Request<PutObjectInput>) -> Output<PutObjectOutput> {
        objects::put(&self.0, req).await.map(S3Response::new)
    }

    async fn get_object(&self, req: S3Request<GetObjectInput>) -> Output<GetObjectOutput> {
        objects::get(&self.0, req.input).map(S3Response::new)
    }

    async fn head_object(&self, req: S3Request<HeadObjectInput>) -> Output<HeadObjectOutput> {
        objects::head(&self.0, req.input).map(S3Response::new)
    }

    async fn delete_object(&self, req: S3Request<DeleteObjectInput>) -> Output<DeleteObjectOutput> {
        objects::delete(&self.0, &req.input)
            .map(|()| S3Response::new(DeleteObjectOutput::default()))
    }

    async fn delete_objects(
        &self,
        req: S3Request<DeleteObjectsInput>,
    ) -> Output<DeleteObjectsOutput> {
        objects::delete_many(&self.0, req).map(S3Response::new)
    }

    async fn copy_object(&self, req: S3Request<CopyObjectInput>) -> Output<CopyObjectOutput> {
        copy::copy(&self.0, req).map(S3Response::new)
    }

    async fn create_multipart_upload(
        &self,
        req: S3Request<CreateMultipartUploadInput>,
    ) -> Output<CreateMultipartUploadOutput> {
        multipart::create(&self.0, req.input).map(S3Response::new)
    }

    async fn upload_part(&self, req: S3Request<UploadPartInput>) -> Output<UploadPartOutput> {
        multipart::upload_part(&self.0, req)
            .await
            .map(S3Response::new)
    }

    async fn upload_part_copy(
        &self,
        req: S3Request<UploadPartCopyInput>,
    ) -> Output<UploadPartCopyOutput> {
        multipart::upload_part_copy(&self.0, req.input).map(S3Response::new)
    }

    async fn complete_multipart_upload(
        &self,
        req: S3Request<CompleteMultipartUploadInput>,
    ) -> Output<CompleteMultipartUploadOutput> {
        multipart::complete(&self.0, req).map(S3Response::new)
    }

    async fn abort_multipart_upload(
        &self,
        req: S3Request<AbortMultipartUploadInput>,
    ) -> Output<AbortMultipartUploadOutput> {
        multipart::abort(&self.0, req.input)
            .map(|()| S3Response::new(AbortMultipartUploadOutput::default()))
    }

    async fn list_parts(&self, req: S3Request<ListPartsInput>) -> Output<ListPartsOutput> {
        uploads::parts(&self.0, req.input).map(S3Response::new)
    }

    async fn list_multipart_uploads(
        &self,
        req: S3Request<ListMultipartUploadsInput>,
    ) -> Output<ListMultipartUploadsOutput> {
        uploads::uploads(&self.0, req.input).map(S3Response::new)
    }
}
