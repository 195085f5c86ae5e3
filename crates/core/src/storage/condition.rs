//! Conditions on reading and writing, which protect concurrent writers from each other.

use std::fmt;

use jiff::Timestamp;

use crate::error::Error;

/// The vendor's mark of one state of an object, quotes included. Opaque: compare it, but do not interpret it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ETag(String);

impl ETag {
    /// Keeps a mark as the vendor returned it.
    ///
    /// # Errors
    /// `InvalidRequest` when it is empty or not a valid header value.
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

    /// Returns the text, quotes included.
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

/// The condition of a write.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum WriteCondition {
    /// No condition; the last writer wins.
    #[default]
    None,
    /// Only if there is no object under the key.
    IfAbsent,
    /// Only if the object is still in this state.
    IfMatch(ETag),
}

/// The conditions of a read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadCondition {
    /// Only if the object is in this state.
    pub if_match: Option<ETag>,
    /// Only if the object is in another state; used by caches.
    pub if_none_match: Option<ETag>,
    /// Only if the object changed since then; whole seconds.
    pub if_modified_since: Option<Timestamp>,
    /// Only if the object did not change since then; whole seconds.
    pub if_unmodified_since: Option<Timestamp>,
}

impl ReadCondition {
    /// Reads only if the object is in this state.
    #[must_use]
    pub fn if_match(etag: ETag) -> Self {
        Self {
            if_match: Some(etag),
            ..Self::default()
        }
    }

    /// Reads only if the object is in another state.
    #[must_use]
    pub fn if_none_match(etag: ETag) -> Self {
        Self {
            if_none_match: Some(etag),
            ..Self::default()
        }
    }

    /// Reads only if the object changed since then.
    #[must_use]
    pub fn if_modified_since(time: Timestamp) -> Self {
        Self {
            if_modified_since: Some(time),
            ..Self::default()
        }
    }

    /// Reads only if the object did not change since then.
    #[must_use]
    pub fn if_unmodified_since(time: Timestamp) -> Self {
        Self {
            if_unmodified_since: Some(time),
            ..Self::default()
        }
    }
}
