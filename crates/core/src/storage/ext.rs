//! Comfort for callers of a storage vendor; not for implementing.

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::stream::{BoxStream, TryStreamExt};

use super::{GetObject, ListObjects, Object, ObjectSummary, StorageProvider};
use crate::{
    error::{Error, Kind, ProtocolReason},
    paging::walk,
    values::ObjectKey,
};

/// Short ways to common calls. Sealed: every [`StorageProvider`] has it.
#[async_trait]
pub trait StorageProviderExt: StorageProvider + sealed::Sealed {
    /// Reads a whole object into memory.
    ///
    /// # Errors
    /// Those of [`StorageProvider::get`]; `Protocol(TooLarge)` over `limit` bytes.
    async fn get_bytes(&self, key: &ObjectKey, limit: u64) -> Result<Bytes, Error> {
        let object = self.get(GetObject::new(key.clone())).await?.into_object()?;
        collect(object, limit).await
    }

    /// Walks all pages of a list. Ends after the first error.
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
/// `Protocol(TooLarge)` over `limit` bytes; whatever the stream fails with.
pub async fn collect(object: Object, limit: u64) -> Result<Bytes, Error> {
    let mut body = object.body;
    let mut all = BytesMut::new();
    while let Some(piece) = body.try_next().await? {
        let total = (all.len() as u64).saturating_add(piece.len() as u64);
        if total > limit {
            return Err(Error::new(
                Kind::Protocol(ProtocolReason::TooLarge),
                format!(
                    "the object is larger than the {limit} bytes asked for; read it as a stream"
                ),
            ));
        }
        all.extend_from_slice(&piece);
    }
    Ok(all.freeze())
}

mod sealed {
    /// Keeps the extension trait ours.
    pub trait Sealed {}
    impl<P: super::StorageProvider + ?Sized> Sealed for P {}
}
