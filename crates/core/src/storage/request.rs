//! What a storage call asks for.

use std::{fmt, time::Duration};

use bytes::Bytes;
use http::Extensions;

use super::condition::{ETag, ReadCondition, WriteCondition};
use crate::{
    macros::setters,
    resilience::CallOptions,
    transport::ByteStream,
    values::{KeyPrefix, Metadata, ObjectKey, PageRequest},
};

/// What an object says of itself when it is served.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ContentHeaders {
    /// The media type.
    pub content_type: Option<String>,
    /// How long it may be cached.
    pub cache_control: Option<String>,
    /// Shown or saved, and under which name.
    pub content_disposition: Option<String>,
    /// How the bytes are packed.
    pub content_encoding: Option<String>,
    /// The language.
    pub content_language: Option<String>,
}

impl ContentHeaders {
    /// Only a media type.
    pub fn of_type(content_type: impl Into<String>) -> Self {
        Self {
            content_type: Some(content_type.into()),
            ..Self::default()
        }
    }

    setters! {
        /// Sets how long it may be cached.
        with_cache_control(cache_control: Option<String>);
        /// Sets whether it is shown or saved, and under which name.
        with_content_disposition(content_disposition: Option<String>);
        /// Sets how the bytes are packed.
        with_content_encoding(content_encoding: Option<String>);
        /// Sets the language.
        with_content_language(content_language: Option<String>);
    }
}

/// Stores bytes that are in memory.
#[derive(Clone)]
#[non_exhaustive]
pub struct PutObject {
    /// Under which key.
    pub key: ObjectKey,
    /// The bytes.
    pub body: Bytes,
    /// What it says of itself.
    pub content: ContentHeaders,
    /// Kept beside it.
    pub metadata: Metadata,
    /// When it may happen.
    pub condition: WriteCondition,
    /// What only one vendor knows.
    pub extensions: Extensions,
    /// Settings of this call.
    pub options: CallOptions,
}

impl PutObject {
    /// Stores `body` under `key`.
    #[must_use]
    pub fn new(key: ObjectKey, body: impl Into<Bytes>) -> Self {
        Self {
            key,
            body: body.into(),
            content: ContentHeaders::default(),
            metadata: Metadata::default(),
            condition: WriteCondition::None,
            extensions: Extensions::new(),
            options: CallOptions::default(),
        }
    }

    setters! {
        /// Sets what it says of itself.
        with_content(content: ContentHeaders);
        /// Sets what is kept beside it.
        with_metadata(metadata: Metadata);
        /// Sets when it may happen.
        with_condition(condition: WriteCondition);
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }
}

impl fmt::Debug for PutObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PutObject")
            .field("key", &self.key)
            .field("bytes", &self.body.len())
            .field("condition", &self.condition)
            .finish_non_exhaustive()
    }
}

/// Stores bytes as they come, with bounded memory.
#[non_exhaustive]
pub struct PutStream {
    /// Under which key.
    pub key: ObjectKey,
    /// The bytes.
    pub body: ByteStream,
    /// How many there are, if that is known; a different count fails the call and leaves no object.
    pub length: Option<u64>,
    /// What it says of itself.
    pub content: ContentHeaders,
    /// Kept beside it.
    pub metadata: Metadata,
    /// When it may happen.
    pub condition: WriteCondition,
    /// Settings of this call.
    pub options: CallOptions,
}

impl PutStream {
    /// Stores what `body` yields under `key`.
    #[must_use]
    pub fn new(key: ObjectKey, body: ByteStream) -> Self {
        Self {
            key,
            body,
            length: None,
            content: ContentHeaders::default(),
            metadata: Metadata::default(),
            condition: WriteCondition::None,
            options: CallOptions::default(),
        }
    }

    setters! {
        /// Sets how many bytes there are.
        with_length(length: Option<u64>);
        /// Sets what it says of itself.
        with_content(content: ContentHeaders);
        /// Sets what is kept beside it.
        with_metadata(metadata: Metadata);
        /// Sets when it may happen.
        with_condition(condition: WriteCondition);
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }
}

impl fmt::Debug for PutStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PutStream")
            .field("key", &self.key)
            .field("length", &self.length)
            .field("condition", &self.condition)
            .finish_non_exhaustive()
    }
}

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

/// Deletes an object.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DeleteObject {
    /// Which.
    pub key: ObjectKey,
    /// Only in this state.
    pub if_match: Option<ETag>,
    /// Settings of this call.
    pub options: CallOptions,
}

impl DeleteObject {
    /// Deletes the object under `key`, in whatever state.
    #[must_use]
    pub fn new(key: ObjectKey) -> Self {
        Self {
            key,
            if_match: None,
            options: CallOptions::default(),
        }
    }

    setters! {
        /// Only in this state.
        with_if_match(if_match: Option<ETag>);
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }
}

/// Deletes many objects.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DeleteObjects {
    /// Which; any number.
    pub keys: Vec<ObjectKey>,
    /// Settings of each request that this is cut into.
    pub options: CallOptions,
}

impl DeleteObjects {
    /// Deletes the objects under `keys`.
    #[must_use]
    pub fn new(keys: Vec<ObjectKey>) -> Self {
        Self {
            keys,
            options: CallOptions::default(),
        }
    }

    setters! {
        /// Sets the settings of each request.
        with_options(options: CallOptions);
    }
}

/// What a copy says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum CopyMetadata {
    /// What the source says.
    #[default]
    Keep,
    /// Something else.
    Replace {
        /// What it says of itself.
        content: ContentHeaders,
        /// Kept beside it.
        metadata: Metadata,
    },
}

/// Copies an object inside the vendor.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CopyObject {
    /// From which key.
    pub from: ObjectKey,
    /// Under which key.
    pub to: ObjectKey,
    /// Only when the source is in this state.
    pub source_if_match: Option<ETag>,
    /// What the copy says of itself.
    pub metadata: CopyMetadata,
    /// When it may happen, judged by the target.
    pub condition: WriteCondition,
    /// Settings of this call.
    pub options: CallOptions,
}

impl CopyObject {
    /// Copies `from` to `to`.
    #[must_use]
    pub fn new(from: ObjectKey, to: ObjectKey) -> Self {
        Self {
            from,
            to,
            source_if_match: None,
            metadata: CopyMetadata::Keep,
            condition: WriteCondition::None,
            options: CallOptions::default(),
        }
    }

    setters! {
        /// Only when the source is in this state.
        with_source_if_match(source_if_match: Option<ETag>);
        /// Sets what the copy says of itself.
        with_metadata(metadata: CopyMetadata);
        /// Sets when it may happen.
        with_condition(condition: WriteCondition);
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
