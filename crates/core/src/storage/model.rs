//! A stored object, and the outcomes of storage calls.

use std::fmt;

use jiff::Timestamp;

use super::{condition::ETag, read::PresignMethod, write::ContentHeaders};
use crate::{
    error::{Delivery, Error, Kind},
    transport::ByteStream,
    values::{Cursor, Metadata, ObjectKey, SensitiveUrl},
};

/// What the vendor reports about an object.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ObjectInfo {
    /// The key of the object.
    pub key: ObjectKey,
    /// The size of the object in bytes.
    pub size: u64,
    /// The mark of the object's state.
    pub etag: Option<ETag>,
    /// When the object was last written.
    pub last_modified: Option<Timestamp>,
    /// The headers that the object is served with.
    pub content: ContentHeaders,
    /// The metadata stored with the object.
    pub metadata: Metadata,
    /// The vendor's name of this version, if it keeps several.
    pub version: Option<String>,
}

impl ObjectInfo {
    /// Creates an object of which only this is known.
    #[must_use]
    pub fn new(key: ObjectKey, size: u64) -> Self {
        Self {
            key,
            size,
            etag: None,
            last_modified: None,
            content: ContentHeaders::default(),
            metadata: Metadata::default(),
            version: None,
        }
    }
}

/// An object and its bytes.
#[non_exhaustive]
pub struct Object {
    /// What the vendor reports about the object; `size` is that of the whole object.
    pub info: ObjectInfo,
    /// The range of the bytes in `body`: the first, and one after the last.
    pub range: std::ops::Range<u64>,
    /// The bytes as a stream.
    pub body: ByteStream,
}

impl Object {
    /// Creates an object with its bytes as a stream.
    #[must_use]
    pub fn new(info: ObjectInfo, range: std::ops::Range<u64>, body: ByteStream) -> Self {
        Self { info, range, body }
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Object")
            .field("info", &self.info)
            .field("range", &self.range)
            .finish_non_exhaustive()
    }
}

/// The outcome of reading an object. Exhaustive on purpose.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "there is one per call; a box would stand in every caller's match"
)]
pub enum GetOutcome {
    /// The object, or the requested part of it.
    Found(Object),
    /// The object is still in the state of the condition: the caller's copy is current.
    NotModified,
    /// The object is not in the state that the condition requires.
    ConditionNotMet,
}

impl GetOutcome {
    /// Returns the object, if it was found.
    ///
    /// # Errors
    /// `Conflict` when a condition was not met.
    pub fn into_object(self) -> Result<Object, Error> {
        match self {
            Self::Found(object) => Ok(object),
            Self::NotModified => Err(Error::new(
                Kind::Conflict,
                Delivery::Refused,
                "the object was not modified",
            )),
            Self::ConditionNotMet => Err(condition_not_met()),
        }
    }
}

/// The outcome of writing an object. Exhaustive on purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PutOutcome {
    /// The object was stored.
    Stored(StoredObject),
    /// The condition was not met: nothing was written.
    ConditionNotMet,
}

impl PutOutcome {
    /// Returns the stored state, if the object was stored.
    ///
    /// # Errors
    /// `Conflict` when the condition was not met.
    pub fn into_stored(self) -> Result<StoredObject, Error> {
        match self {
            Self::Stored(stored) => Ok(stored),
            Self::ConditionNotMet => Err(condition_not_met()),
        }
    }
}

/// The state of an object after a write.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredObject {
    /// The mark of the new state; `None` when the vendor stored the bytes but its response was malformed.
    pub etag: Option<ETag>,
    /// The vendor's name of this version.
    pub version: Option<String>,
}

impl StoredObject {
    /// Creates a state from its parts.
    #[must_use]
    pub fn new(etag: Option<ETag>, version: Option<String>) -> Self {
        Self { etag, version }
    }
}

/// The outcome of deleting an object. Exhaustive on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeleteOutcome {
    /// The object no longer exists, or never existed.
    Deleted,
    /// The object is not in the requested state: nothing was deleted.
    ConditionNotMet,
}

/// The outcome of deleting one of many objects.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DeleteResult {
    /// The key of the object.
    pub key: ObjectKey,
    /// `Ok` if the object no longer exists, or why it could not be deleted.
    pub result: Result<(), Error>,
}

impl DeleteResult {
    /// Creates a result for one key.
    #[must_use]
    pub fn new(key: ObjectKey, result: Result<(), Error>) -> Self {
        Self { key, result }
    }
}

/// One entry of a list of objects.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ObjectSummary {
    /// The key as the vendor stores it; other writers may have stored keys that an [`ObjectKey`] rejects.
    pub key: String,
    /// The size of the object in bytes.
    pub size: u64,
    /// The mark of the object's state.
    pub etag: Option<ETag>,
    /// When the object was last written.
    pub last_modified: Option<Timestamp>,
}

impl ObjectSummary {
    /// Creates an entry of a list.
    #[must_use]
    pub fn new(key: impl Into<String>, size: u64) -> Self {
        Self {
            key: key.into(),
            size,
            etag: None,
            last_modified: None,
        }
    }

    /// Converts the key into one that requests can use.
    ///
    /// # Errors
    /// `InvalidRequest` for a key that another writer stored and that we refuse to use.
    pub fn object_key(&self) -> Result<ObjectKey, Error> {
        Ok(ObjectKey::new(self.key.clone())?)
    }
}

/// A page of a list. It may be short or empty and still have a next page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ObjectPage {
    /// The objects of this page.
    pub objects: Vec<ObjectSummary>,
    /// The prefixes that were grouped by the delimiter; each ends in it.
    pub prefixes: Vec<String>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<Cursor>,
}

impl ObjectPage {
    /// Creates a page from its parts.
    #[must_use]
    pub fn new(objects: Vec<ObjectSummary>, prefixes: Vec<String>, next: Option<Cursor>) -> Self {
        Self {
            objects,
            prefixes,
            next,
        }
    }
}

/// A presigned request, which lets its holder read or write an object.
#[derive(Clone)]
#[non_exhaustive]
pub struct PresignedRequest {
    /// The HTTP method to use.
    pub method: PresignMethod,
    /// The URL, which is a secret.
    pub url: SensitiveUrl,
    /// Headers that the holder must send unchanged.
    pub headers: Vec<(String, String)>,
    /// When the request expires; it expires sooner if the credentials do.
    pub expires_at: Timestamp,
}

crate::debug_only!(PresignedRequest {
    method,
    url,
    expires_at
});

impl PresignedRequest {
    /// Creates a presigned request from its parts.
    #[must_use]
    pub fn new(
        method: PresignMethod,
        url: SensitiveUrl,
        headers: Vec<(String, String)>,
        expires_at: Timestamp,
    ) -> Self {
        Self {
            method,
            url,
            headers,
            expires_at,
        }
    }
}

fn condition_not_met() -> Error {
    Error::new(
        Kind::Conflict,
        Delivery::Refused,
        "the object is not in the state that the condition asks for",
    )
}
