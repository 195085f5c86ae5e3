//! CreateBucket, ListBuckets, HeadBucket, GetBucketLocation and DeleteBucket.

// tidy: glob: an operation names dozens of its types.
use s3s::dto::*;
use s3s::{S3ErrorCode, S3Result};

use super::error::s3_error;
use super::store::{Bucket as StoredBucket, OWNER, Store, wire_time};

/// The region whose buckets have no location constraint:
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html>.
const CLASSIC: &str = "us-east-1";

pub(super) fn create(store: &Store, input: &CreateBucketInput) -> S3Result<CreateBucketOutput> {
    let configuration = input.create_bucket_configuration.as_ref();
    let constraint = configuration
        .and_then(|c| c.location_constraint.as_ref())
        .map_or(CLASSIC, |l| l.as_str());
    if constraint != store.region {
        let message = format!(
            "The {constraint} location constraint is incompatible for the region specific endpoint this request was sent to."
        );
        return Err(s3_error(
            S3ErrorCode::IllegalLocationConstraintException,
            message,
            &[],
        ));
    }
    let created = store.now();
    let mut state = store.lock();
    if state.buckets.contains_key(&input.bucket) {
        // In us-east-1 a repeated create succeeds: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html>.
        if store.region != CLASSIC {
            let message = "Your previous request to create the named bucket succeeded and you already own it.";
            return Err(s3_error(
                S3ErrorCode::BucketAlreadyOwnedByYou,
                message,
                &[("BucketName", &input.bucket)],
            ));
        }
    } else {
        state
            .buckets
            .insert(input.bucket.clone(), StoredBucket::new(created));
    }
    Ok(CreateBucketOutput {
        location: Some(format!("/{}", input.bucket)),
    })
}

pub(super) fn list(store: &Store, input: &ListBucketsInput) -> ListBucketsOutput {
    let state = store.lock();
    let prefix = input.prefix.as_deref().unwrap_or_default();
    let matching = state
        .buckets
        .iter()
        .filter(|(name, _)| name.starts_with(prefix));
    let buckets = matching.map(|(name, bucket)| Bucket {
        name: Some(name.clone()),
        creation_date: Some(wire_time(bucket.created)),
        bucket_region: Some(store.region.clone()),
    });
    ListBucketsOutput {
        buckets: Some(buckets.collect()),
        owner: Some(owner()),
        prefix: input.prefix.clone(),
        ..Default::default()
    }
}

pub(super) fn head(store: &Store, input: &HeadBucketInput) -> S3Result<HeadBucketOutput> {
    store.lock().bucket(&input.bucket)?;
    Ok(HeadBucketOutput {
        bucket_region: Some(store.region.clone()),
        ..Default::default()
    })
}

pub(super) fn location(
    store: &Store,
    input: &GetBucketLocationInput,
) -> S3Result<GetBucketLocationOutput> {
    store.lock().bucket(&input.bucket)?;
    let constraint =
        (store.region != CLASSIC).then(|| BucketLocationConstraint::from(store.region.clone()));
    Ok(GetBucketLocationOutput {
        location_constraint: constraint,
    })
}

pub(super) fn delete(store: &Store, input: &DeleteBucketInput) -> S3Result<()> {
    let mut state = store.lock();
    if !state.bucket(&input.bucket)?.objects.is_empty() {
        let message = "The bucket you tried to delete is not empty";
        return Err(s3_error(
            S3ErrorCode::BucketNotEmpty,
            message,
            &[("BucketName", &input.bucket)],
        ));
    }
    state.buckets.remove(&input.bucket);
    Ok(())
}

/// The owner element of lists.
pub(super) fn owner() -> Owner {
    Owner {
        id: Some(OWNER.to_owned()),
        display_name: None,
    }
}
