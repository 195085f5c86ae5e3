//! The requests of calls that read, and presigned URLs.

use std::time::Duration;

use super::condition::ReadCondition;
use crate::{
    macros::setters,
    resilience::CallOptions,
    values::{KeyPrefix, ObjectKey, PageRequest},
};

/// A request to read an object.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GetObject {
    /// The key of the object.
    pub key: ObjectKey,
    /// The condition of the read.
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
        /// Sets the condition of the read.
        with_condition(condition: ReadCondition);
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }
}

/// A range of the bytes of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ByteRange {
    /// From this byte to the end.
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

/// A request to read a part of an object.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GetRange {
    /// The key of the object.
    pub key: ObjectKey,
    /// The range of bytes to read.
    pub range: ByteRange,
    /// The condition of the read; require one state with `if_match` when reading an object in parts.
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
        /// Sets the condition of the read.
        with_condition(condition: ReadCondition);
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }
}

/// A request for the properties of an object.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct HeadObject {
    /// The key of the object.
    pub key: ObjectKey,
    /// Settings of this call.
    pub options: CallOptions,
}

impl HeadObject {
    /// Requests the properties of the object under `key`.
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

/// A request for a list of objects, in the order of their keys' UTF-8 bytes.
///
/// # Examples
/// ```
/// use anyvendor_core::{storage::ListObjects, values::KeyPrefix};
///
/// // The "folders" directly below receipts/.
/// let request = ListObjects::new().with_prefix(KeyPrefix::new("receipts/")?).with_delimiter('/');
/// assert_eq!(request.delimiter, Some('/'));
/// # Ok::<(), anyvendor_core::values::ValueError>(())
/// ```
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ListObjects {
    /// Only keys that begin with this prefix.
    pub prefix: KeyPrefix,
    /// Groups keys that share their text up to this character after the prefix, like folders; usually `/`.
    pub delimiter: Option<char>,
    /// Only keys after this one.
    pub start_after: Option<ObjectKey>,
    /// Which page is returned, and how many items it has.
    pub page: PageRequest,
    /// Settings of this call.
    pub options: CallOptions,
}

impl ListObjects {
    /// Lists all objects, from the first page on.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    setters! {
        /// Lists only keys that begin with this prefix.
        with_prefix(prefix: KeyPrefix);
        /// Groups keys at this character.
        with_delimiter(delimiter: Option<char>);
        /// Lists only keys after this one.
        with_start_after(start_after: Option<ObjectKey>);
        /// Sets which page is returned, and how many items it has.
        with_page(page: PageRequest);
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }
}

/// What a presigned request may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PresignMethod {
    /// The holder may read the object.
    Get,
    /// The holder may write the object. The size cannot be limited.
    Put,
}

/// A request to sign a URL that lets its holder read or write one object for a limited time.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use anyvendor_core::{storage::Presign, values::ObjectKey};
///
/// let key = ObjectKey::new("receipts/1001.html")?;
/// let download = Presign::get(key, Duration::from_secs(600))
///     .with_content_disposition("attachment; filename=\"receipt.html\"");
/// assert!(download.content_disposition.is_some());
/// # Ok::<(), anyvendor_core::values::ValueError>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Presign {
    /// The key of the object.
    pub key: ObjectKey,
    /// What the holder may do.
    pub method: PresignMethod,
    /// The lifetime of the URL, in whole seconds; vendors allow up to 7 days.
    pub expires_in: Duration,
    /// For writing: the media type that the holder must send. For reading: the media type that is served instead of
    /// the stored one.
    pub content_type: Option<String>,
    /// For reading: the content disposition that is served, such as `attachment; filename="receipt.html"`.
    pub content_disposition: Option<String>,
}

crate::debug_only!(Presign {
    key,
    method,
    expires_in
});

impl Presign {
    /// Signs a URL for reading.
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

    /// Signs a URL for writing.
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
        /// Sets the content disposition that is served.
        with_content_disposition(content_disposition: Option<String>);
    }
}
