//! Object storage: bytes under keys, with conditions, ranges, listing and presigned links.
//!
//! # For callers
//! Hold an `Arc<dyn StorageProvider>`. A put of the same bytes under the same key may be repeated after an unknown
//! outcome, on every backend. Beside other writers this means: the last writer wins, and a late repeat can overwrite a
//! newer object. Who needs more says so with a [`WriteCondition`]; an ambiguous conditional write is settled by looking
//! for our own mark in the object, never by guessing.
//!
//! # For adapter authors
//! Implement [`StorageProvider`], whose methods are all required; say in [`StorageCapabilities`] what the vendor can do
//! and answer anything else with [`Error::unsupported`](crate::Error::unsupported).

mod capability;
mod condition;
mod ext;
mod model;
mod provider;
mod read;
mod write;

#[cfg(any(test, feature = "mock"))]
pub use self::provider::MockStorageProvider;
pub use self::{
    capability::{ConditionCapability, PresignCapability, StorageCapabilities},
    condition::{ETag, ReadCondition, WriteCondition},
    ext::{StorageProviderExt, collect},
    model::{
        DeleteOutcome, DeleteResult, GetOutcome, Object, ObjectInfo, ObjectPage, ObjectSummary,
        PresignedRequest, PutOutcome, StoredObject,
    },
    provider::StorageProvider,
    read::{ByteRange, GetObject, GetRange, HeadObject, ListObjects, Presign, PresignMethod},
    write::{
        ContentHeaders, CopyMetadata, CopyObject, DeleteObject, DeleteObjects, PutObject, PutStream,
    },
};
