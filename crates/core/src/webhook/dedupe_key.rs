//! The key that identifies the copies of one event.

use std::fmt;

use sha2::{Digest, Sha256};

/// A key that identifies the copies of one event: 1 to 128 visible ASCII characters.
///
/// # Examples
/// ```
/// use anyvendor_core::webhook::DedupeKey;
///
/// assert_eq!(DedupeKey::new("evt_1").as_str(), "evt_1");
/// // Without an id of the vendor, the parts that identify the event are hashed.
/// let key = DedupeKey::digest([b"delivered".as_slice(), b"msg-1"]);
/// assert_eq!(key.as_str().len(), 32);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DedupeKey(String);

impl DedupeKey {
    /// Uses the vendor's own id of the event; an id that is too long or malformed is hashed.
    #[must_use]
    pub fn new(id: &str) -> Self {
        if (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic()) {
            Self(id.to_owned())
        } else {
            Self::digest([id.as_bytes()])
        }
    }

    /// Creates a key from the parts that identify the event, for vendors without such an id.
    #[must_use]
    pub fn digest<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let mut text = Vec::with_capacity(512);
        for part in parts {
            // The length is included, so that ("ab", "c") and ("a", "bc") differ.
            text.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
            text.extend_from_slice(part);
        }
        let digest: [u8; 32] = Sha256::digest(&text).into();
        let digit = |nibble: u8| char::from(HEX.get(usize::from(nibble)).copied().unwrap_or(b'0'));
        Self(
            digest
                .iter()
                .take(16)
                .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
                .collect(),
        )
    }

    /// The text of the key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DedupeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_differ_where_events_do() {
        let two = |one: &str, other: &str| DedupeKey::digest([one.as_bytes(), other.as_bytes()]);
        assert_eq!(two("a", "b"), two("a", "b"));
        assert_ne!(two("ab", "c"), two("a", "bc"));
        assert_ne!(two("a", ""), DedupeKey::digest([b"a".as_slice()]));
        assert_eq!(two("a", "b").as_str().len(), 32);
        assert_eq!(DedupeKey::new("evt_1").as_str(), "evt_1");
        for malformed in ["", "a b", "a\n", &"a".repeat(129)] {
            assert_eq!(
                DedupeKey::new(malformed).as_str().len(),
                32,
                "{malformed:?}"
            );
        }
    }
}
