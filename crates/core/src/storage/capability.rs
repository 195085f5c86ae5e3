//! What a storage vendor can do, as data.

use std::num::NonZeroU32;

/// What a storage vendor can do. The default is nothing; adapters set what is true.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StorageCapabilities {
    /// Conditions on reading and writing.
    pub condition: ConditionCapability,
    /// Links that grant access for a while.
    pub presign: PresignCapability,
    /// Reading a part of an object.
    pub ranges: bool,
    /// Keeping metadata of ours beside an object.
    pub metadata: bool,
    /// Copying inside the vendor.
    pub copy: bool,
    /// Grouping a list by a delimiter.
    pub delimiter: bool,
    /// How many keys one delete request of the vendor takes; more are cut into several.
    pub delete_batch: Option<NonZeroU32>,
}

/// Conditions on reading and writing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConditionCapability {
    /// [`WriteCondition::IfAbsent`](super::WriteCondition::IfAbsent).
    pub write_if_absent: bool,
    /// [`WriteCondition::IfMatch`](super::WriteCondition::IfMatch).
    pub write_if_match: bool,
    /// Deleting only a given state.
    pub delete_if_match: bool,
    /// [`ReadCondition`](super::ReadCondition).
    pub read: bool,
}

/// Links that grant access for a while.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PresignCapability {
    /// Links to read.
    pub get: bool,
    /// Links to write.
    pub put: bool,
    /// The longest life of a link, in seconds.
    pub max_seconds: Option<NonZeroU32>,
}
