//! Why a value was refused, in words that never repeat the value.

use std::{borrow::Cow, fmt};

use crate::{Error, Kind};

/// Why a value was refused: which one, what is wrong with its shape, and what would be right.
///
/// Prints as `email address: contains a line break at position 5; remove it`. Never repeats a secret or personal data:
/// only shapes such as "41 characters". Positions count characters and start at 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueError {
    field: &'static str,
    problem: Cow<'static, str>,
    remedy: Cow<'static, str>,
}

impl ValueError {
    /// A refusal of `field`. Neither `problem` nor `remedy` may repeat a secret or personal data; both are lower case
    /// without a full stop.
    #[must_use]
    pub fn new(
        field: &'static str,
        problem: impl Into<Cow<'static, str>>,
        remedy: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            field,
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }

    /// What was refused: the name of the type, such as `email address`, or of the field set with
    /// [`with_field`](Self::with_field).
    #[must_use]
    pub fn field(&self) -> &'static str {
        self.field
    }

    /// What is wrong with it.
    #[must_use]
    pub fn problem(&self) -> &str {
        &self.problem
    }

    /// What would be right.
    #[must_use]
    pub fn remedy(&self) -> &str {
        &self.remedy
    }

    /// Names the field of the request or configuration instead of the type, such as `reply_to`.
    #[must_use]
    pub fn with_field(mut self, field: &'static str) -> Self {
        self.field = field;
        self
    }
}

impl fmt::Display for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.field, self.problem, self.remedy)
    }
}

impl std::error::Error for ValueError {}

impl From<ValueError> for Error {
    fn from(error: ValueError) -> Self {
        Self::new(Kind::InvalidRequest, error.to_string())
            .with_field(error.field)
            .with_source(error)
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;
    use crate::Delivery;

    #[test]
    fn becomes_an_invalid_request_that_names_the_field() {
        let refused = ValueError::new("email address", "has no @", "write it like ann@example.com");
        assert_eq!(
            refused.to_string(),
            "email address: has no @; write it like ann@example.com"
        );

        let error = Error::from(refused.with_field("reply_to"));
        assert_eq!(error.kind(), &Kind::InvalidRequest);
        assert_eq!(error.delivery(), Delivery::NotSent);
        assert_eq!(error.field(), Some("reply_to"));
        assert_eq!(
            error.message(),
            "reply_to: has no @; write it like ann@example.com"
        );
        assert!(error.source().unwrap().is::<ValueError>());
    }
}
