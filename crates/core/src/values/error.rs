//! Why a value was rejected, in a message that never repeats the value.

use std::{borrow::Cow, fmt};

/// Why a value was rejected: which one, what is wrong with its form, and what would be valid.
///
/// Prints as `email address: contains a line break at position 5; remove it`. Never repeats a secret or personal data:
/// only the form, such as "41 characters". Positions count characters and start at 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueError {
    field: &'static str,
    problem: Cow<'static, str>,
    remedy: Cow<'static, str>,
}

impl ValueError {
    /// Creates an error about `field`. Neither `problem` nor `remedy` may repeat a secret or personal data; both are
    /// lower case without a full stop.
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

    /// What was rejected: the name of the type, such as `email address`, or of the field set with
    /// [`with_field`](Self::with_field).
    #[must_use]
    pub fn field(&self) -> &'static str {
        self.field
    }

    /// What is wrong with the value.
    #[must_use]
    pub fn problem(&self) -> &str {
        &self.problem
    }

    /// What would be valid.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_the_field_the_problem_and_the_remedy() {
        let refused = ValueError::new("email address", "has no @", "write it like ann@example.com");
        assert_eq!(
            refused.to_string(),
            "email address: has no @; write it like ann@example.com"
        );
    }
}
