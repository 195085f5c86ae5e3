//! The trait that every storage vendor implements.

use async_trait::async_trait;

use super::{
    CopyObject, DeleteObject, DeleteObjects, DeleteOutcome, DeleteResult, GetObject, GetOutcome,
    GetRange, HeadObject, ListObjects, ObjectInfo, ObjectPage, Presign, PresignedRequest,
    PutObject, PutOutcome, PutStream, StorageCapabilities,
};
use crate::error::Error;

/// A vendor that stores objects. Crates outside this workspace can implement it.
///
/// # For callers
/// Hold an `Arc<dyn StorageProvider>`; [`StorageProviderExt`](super::StorageProviderExt) adds convenience methods.
///
/// ```
/// use anyvendor_core::storage::{PutObject, PutOutcome, StorageProvider, WriteCondition};
/// use anyvendor_core::{Error, values::ObjectKey};
///
/// /// Stores a receipt once; a second one under the same key changes nothing.
/// async fn keep(storage: &dyn StorageProvider, key: ObjectKey, html: String) -> Result<bool, Error> {
///     let request = PutObject::new(key, html).with_condition(WriteCondition::IfAbsent);
///     Ok(matches!(storage.put(request).await?, PutOutcome::Stored(_)))
/// }
/// ```
///
/// # For adapter authors
/// All methods are required. The conformance suite has one case per bullet below, under the same name.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait StorageProvider: std::fmt::Debug + Send + Sync {
    /// The vendor's name, for errors, spans and metrics.
    fn vendor(&self) -> &'static str;

    /// The capabilities of this vendor.
    fn capabilities(&self) -> StorageCapabilities;

    /// Stores bytes that are in memory.
    ///
    /// # Behavior
    /// - `put_then_get`: the same bytes, type and metadata come back.
    /// - `put_empty`: an object may have no bytes.
    /// - `put_overwrites`: the last write wins, with another etag.
    /// - `put_odd_keys`: spaces, plus and percent signs, non-ASCII and doubled slashes are preserved.
    /// - `put_if_absent`: the second one is `ConditionNotMet` and changes nothing.
    /// - `put_if_match`: only the current state is overwritten.
    ///
    /// # Errors
    /// `InvalidRequest` for what the vendor does not accept; `Unsupported` for a condition that it does not know.
    async fn put(&self, request: PutObject) -> Result<PutOutcome, Error>;

    /// Stores bytes as they arrive, with bounded memory.
    ///
    /// # Examples
    /// ```
    /// use anyvendor_core::storage::{PutStream, StorageProvider};
    /// use anyvendor_core::{Error, transport::ByteStream, values::ObjectKey};
    ///
    /// async fn upload(storage: &dyn StorageProvider, video: ByteStream) -> Result<(), Error> {
    ///     let request = PutStream::new(ObjectKey::new("videos/1.mp4")?, video);
    ///     storage.put_stream(request).await?.into_stored()?;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Behavior
    /// - `put_stream_small`: a stream of a few bytes is one object.
    /// - `put_stream_large`: a stream over several parts is one object, byte for byte.
    /// - `put_stream_failing_leaves_nothing`: a stream that fails leaves no object behind.
    /// - `put_stream_of_wrong_length`: another number of bytes than announced is an error and leaves no object.
    /// - `put_stream_if_absent`: as for `put`.
    ///
    /// # Errors
    /// The errors of [`put`](Self::put), and any error of the stream itself.
    async fn put_stream(&self, request: PutStream) -> Result<PutOutcome, Error>;

    /// Reads an object. The bytes are returned as a stream.
    ///
    /// # Behavior
    /// - `get_missing`: `NotFound`.
    /// - `get_if_none_match`: `NotModified` for the current state.
    /// - `get_if_match`: `ConditionNotMet` for another state.
    ///
    /// # Errors
    /// `NotFound` for a missing object.
    async fn get(&self, request: GetObject) -> Result<GetOutcome, Error>;

    /// Reads a part of an object.
    ///
    /// # Examples
    /// ```
    /// use anyvendor_core::storage::{ByteRange, GetRange, StorageProvider, collect};
    /// use anyvendor_core::{Error, values::ObjectKey};
    ///
    /// /// The last kilobyte of a log.
    /// async fn tail(storage: &dyn StorageProvider, key: ObjectKey) -> Result<bytes::Bytes, Error> {
    ///     let request = GetRange::new(key, ByteRange::Last(1_024));
    ///     collect(storage.get_range(request).await?.into_object()?, 1_024).await
    /// }
    /// ```
    ///
    /// # Behavior
    /// - `get_range_forms`: from, between and last give exactly those bytes.
    /// - `get_range_past_the_end`: `InvalidRequest`.
    ///
    /// # Errors
    /// `NotFound` for a missing object; `InvalidRequest` for a range without bytes.
    async fn get_range(&self, request: GetRange) -> Result<GetOutcome, Error>;

    /// Returns the properties of an object without reading it.
    ///
    /// # Behavior
    /// - `head_says_what_get_says`: size, etag, type and metadata.
    /// - `head_missing`: `NotFound`.
    ///
    /// # Errors
    /// `NotFound` for a missing object.
    async fn head(&self, request: HeadObject) -> Result<ObjectInfo, Error>;

    /// Lists objects in the order of their keys.
    ///
    /// # Behavior
    /// - `list_pages_through_all`: walking the pages yields every key once, in order.
    /// - `list_by_prefix_and_delimiter`: deeper keys are grouped.
    /// - `list_start_after`: begins after the key.
    ///
    /// # Errors
    /// `Unsupported` for a delimiter without the capability.
    async fn list(&self, request: ListObjects) -> Result<ObjectPage, Error>;

    /// Deletes an object. Deleting a missing object is a success.
    ///
    /// # Behavior
    /// - `delete_then_missing`: the object is gone, and deleting it again is a success.
    /// - `delete_if_match`: only the current state is deleted.
    ///
    /// # Errors
    /// `Unsupported` for a condition that the vendor does not know.
    async fn delete(&self, request: DeleteObject) -> Result<DeleteOutcome, Error>;

    /// Deletes any number of objects.
    ///
    /// # Examples
    /// ```
    /// use anyvendor_core::storage::{DeleteObjects, StorageProvider};
    /// use anyvendor_core::{Error, values::ObjectKey};
    ///
    /// /// The keys that are still there.
    /// async fn sweep(storage: &dyn StorageProvider, keys: Vec<ObjectKey>) -> Result<Vec<ObjectKey>, Error> {
    ///     let results = storage.delete_many(DeleteObjects::new(keys)).await?;
    ///     Ok(results.into_iter().filter(|one| one.result.is_err()).map(|one| one.key).collect())
    /// }
    /// ```
    ///
    /// # Behavior
    /// - `delete_many_has_a_result_per_key`: one each, in order, missing keys are successes.
    ///
    /// # Errors
    /// Returns `Err` only if the whole request failed; per-key failures are in the returned list.
    async fn delete_many(&self, request: DeleteObjects) -> Result<Vec<DeleteResult>, Error>;

    /// Copies an object inside the vendor.
    ///
    /// # Behavior
    /// - `copy_keeps_bytes_and_metadata`: the copy is equal to the source.
    /// - `copy_replaces_metadata`: the metadata is replaced if requested.
    /// - `copy_missing`: `NotFound`.
    ///
    /// # Errors
    /// `NotFound` for a missing source; `Unsupported` without the capability.
    async fn copy(&self, request: CopyObject) -> Result<PutOutcome, Error>;

    /// Signs a request that lets its holder read or write one object for a limited time. Sends nothing to the vendor.
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    /// use anyvendor_core::storage::{Presign, StorageProvider};
    /// use anyvendor_core::{Error, values::{ObjectKey, SensitiveUrl}};
    ///
    /// async fn link(storage: &dyn StorageProvider, key: ObjectKey) -> Result<SensitiveUrl, Error> {
    ///     Ok(storage.presign(Presign::get(key, Duration::from_secs(600))).await?.url)
    /// }
    /// ```
    ///
    /// # Behavior
    /// - `presign_get_reads`: the holder of the URL reads the object without credentials.
    /// - `presign_put_writes`: the holder of the URL writes the object without credentials.
    /// - `presign_too_long_is_refused`: over the vendor's limit is `InvalidRequest`.
    ///
    /// # Errors
    /// `InvalidRequest` for a lifetime of zero or over the vendor's limit; `Unsupported` without the capability.
    async fn presign(&self, request: Presign) -> Result<PresignedRequest, Error>;
}

fn _dyn_safe(_: &dyn StorageProvider) {}
