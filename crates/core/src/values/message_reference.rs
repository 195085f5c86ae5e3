//! The application's id of a message to one recipient.

use std::fmt;

use crate::error::Error;

/// The application's id of a message to one recipient. A random one says nothing about anybody.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageReference(String);

impl MessageReference {
    /// Creates a random reference.
    #[must_use]
    pub fn random() -> Self {
        Self(uuid::Uuid::new_v4().to_string())
    }

    /// Creates a reference from the application's text: 1 to 100 visible ASCII characters without personal data.
    ///
    /// # Errors
    /// `InvalidRequest` for anything else.
    pub fn new(text: impl Into<String>) -> Result<Self, Error> {
        let text = text.into();
        if text.is_empty() || text.len() > 100 || !text.bytes().all(|byte| byte.is_ascii_graphic())
        {
            return Err(Error::invalid(
                "reference",
                "must be 1 to 100 visible ASCII characters",
            ));
        }
        Ok(Self(text))
    }

    /// The text of the reference.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MessageReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
