//! Steps that several cases share: keys, bodies, one write and one read.

use std::sync::atomic::{AtomicU64, Ordering};

use anyvendor_core::{
    Kind,
    storage::{ContentHeaders, HeadObject, PutObject, StorageProviderExt, StoredObject},
    transport::ByteStream,
    values::{Metadata, ObjectKey},
};
use bytes::Bytes;
use futures_util::{StreamExt, stream};

use crate::{
    harness::StorageHarness,
    report::{Case, CaseFailure, expect_kind},
};

/// A key that no other case uses.
pub(super) fn key(harness: &StorageHarness, name: &str) -> Result<ObjectKey, CaseFailure> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    Ok(ObjectKey::new(format!(
        "{}{number}/{name}",
        harness.prefix
    ))?)
}

pub(super) async fn put(
    harness: &StorageHarness,
    key: &ObjectKey,
    body: &[u8],
) -> Result<StoredObject, CaseFailure> {
    let mut metadata = Metadata::default();
    metadata.insert("colour", "blue")?;
    let request = PutObject::new(key.clone(), Bytes::copy_from_slice(body))
        .with_content(ContentHeaders::of_type("text/plain"))
        .with_metadata(metadata);
    Ok(harness.provider.put(request).await?.into_stored()?)
}

pub(super) async fn bytes_of(
    harness: &StorageHarness,
    key: &ObjectKey,
) -> Result<Bytes, CaseFailure> {
    Ok(harness.provider.get_bytes(key, 1 << 30).await?)
}

/// Bytes that differ everywhere, so that parts in a wrong order show.
pub(super) fn pattern(length: usize) -> Bytes {
    (0..length)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect::<Vec<_>>()
        .into()
}

pub(super) fn stream_of(body: &Bytes, piece: usize) -> ByteStream {
    let pieces: Vec<_> = (0..body.len())
        .step_by(piece.max(1))
        .map(|start| Ok(body.slice(start..body.len().min(start + piece))))
        .collect();
    stream::iter(pieces).boxed()
}

/// Fails the case unless there is no object under this key.
pub(super) async fn expect_missing(harness: &StorageHarness, key: &ObjectKey) -> Case {
    let found = harness.provider.head(HeadObject::new(key.clone())).await;
    expect_kind(found, &[Kind::NotFound]).map(drop)
}
