//! The capabilities of a storage vendor, as data.

use std::num::NonZeroU32;

/// The capabilities of a storage vendor. By default there are none; adapters set what is true.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StorageCapabilities {
    /// The conditions on reading and writing.
    pub condition: ConditionCapability,
    /// Presigned URLs that grant access for a limited time.
    pub presign: PresignCapability,
    /// A part of an object can be read.
    pub ranges: bool,
    /// Metadata can be stored with an object.
    pub metadata: bool,
    /// Objects can be copied inside the vendor.
    pub copy: bool,
    /// A list can be grouped by a delimiter.
    pub delimiter: bool,
    /// How many keys one delete request of the vendor accepts; longer lists are split.
    pub delete_batch: Option<NonZeroU32>,
}

/// The capabilities of conditions on reading and writing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConditionCapability {
    /// A write can have the condition [`WriteCondition::IfAbsent`](super::WriteCondition::IfAbsent).
    pub write_if_absent: bool,
    /// A write can have the condition [`WriteCondition::IfMatch`](super::WriteCondition::IfMatch).
    pub write_if_match: bool,
    /// An object can be deleted only if it is in a given state.
    pub delete_if_match: bool,
    /// A read can have a [`ReadCondition`](super::ReadCondition).
    pub read: bool,
}

/// The capabilities of presigned URLs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PresignCapability {
    /// The vendor signs URLs for reading.
    pub get: bool,
    /// The vendor signs URLs for writing.
    pub put: bool,
    /// The longest lifetime of a URL, in seconds.
    pub max_seconds: Option<NonZeroU32>,
}
