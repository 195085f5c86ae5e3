//! A secret that cannot be printed.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroize;

use super::{ValueError, text::control_problem};

/// A secret: an API key, a token, a signing key.
///
/// `Debug` prints a fixed text, there is neither `Display` nor `Serialize` nor comparison, and the memory is cleared
/// when it is dropped. Configuration refers to secrets by a [`SecretSource`](super::SecretSource).
///
/// # Examples
/// ```
/// use anyvendor_core::values::Secret;
///
/// let key = Secret::parse("sk_test_1")?;
/// assert_eq!(format!("{key:?}"), "Secret(REDACTED)");
/// assert_eq!(key.expose(), "sk_test_1");
/// // A line break that was copied along would break a header.
/// assert!(Secret::parse("sk_test_1\n").is_err());
/// # Ok::<(), anyvendor_core::values::ValueError>(())
/// ```
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Accepts any text without checking it, such as a private key of several lines or a token just received.
    ///
    /// The memory of the given text is cleared.
    #[must_use]
    pub fn new(value: impl Into<String>) -> Self {
        let mut value = value.into();
        // Copied once, then cleared: shrinking the string in place could leave its old memory behind.
        let secret = SecretString::from(value.as_str());
        value.zeroize();
        Self(secret)
    }

    /// Accepts a secret of one line, such as an API key, and rejects what a careless copy leaves in it.
    ///
    /// # Errors
    /// An empty text, white space at either end, a line break or another control character. The message contains the
    /// length but never the text.
    pub fn parse(value: impl Into<String>) -> Result<Self, ValueError> {
        let mut value = value.into();
        let checked = check(&value);
        let secret = checked.map(|()| Self::new(value.as_str()));
        value.zeroize();
        secret
    }

    /// Returns the secret itself. The caller must not print it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

fn check(value: &str) -> Result<(), ValueError> {
    if value.is_empty() {
        return Err(ValueError::new("secret", "is empty", "set its value"));
    }
    if value.trim() != value {
        let problem = format!(
            "has white space at an end ({} characters in all)",
            value.chars().count()
        );
        return Err(ValueError::new("secret", problem, "remove it"));
    }
    match control_problem(value) {
        Some(problem) => Err(ValueError::new(
            "secret",
            problem,
            "put the secret on one line",
        )),
        None => Ok(()),
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(REDACTED)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn never_shown(text in "canary[!-~]{0,40}[ \r\n\0]{0,2}") {
            #[derive(Debug)]
            #[expect(dead_code, reason = "printed only")]
            struct Config { key: Option<Secret> }

            let shown = match Secret::parse(text.as_str()) {
                Ok(secret) => format!("{secret:?} {:#?}", Config { key: Some(secret.clone()) }),
                Err(error) => format!("{error} {error:?} {:?}", crate::Error::from(error.clone())),
            };
            prop_assert!(!shown.contains("canary"), "{}", shown);
            let unchecked = format!("{:?}", Secret::new(text));
            prop_assert_eq!(unchecked, "Secret(REDACTED)");
        }

        #[test]
        fn kept_as_it_is(text in "[!-~]{1,80}") {
            let parsed = Secret::parse(text.as_str())?;
            prop_assert_eq!(parsed.expose(), &text);
            let copy = Secret::new(text.as_str()).clone();
            prop_assert_eq!(copy.expose(), &text);
        }
    }

    #[test]
    fn careless_copies_are_caught() {
        for text in [
            "",
            " ",
            " key",
            "key\n",
            "key\r\n",
            "\tkey",
            "k\ney",
            "k\0ey",
            "key\u{a0}",
        ] {
            assert!(Secret::parse(text).is_err(), "{text:?}");
        }
        let error = Secret::parse("key ").unwrap_err();
        assert_eq!(
            error.to_string(),
            "secret: has white space at an end (4 characters in all); remove it"
        );
        assert_eq!(
            Secret::new("-----BEGIN\nkey\n").expose(),
            "-----BEGIN\nkey\n"
        );
    }
}
