//! Convenience methods for callers of a storage vendor; not for implementing.

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::stream::{BoxStream, TryStreamExt};

use super::{GetObject, ListObjects, Object, ObjectSummary, StorageProvider};
use crate::{
    error::{Delivery, Error, Kind, ProtocolReason},
    paging::walk,
    values::ObjectKey,
};

/// Convenience methods for callers. Sealed: every [`StorageProvider`] has them, and adapters do not implement them.
#[async_trait]
pub trait StorageProviderExt: StorageProvider + sealed::Sealed {
    /// Reads a complete object into memory.
    ///
    /// # Examples
    /// ```
    /// use anyvendor_core::storage::{StorageProvider, StorageProviderExt};
    /// use anyvendor_core::{Error, values::ObjectKey};
    ///
    /// async fn receipt(storage: &dyn StorageProvider, order: &str) -> Result<bytes::Bytes, Error> {
    ///     let key = ObjectKey::new(format!("receipts/{order}.html"))?;
    ///     storage.get_bytes(&key, 64 * 1024).await
    /// }
    /// ```
    ///
    /// # Errors
    /// The errors of [`StorageProvider::get`]; `Protocol(TooLarge)` over `limit` bytes.
    async fn get_bytes(&self, key: &ObjectKey, limit: u64) -> Result<Bytes, Error> {
        let object = self.get(GetObject::new(key.clone())).await?.into_object()?;
        collect(object, limit).await
    }

    /// Yields the objects of all pages of a list, page by page. Ends after the first error.
    ///
    /// # Examples
    /// ```
    /// use anyvendor_core::storage::{ListObjects, StorageProvider, StorageProviderExt};
    /// use anyvendor_core::{Error, values::KeyPrefix};
    /// use futures_util::TryStreamExt;
    ///
    /// async fn total_bytes(storage: &dyn StorageProvider) -> Result<u64, Error> {
    ///     let request = ListObjects::new().with_prefix(KeyPrefix::new("receipts/")?);
    ///     let sizes = storage.objects(request).map_ok(|object| object.size);
    ///     sizes.try_fold(0, |sum, size| async move { Ok(sum + size) }).await
    /// }
    /// ```
    fn objects(&self, request: ListObjects) -> BoxStream<'_, Result<ObjectSummary, Error>> {
        walk(request, move |request| async move {
            let page = self.list(request.clone()).await?;
            let next = page.next.map(|cursor| {
                let mut request = request;
                request.page.after = Some(cursor);
                request
            });
            Ok((page.objects, next))
        })
    }
}

impl<P: StorageProvider + ?Sized> StorageProviderExt for P {}

/// Reads the bytes of an object into memory.
///
/// # Errors
/// `Protocol(TooLarge)` over `limit` bytes; any error of the stream.
pub async fn collect(object: Object, limit: u64) -> Result<Bytes, Error> {
    let mut body = object.body;
    let mut all = BytesMut::new();
    while let Some(piece) = body.try_next().await? {
        let total = (all.len() as u64).saturating_add(piece.len() as u64);
        if total > limit {
            return Err(Error::new(
                Kind::Protocol(ProtocolReason::TooLarge),
                Delivery::Accepted,
                format!(
                    "the object is larger than the limit of {limit} bytes; read it as a stream"
                ),
            ));
        }
        all.extend_from_slice(&piece);
    }
    Ok(all.freeze())
}

mod sealed {
    /// Prevents implementations outside this crate.
    pub trait Sealed {}
    impl<P: super::StorageProvider + ?Sized> Sealed for P {}
}
