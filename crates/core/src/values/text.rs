//! The parts that values written as one string share: serde that never repeats its input, and the search for forbidden
//! characters.

use std::{fmt, marker::PhantomData, str::FromStr};

use serde::{Deserializer, de};

use super::ValueError;

/// A value that is read from one string.
pub(super) trait Text: FromStr<Err = ValueError> {
    /// What serde's messages call it, such as `an email address`.
    const EXPECTED: &'static str;
}

/// Reads a value from a string. Unlike derived code it never repeats what it found, not even a number in place of a
/// string: it may be personal data, or a secret in the wrong place.
pub(super) fn deserialize<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Text,
{
    let visitor = QuietVisitor(PhantomData);
    if deserializer.is_human_readable() {
        // Asked for a string, serde_json and others complain about a number themselves, and repeat it.
        deserializer.deserialize_any(visitor)
    } else {
        deserializer.deserialize_str(visitor)
    }
}

struct QuietVisitor<T>(PhantomData<T>);

impl<T: Text> QuietVisitor<T> {
    fn refuse<E: de::Error>(found: &'static str) -> Result<T, E> {
        Err(E::custom(format_args!(
            "invalid type: {found}, expected {}",
            T::EXPECTED
        )))
    }
}

impl<T: Text> de::Visitor<'_> for QuietVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<T, E> {
        Self::refuse("a boolean")
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<T, E> {
        Self::refuse("an integer")
    }

    fn visit_i128<E: de::Error>(self, _: i128) -> Result<T, E> {
        Self::refuse("an integer")
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<T, E> {
        Self::refuse("an integer")
    }

    fn visit_u128<E: de::Error>(self, _: u128) -> Result<T, E> {
        Self::refuse("an integer")
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<T, E> {
        Self::refuse("a number")
    }

    fn visit_bytes<E: de::Error>(self, _: &[u8]) -> Result<T, E> {
        Self::refuse("bytes")
    }
}

/// Serialize, Deserialize and JsonSchema of a value that is written as one string and read back by its `FromStr`.
///
/// The pattern is a hint for editors; the constructor decides.
macro_rules! serde_as_text {
    ($type:ident, $expected:literal, $pattern:literal, $this:ident => $text:expr) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let $this = self;
                serializer.serialize_str($text.as_ref())
            }
        }

        impl $crate::values::text::Text for $type {
            const EXPECTED: &'static str = $expected;
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::values::text::deserialize(deserializer)
            }
        }

        $crate::values::text::schema_as_text!($type, $pattern);
    };
}

/// JsonSchema of a value that is written as one string.
macro_rules! schema_as_text {
    ($type:ident, $pattern:literal) => {
        impl schemars::JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "pattern": $pattern })
            }
        }
    };
}

pub(super) use {schema_as_text, serde_as_text};

/// The position of the first character that `bad` matches, counted in characters from 1.
pub(super) fn position(text: &str, bad: impl Fn(char) -> bool) -> Option<usize> {
    text.chars().position(bad).map(|index| index + 1)
}

/// Describes the first control character or line break, if there is one.
pub(super) fn control_problem(text: &str) -> Option<String> {
    let (index, found) = text.chars().enumerate().find(|&(_, c)| is_control(c))?;
    let name = match found {
        '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}' => "line break",
        '\0' => "NUL character",
        _ => "control character",
    };
    Some(format!("contains a {name} at position {}", index + 1))
}

/// Control characters, and the two separators that some readers treat as line breaks.
fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
pub(super) mod adversarial {
    //! Text that tries to break parsers, for the property tests of all values.

    use proptest::{collection::vec, prelude::*, sample::select};

    const SPECIAL: &str = "\r\n\0\t \"'<>@.,;:\\/+-=?_()[]%aZ09é日😀\u{85}\u{a0}\u{202e}\u{2028}";

    /// Up to 60 characters, half of them chosen because they break parsers.
    pub(in crate::values) fn text() -> impl Strategy<Value = String> {
        let special: Vec<char> = SPECIAL.chars().collect();
        vec(prop_oneof![select(special), any::<char>()], 0..60).prop_map(String::from_iter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn control_characters_are_named_with_their_position() {
        assert_eq!(
            control_problem("é\r").unwrap(),
            "contains a line break at position 2"
        );
        assert_eq!(
            control_problem("a\0").unwrap(),
            "contains a NUL character at position 2"
        );
        assert_eq!(
            control_problem("\u{7f}").unwrap(),
            "contains a control character at position 1"
        );
        assert_eq!(control_problem("plain \u{a0} text"), None);
    }
}
