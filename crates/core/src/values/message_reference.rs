//! Our own id of a message to one recipient.

use std::fmt;

use crate::error::Error;

/// Our own id of a message to one recipient: random, so that it says nothing about anybody.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageReference(String);

impl MessageReference {
    /// A new one.
    #[must_use]
    pub fn random() -> Self {
        Self(uuid::Uuid::new_v4().to_string())
    }

    /// One that the application made: 1 to 100 visible ASCII characters without a person's data.
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

    /// The text.
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
