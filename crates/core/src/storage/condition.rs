//! Conditions on reading and writing: how writers that do not know of each other stay out of each other's way.

use std::fmt;

use jiff::Timestamp;

use crate::error::Error;

/// The vendor's mark of one state of an object, quotes included. Opaque: compare it, read nothing into it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ETag(String);

impl ETag {
    /// Takes a mark as the vendor gave it.
    ///
    /// # Errors
    /// `InvalidRequest` when it is empty or could not stand in a header.
    pub fn new(text: impl Into<String>) -> Result<Self, Error> {
        let text = text.into();
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Error::invalid(
                "etag",
                "must be visible ASCII, as the vendor gave it",
            ));
        }
        Ok(Self(text))
    }

    /// The text, quotes included.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// When a write may happen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum WriteCondition {
    /// Always; the last writer wins.
    #[default]
    None,
    /// Only when there is no object under the key.
    IfAbsent,
    /// Only when the object is still in this state.
    IfMatch(ETag),
}

/// When a read shall give the object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadCondition {
    /// Only in this state.
    pub if_match: Option<ETag>,
    /// Only in another state: a cache asks so.
    pub if_none_match: Option<ETag>,
    /// Only when it changed since; whole seconds.
    pub if_modified_since: Option<Timestamp>,
    /// Only when it did not change since; whole seconds.
    pub if_unmodified_since: Option<Timestamp>,
}

impl ReadCondition {
    /// Only in this state.
    #[must_use]
    pub fn if_match(etag: ETag) -> Self {
        Self {
            if_match: Some(etag),
            ..Self::default()
        }
    }

    /// Only in another state.
    #[must_use]
    pub fn if_none_match(etag: ETag) -> Self {
        Self {
            if_none_match: Some(etag),
            ..Self::default()
        }
    }

    /// Only when it changed since.
    #[must_use]
    pub fn if_modified_since(time: Timestamp) -> Self {
        Self {
            if_modified_since: Some(time),
            ..Self::default()
        }
    }

    /// Only when it did not change since.
    #[must_use]
    pub fn if_unmodified_since(time: Timestamp) -> Self {
        Self {
            if_unmodified_since: Some(time),
            ..Self::default()
        }
    }
}
