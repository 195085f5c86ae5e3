//! The name of a stored object, and the prefix of a listing.

use std::{fmt, str::FromStr};

use super::{
    ValueError,
    text::{control_problem, serde_as_text},
};

const MAX_BYTES: usize = 1024;

/// The name of an object in a bucket: 1 to 1024 bytes of UTF-8 in segments separated by `/`.
///
/// It rejects what some vendor or HTTP library would read as another key: a leading `/`, the segments `.` and `..`,
/// and control characters. Empty segments (`a//b`) and a trailing `/` are allowed. It is not a secret, and is printed
/// in full.
///
/// # Examples
/// ```
/// use anyvendor_core::values::{KeyPrefix, ObjectKey};
///
/// let folder = ObjectKey::new("receipts/2026")?;
/// let key = folder.join("1001.html")?;
/// assert_eq!(key.as_str(), "receipts/2026/1001.html");
/// assert!(KeyPrefix::from(folder).matches(&key));
/// assert!(ObjectKey::new("receipts/../secrets").is_err());
/// # Ok::<(), anyvendor_core::values::ValueError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectKey(String);

impl ObjectKey {
    /// Creates a key from its full text.
    ///
    /// # Errors
    /// An empty or too long key, a leading `/`, a segment `.` or `..`, or a control character.
    pub fn new(key: impl Into<String>) -> Result<Self, ValueError> {
        let key = key.into();
        const FIELD: &str = "object key";
        if key.is_empty() {
            return Err(ValueError::new(FIELD, "is empty", "use 1 to 1024 bytes"));
        }
        check(FIELD, &key)?;
        check_segments(FIELD, key.split('/'))?;
        Ok(Self(key))
    }

    /// Creates the key of `child` below this one: exactly one `/` is put between them, unless this key already ends in
    /// one.
    ///
    /// # Errors
    /// The errors of [`new`](Self::new), for the child and for the whole key.
    pub fn join(&self, child: &str) -> Result<Self, ValueError> {
        let child = Self::new(child)?;
        let separator = if self.0.ends_with('/') { "" } else { "/" };
        Self::new(format!("{}{separator}{}", self.0, child.0))
    }

    /// The key as it is sent, before any URL encoding.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The beginning of the keys that a listing returns; it may be empty and may end within a segment.
///
/// At most 1024 bytes, and checked like an [`ObjectKey`], except that the last segment, which may be incomplete, may
/// be `.` or `..`. The default is the empty prefix, which matches every key.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyPrefix(String);

impl KeyPrefix {
    /// Creates a prefix; the empty one matches every key.
    ///
    /// # Errors
    /// More than 1024 bytes, a leading `/`, a whole segment `.` or `..`, or a control character.
    pub fn new(prefix: impl Into<String>) -> Result<Self, ValueError> {
        let prefix = prefix.into();
        const FIELD: &str = "key prefix";
        check(FIELD, &prefix)?;
        if let Some((whole, _)) = prefix.rsplit_once('/') {
            check_segments(FIELD, whole.split('/'))?;
        }
        Ok(Self(prefix))
    }

    /// Whether the key begins with this prefix.
    #[must_use]
    pub fn matches(&self, key: &ObjectKey) -> bool {
        key.0.starts_with(&self.0)
    }

