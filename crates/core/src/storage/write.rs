//! The requests of calls that write.

use std::fmt;

use bytes::Bytes;
use http::Extensions;

use super::condition::{ETag, WriteCondition};
use crate::{
    macros::setters,
    resilience::CallOptions,
    transport::ByteStream,
    values::{Metadata, ObjectKey},
};

/// The headers that an object is served with.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ContentHeaders {
    /// The media type of the content.
    pub content_type: Option<String>,
    /// How long the object may be cached.
    pub cache_control: Option<String>,
    /// Whether the object is shown or saved, and under which name.
    pub content_disposition: Option<String>,
    /// How the bytes are encoded, such as `gzip`.
    pub content_encoding: Option<String>,
    /// The language of the content.
    pub content_language: Option<String>,
}

crate::debug_only!(ContentHeaders {});

impl ContentHeaders {
    /// Creates headers with only a media type.
    pub fn of_type(content_type: impl Into<String>) -> Self {
        Self {
            content_type: Some(content_type.into()),
            ..Self::default()
        }
    }

    setters! {
        /// Sets how long the object may be cached.
        with_cache_control(cache_control: Option<String>);
        /// Sets whether the object is shown or saved, and under which name.
        with_content_disposition(content_disposition: Option<String>);
        /// Sets how the bytes are encoded.
        with_content_encoding(content_encoding: Option<String>);
        /// Sets the language of the content.
        with_content_language(content_language: Option<String>);
    }
}

/// A request to store bytes that are in memory.
///
/// # Examples
/// ```
/// use anyvendor_core::storage::{ContentHeaders, PutObject, WriteCondition};
/// use anyvendor_core::values::ObjectKey;
///
/// let request = PutObject::new(ObjectKey::new("receipts/1001.html")?, "<h1>Receipt</h1>")
///     .with_content(ContentHeaders::of_type("text/html"))
///     .with_condition(WriteCondition::IfAbsent);
/// assert_eq!(request.body.len(), 16);
/// # Ok::<(), anyvendor_core::values::ValueError>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct PutObject {
    /// The key of the object.
    pub key: ObjectKey,
    /// The bytes of the object.
    pub body: Bytes,
    /// The headers that the object is served with.
    pub content: ContentHeaders,
    /// The metadata stored with the object.
    pub metadata: Metadata,
    /// The condition of the write.
    pub condition: WriteCondition,
    /// Options that only one vendor has.
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
        /// Sets the headers that the object is served with.
        with_content(content: ContentHeaders);
        /// Sets the metadata stored with the object.
        with_metadata(metadata: Metadata);
        /// Sets the condition of the write.
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

/// A request to store bytes as they arrive, with bounded memory.
#[non_exhaustive]
pub struct PutStream {
    /// The key of the object.
    pub key: ObjectKey,
    /// The bytes as a stream.
    pub body: ByteStream,
    /// How many bytes there are, if known; another number fails the call and leaves no object.
    pub length: Option<u64>,
    /// The headers that the object is served with.
    pub content: ContentHeaders,
    /// The metadata stored with the object.
    pub metadata: Metadata,
    /// The condition of the write.
    pub condition: WriteCondition,
    /// Settings of this call.
    pub options: CallOptions,
}

impl PutStream {
    /// Stores the bytes that `body` yields under `key`.
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
        /// Sets the headers that the object is served with.
        with_content(content: ContentHeaders);
        /// Sets the metadata stored with the object.
        with_metadata(metadata: Metadata);
        /// Sets the condition of the write.
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

/// A request to delete an object.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DeleteObject {
    /// The key of the object.
    pub key: ObjectKey,
    /// Deletes the object only if it is in this state.
    pub if_match: Option<ETag>,
    /// Settings of this call.
    pub options: CallOptions,
}

impl DeleteObject {
    /// Deletes the object under `key` in any state.
    #[must_use]
    pub fn new(key: ObjectKey) -> Self {
        Self {
            key,
            if_match: None,
            options: CallOptions::default(),
        }
    }

    setters! {
        /// Deletes the object only if it is in this state.
        with_if_match(if_match: Option<ETag>);
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }
}

/// A request to delete many objects.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DeleteObjects {
    /// The keys of the objects; any number.
    pub keys: Vec<ObjectKey>,
    /// Settings of each request that this is split into.
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

/// The headers and metadata of a copy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum CopyMetadata {
    /// The copy keeps those of the source.
    #[default]
    Keep,
    /// The copy gets other headers and metadata.
    Replace {
        /// The headers that the copy is served with.
        content: ContentHeaders,
        /// The metadata stored with the copy.
        metadata: Metadata,
    },
}

/// A request to copy an object inside the vendor.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CopyObject {
    /// The key of the source.
    pub from: ObjectKey,
    /// The key of the copy.
    pub to: ObjectKey,
    /// Copies only if the source is in this state.
    pub source_if_match: Option<ETag>,
    /// The headers and metadata of the copy.
    pub metadata: CopyMetadata,
    /// The condition of the write, checked against the target.
    pub condition: WriteCondition,
    /// Settings of this call.
    pub options: CallOptions,
}

impl CopyObject {
    /// Copies the object under `from` to `to`.
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
        /// Copies only if the source is in this state.
        with_source_if_match(source_if_match: Option<ETag>);
        /// Sets the headers and metadata of the copy.
        with_metadata(metadata: CopyMetadata);
        /// Sets the condition of the write.
        with_condition(condition: WriteCondition);
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }
}
