//! What a call that reads asks for, and links for others.

use std::time::Duration;

use super::condition::ReadCondition;
use crate::{
    macros::setters,
    resilience::CallOptions,
    values::{KeyPrefix, ObjectKey, PageRequest},
};

/// Reads an object.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GetObject {
    /// Which.
    pub key: ObjectKey,
    /// When it shall be given.
    pub condition: ReadCondition,
    /// Settings of this call.
    pub options: CallOptions,
}

impl GetObject {
    /// Reads the object under `key`.
    #[must_use]
    pub fn new(key: ObjectKey) -> Self {
        Self {
            key,
            condition: ReadCondition::default(),
            options: CallOptions::default(),
        }
    }

    setters! {
        /// Sets when it shall be given.
        with_condition(condition: ReadCondition);
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }
}

/// Which bytes of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ByteRange {
    /// From here to the end.
    From(u64),
    /// From `start` to before `end`.
    Between {
        /// The first byte, counted from 0.
        start: u64,
        /// One after the last byte.
        end: u64,
    },
    /// The last so many bytes.
    Last(u64),
}

/// Reads a part of an object.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GetRange {
    /// Which.
    pub key: ObjectKey,
    /// Which bytes.
    pub range: ByteRange,
    /// When it shall be given; pin the state with `if_match` when reading an object in parts.
    pub condition: ReadCondition,
    /// Settings of this call.
    pub options: CallOptions,
}

impl GetRange {
    /// Reads `range` of the object under `key`.
    #[must_use]
    pub fn new(key: ObjectKey, range: ByteRange) -> Self {
        Self {
            key,
            range,
            condition: ReadCondition::default(),
            options: CallOptions::default(),
        }
    }

    setters! {
        /// Sets when it shall be given.
        with_condition(condition: ReadCondition);
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }
}

/// Asks about an object without reading it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct HeadObject {
    /// Which.
    pub key: ObjectKey,
    /// Settings of this call.
    pub options: CallOptions,
}

impl HeadObject {
    /// Asks about the object under `key`.
    #[must_use]
    pub fn new(key: ObjectKey) -> Self {
        Self {
            key,
            options: CallOptions::default(),
        }
    }

    setters! {
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }
}

/// Asks which objects there are, in the order of their keys' UTF-8 bytes.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ListObjects {
    /// Only keys that begin so.
    pub prefix: KeyPrefix,
    /// Folds keys that share their text up to this one after the prefix, as folders do; usually `/`.
    pub delimiter: Option<char>,
    /// Only keys after this one.
    pub start_after: Option<ObjectKey>,
    /// Which page, and how long.
    pub page: PageRequest,
    /// Settings of this call.
    pub options: CallOptions,
}

impl ListObjects {
    setters! {
        /// Only keys that begin so.
        with_prefix(prefix: KeyPrefix);
        /// Folds keys at this character.
        with_delimiter(delimiter: Option<char>);
        /// Only keys after this one.
        with_start_after(start_after: Option<ObjectKey>);
        /// Sets which page, and how long.
        with_page(page: PageRequest);
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }
}

/// What a presigned link may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PresignMethod {
    /// Reading.
    Get,
    /// Writing. The size cannot be limited by such a link.
    Put,
}

/// Asks for a link that lets its holder read or write one object for a while.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Presign {
    /// Which object.
    pub key: ObjectKey,
    /// What for.
    pub method: PresignMethod,
    /// How long the link lives, in whole seconds; vendors allow up to 7 days.
    pub expires_in: Duration,
    /// For writing: the media type that the holder must send. For reading: the one that is served instead of the stored.
    pub content_type: Option<String>,
    /// For reading: how it is served, such as `attachment; filename="receipt.html"`.
    pub content_disposition: Option<String>,
}

impl Presign {
    /// A link to read.
    #[must_use]
    pub fn get(key: ObjectKey, expires_in: Duration) -> Self {
        Self {
            key,
            method: PresignMethod::Get,
            expires_in,
            content_type: None,
            content_disposition: None,
        }
    }

    /// A link to write.
    #[must_use]
    pub fn put(key: ObjectKey, expires_in: Duration) -> Self {
        Self {
            key,
            method: PresignMethod::Put,
            expires_in,
            content_type: None,
            content_disposition: None,
        }
    }

    setters! {
        /// Sets the media type.
        with_content_type(content_type: Option<String>);
        /// Sets how it is served.
        with_content_disposition(content_disposition: Option<String>);
    }
}
