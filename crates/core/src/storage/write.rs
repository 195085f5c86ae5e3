//! What a call that changes something asks for.

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