    /// Whether the prefix matches every key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The prefix as it is sent, before any URL encoding.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Every key is a prefix of itself.
impl From<ObjectKey> for KeyPrefix {
    fn from(key: ObjectKey) -> Self {
        Self(key.0)
    }
}

fn check(field: &'static str, key: &str) -> Result<(), ValueError> {
    if key.len() > MAX_BYTES {
        let problem = format!("has {} bytes", key.len());
        return Err(ValueError::new(field, problem, "use at most 1024"));
    }
    if key.starts_with('/') {
        return Err(ValueError::new(
            field,
            "starts with /",
            "leave the leading / out",
        ));
    }
    match control_problem(key) {
        Some(problem) => Err(ValueError::new(field, problem, "remove it")),
        None => Ok(()),
    }
}

fn check_segments<'a>(
    field: &'static str,
    mut segments: impl Iterator<Item = &'a str>,
) -> Result<(), ValueError> {
    if segments.any(|segment| segment == "." || segment == "..") {
        let problem = "has a segment . or .. that would be read as another key";
        return Err(ValueError::new(field, problem, "write the key without it"));
    }
    Ok(())
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Display for KeyPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for ObjectKey {
    type Err = ValueError;

    fn from_str(key: &str) -> Result<Self, ValueError> {
        Self::new(key)
    }
}

impl FromStr for KeyPrefix {
    type Err = ValueError;

    fn from_str(prefix: &str) -> Result<Self, ValueError> {
        Self::new(prefix)
    }
}

serde_as_text!(ObjectKey, "an object key", "^[^/].*$", this => this.as_str());
serde_as_text!(KeyPrefix, "a key prefix", "^([^/].*)?$", this => this.as_str());

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::values::text::adversarial;

    fn any_path() -> impl Strategy<Value = String> {
        prop_oneof!["[a./]{0,12}", adversarial::text()]
    }

    fn is_safe(key: &ObjectKey) -> bool {
        let text = key.as_str();
        (1..=1024).contains(&text.len())
            && !text.starts_with('/')
            && !text
                .split('/')
                .any(|segment| segment == "." || segment == "..")
            && !text.chars().any(char::is_control)
    }

    proptest! {
        #[test]
        fn no_key_climbs(text in any_path(), child in any_path()) {
            if let Ok(key) = ObjectKey::new(text.as_str()) {
                prop_assert!(is_safe(&key));
                prop_assert_eq!(key.as_str(), &text);
                if let Ok(joined) = key.join(&child) {
                    prop_assert!(is_safe(&joined));
                    prop_assert!(KeyPrefix::from(key).matches(&joined));
                }
            }
        }

        #[test]
        fn every_beginning_of_a_key_is_a_prefix(text in any_path(), cut in 0..60_usize) {
            if let Ok(key) = ObjectKey::new(text) {
                let prefix = KeyPrefix::new(String::from_iter(key.as_str().chars().take(cut)))?;
                prop_assert!(prefix.matches(&key));
            }
        }

        #[test]
        fn json_round_trips(text in any_path()) {
            if let Ok(key) = ObjectKey::new(text) {
                let json = serde_json::to_string(&key).unwrap();
                prop_assert_eq!(serde_json::from_str::<ObjectKey>(&json).unwrap(), key);
            }
        }
    }

    #[test]
    fn what_vendors_misread_is_refused() {
        for key in [
            "", "/a", "//", ".", "..", "a/../b", "a/..", "./a", "a/.", "a\0", "a\nb", "\u{85}",
        ] {
            assert!(ObjectKey::new(key).is_err(), "{key:?}");
        }
        let error = ObjectKey::new("/a").unwrap_err();
        assert_eq!(
            error.to_string(),
            "object key: starts with /; leave the leading / out"
        );
    }

    #[test]
    fn unusual_keys_are_allowed() {
        for key in [
            "a",
            "a//b",
            "a/",
            "...",
            "a/..b",
            ".hidden",
            "Ä/日本 語.pdf",
            "a\\b",
            "100%",
        ] {
            assert_eq!(ObjectKey::new(key).unwrap().as_str(), key);
        }
    }

    #[test]
    fn length_is_counted_in_bytes() {
        assert!(ObjectKey::new("é".repeat(512)).is_ok());
        assert_eq!(
            ObjectKey::new("é".repeat(513)).unwrap_err().problem(),
            "has 1026 bytes"
        );
    }

    #[test]
    fn join_puts_one_separator() {
        let join = |key, child| {
            ObjectKey::new(key)
                .unwrap()
                .join(child)
                .map(|key| key.to_string())
        };
        assert_eq!(join("a", "b/c").unwrap(), "a/b/c");
        assert_eq!(join("a/", "b").unwrap(), "a/b");
        assert!(join("a", "/b").is_err());
        assert!(join("a", "../b").is_err());
        assert!(join("a", "").is_err());
    }

    #[test]
    fn prefix_may_end_within_a_segment() {
        for prefix in ["", "a/", "a/.", "a/..", "a//"] {
            assert!(KeyPrefix::new(prefix).is_ok(), "{prefix}");
        }
        for prefix in ["/", "../", "a/./", "a/../b", "a\n"] {
            assert!(KeyPrefix::new(prefix).is_err(), "{prefix:?}");
        }
        assert!(KeyPrefix::default().is_empty());
    }
}
