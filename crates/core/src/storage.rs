//! Object storage: bytes under keys, with conditions, ranges, listing and presigned URLs.
//!
//! # For callers
//! Hold an `Arc<dyn StorageProvider>`. Writing the same bytes under the same key may be repeated after an unknown
//! outcome, on every vendor. With concurrent writers this means: the last writer wins, and a late repeat can overwrite
//! a newer object. To prevent that, use a [`WriteCondition`]; an ambiguous conditional write is resolved by looking
//! for our own mark in the object, never by guessing.
//!
//! # For adapter authors
//! Implement [`StorageProvider`], whose methods are all required. State in [`StorageCapabilities`] what the vendor can
//! do, and return [`Error::unsupported`](crate::Error::unsupported) for anything else.

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
