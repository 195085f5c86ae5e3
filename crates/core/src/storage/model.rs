//! What a stored object is, and what came of storage calls.

use std::fmt;

use jiff::Timestamp;

use super::{condition::ETag, read::PresignMethod, write::ContentHeaders};
use crate::{
    error::{Error, Kind},
    transport::ByteStream,
    values::{Cursor, Metadata, ObjectKey, SensitiveUrl},
};

/// What the vendor says of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ObjectInfo {
    /// Its key.
    pub key: ObjectKey,
    /// How many bytes.
    pub size: u64,
    /// The mark of its state.
    pub etag: Option<ETag>,
    /// When it was last written.
    pub last_modified: Option<Timestamp>,
    /// What it says of itself.
    pub content: ContentHeaders,
    /// What was kept beside it.
    pub metadata: Metadata,
    /// The vendor's name of this version, where it keeps several.
    pub version: Option<String>,
}

impl ObjectInfo {
    /// An object of which only this is known.
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
    /// What the vendor says of it; `size` is that of the whole object.
    pub info: ObjectInfo,
    /// Which bytes follow: first, and one after the last.
    pub range: std::ops::Range<u64>,
    /// The bytes.
    pub body: ByteStream,
}

impl Object {
    /// An object whose bytes follow.
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

/// What came of reading. Exhaustive on purpose.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "there is one per call; a box would stand in every caller's match"
)]
pub enum GetOutcome {
    /// The object, as far as asked for.
    Found(Object),
    /// It is still as the condition says: the caller's copy is good.
    NotModified,
    /// It is not in the state that the condition asks for.
    ConditionNotMet,
}

impl GetOutcome {
    /// The object.
    ///
    /// # Errors
    /// `Conflict` when a condition kept it back.
    pub fn into_object(self) -> Result<Object, Error> {
        match self {
            Self::Found(object) => Ok(object),
            Self::NotModified => Err(Error::new(Kind::Conflict, "the object was not modified")),
            Self::ConditionNotMet => Err(condition_not_met()),
        }
    }
}

/// What came of writing. Exhaustive on purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PutOutcome {
    /// Stored.
    Stored(StoredObject),
    /// The condition was not met: nothing was written.
    ConditionNotMet,
}

impl PutOutcome {
    /// What was stored.
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

/// The state that a write made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredObject {
    /// The mark of the new state; `None` when the vendor took the bytes but its response was odd.
    pub etag: Option<ETag>,
    /// The vendor's name of this version.
    pub version: Option<String>,
}

impl StoredObject {
    /// A state of these marks.
    #[must_use]
    pub fn new(etag: Option<ETag>, version: Option<String>) -> Self {
        Self { etag, version }
    }
}

/// What came of deleting. Exhaustive on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeleteOutcome {
    /// There is no such object any more, or there never was.
    Deleted,
    /// It is not in the state that was asked for: nothing was deleted.
    ConditionNotMet,
}

/// What came of deleting one of many.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DeleteResult {
    /// Which.
    pub key: ObjectKey,
    /// Gone, or why not.
    pub result: Result<(), Error>,
}

impl DeleteResult {
    /// A result for one key.
    #[must_use]
    pub fn new(key: ObjectKey, result: Result<(), Error>) -> Self {
        Self { key, result }
    }
}

/// One line of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ObjectSummary {
    /// The key as the vendor keeps it; others may have stored keys that an [`ObjectKey`] refuses.
    pub key: String,
    /// How many bytes.
    pub size: u64,
    /// The mark of its state.
    pub etag: Option<ETag>,
    /// When it was last written.
    pub last_modified: Option<Timestamp>,
}

impl ObjectSummary {
    /// A line of a list.
    #[must_use]
    pub fn new(key: impl Into<String>, size: u64) -> Self {
        Self {
            key: key.into(),
            size,
            etag: None,
            last_modified: None,
        }
    }

    /// The key as one that can be asked for.
    ///
    /// # Errors
    /// `InvalidRequest` for a key that somebody else stored and that we refuse to use.
    pub fn object_key(&self) -> Result<ObjectKey, Error> {
        Ok(ObjectKey::new(self.key.clone())?)
    }
}

/// A page of a list. It may be short or empty and still have a next one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ObjectPage {
    /// The objects.
    pub objects: Vec<ObjectSummary>,
    /// What was folded by the delimiter, each ending in it.
    pub prefixes: Vec<String>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<Cursor>,
}

impl ObjectPage {
    /// A page of these parts.
    #[must_use]
    pub fn new(objects: Vec<ObjectSummary>, prefixes: Vec<String>, next: Option<Cursor>) -> Self {
        Self {
            objects,
            prefixes,
            next,
        }
    }
}

/// A link that lets its holder act.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PresignedRequest {
    /// The method to use.
    pub method: PresignMethod,
    /// The address; a secret.
    pub url: SensitiveUrl,
    /// Headers that the holder must send as they are.
    pub headers: Vec<(String, String)>,
    /// When it stops to work; credentials that end sooner end it sooner.
    pub expires_at: Timestamp,
}

impl PresignedRequest {
    /// A link of these parts.
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
        "the object is not in the state that the condition asks for",
    )
}
