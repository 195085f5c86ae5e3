//! A phone number in E.164 form.

use std::{fmt, str::FromStr};

use super::{
    ValueError,
    text::{position, serde_as_text},
};

const FIELD: &str = "phone number";

/// A phone number in E.164 form: `+`, then 7 to 15 digits of which the first is not 0.
///
/// It does not say whether the number is assigned. It is personal data: `Debug` hides it and there is no `Display`;
/// serde writes it in full.
///
/// # Examples
/// ```
/// use anyvendor_core::values::PhoneNumber;
///
/// let number = PhoneNumber::parse("+1 (555) 010-9999")?;
/// assert_eq!(number.as_str(), "+15550109999");
/// // A country is never guessed.
/// assert!(PhoneNumber::parse("0555 010 9999").is_err());
/// assert_eq!(format!("{number:?}"), "PhoneNumber(REDACTED)");
/// # Ok::<(), anyvendor_core::values::ValueError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Accepts a number that is already in E.164 form, such as `+4930123456`.
    ///
    /// # Errors
    /// Any other form; see [`parse`](Self::parse) for numbers as people write them.
    pub fn new(number: impl Into<String>) -> Result<Self, ValueError> {
        let number = number.into();
        let Some(digits) = number.strip_prefix('+') else {
            let remedy = "start with + and the country code, such as +4930123456";
            return Err(ValueError::new(FIELD, "does not start with +", remedy));
        };
        if let Some(at) = position(digits, |c| !c.is_ascii_digit()) {
            let problem = format!(
                "contains a character that is not a digit at position {}",
                at + 1
            );
            return Err(ValueError::new(FIELD, problem, "use + and digits only"));
        }
        if !(7..=15).contains(&digits.len()) {
            let problem = format!("has {} digits", digits.len());
            return Err(ValueError::new(
                FIELD,
                problem,
                "use 7 to 15 digits after the +",
            ));
        }
        if digits.starts_with('0') {
            return Err(ValueError::new(
                FIELD,
                "has a 0 after the +",
                "put the country code there",
            ));
        }
        Ok(Self(number))
    }

    /// Parses a number as people write it: spaces, dashes, dots and parentheses are removed, as in `+1 (555)
    /// 010-9999`.
    ///
    /// It still must start with `+`: a country is never guessed.
    ///
    /// # Errors
    /// The rest is not E.164, or the number has a trunk prefix in parentheses, `(0)`, which may or may not be dialled.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        if text.contains("(0)") {
            return Err(ValueError::new(
                FIELD,
                "contains (0)",
                "leave the trunk prefix out",
            ));
        }
        let is_filler = |c: char| {
            matches!(
                c,
                ' ' | '-' | '.' | '(' | ')' | '\u{a0}' | '\u{2010}'..='\u{2013}'
            )
        };
        if let Some(at) = position(text, |c| c != '+' && !c.is_ascii_digit() && !is_filler(c)) {
            let problem = format!("contains a character that no number has at position {at}");
            return Err(ValueError::new(
                FIELD,
                problem,
                "write it like +49 30 123456",
            ));
        }
        Self::new(text.trim_matches(' ').replace(is_filler, ""))
    }

    /// The number in E.164 form, with the `+`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PhoneNumber(REDACTED)")
    }
}

/// Accepts the strict form of [`PhoneNumber::new`].
impl FromStr for PhoneNumber {
    type Err = ValueError;

    fn from_str(number: &str) -> Result<Self, ValueError> {
        Self::new(number)
    }
}

serde_as_text!(PhoneNumber, "a phone number", r"^\+[1-9][0-9]{6,14}$", this => this.as_str());

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{from_value, json};

    use super::*;
    use crate::values::text::adversarial;

    proptest! {
        #[test]
        fn accepted_is_e164_whatever_comes(text in adversarial::text()) {
            for number in [PhoneNumber::new(text.as_str()), PhoneNumber::parse(&text)].into_iter().flatten() {
                let digits = number.as_str().strip_prefix('+').unwrap();
                prop_assert!((7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()));
            }
        }

        #[test]
        fn valid_round_trips_and_is_never_shown(number in "\\+[1-9][0-9]{6,14}") {
            let phone = PhoneNumber::new(number.as_str())?;
            let json = serde_json::to_string(&phone).unwrap();
            prop_assert_eq!(serde_json::from_str::<PhoneNumber>(&json).unwrap(), phone.clone());
            prop_assert_eq!(format!("{phone:?}"), "PhoneNumber(REDACTED)");
        }

        #[test]
        fn refusals_never_repeat_the_number(number in "[0-9]{6,20}") {
            for error in [PhoneNumber::new(number.as_str()).unwrap_err(), PhoneNumber::parse(&number).unwrap_err()] {
                let shown = format!("{error} {error:?}");
                prop_assert!(!shown.contains(&number), "{}", shown);
            }
        }
    }

    #[test]
    fn another_type_is_refused_without_repeating_it() {
        for canary in [
            json!(4_930_123_456_u64),
            json!(-4_930_123_456_i64),
            json!(4930123456.5),
        ] {
            let error = from_value::<PhoneNumber>(canary).unwrap_err().to_string();
            assert!(!error.contains("49301"), "{error}");
            assert!(error.contains("expected a phone number"), "{error}");
        }
    }

    #[test]
    fn written_forms_are_tidied() {
        for text in [
            "+1 (555) 010-9999",
            "+1.555.010.9999",
            " +15550109999 ",
            "+1\u{a0}555\u{2011}0109999",
        ] {
            assert_eq!(
                PhoneNumber::parse(text).unwrap().as_str(),
                "+15550109999",
                "{text}"
            );
        }
    }

    #[test]
    fn other_forms_are_refused() {
        for text in [
            "",
            "+",
            "15550109999",
            "0049301234567",
            "+0123456789",
            "+123456",
            "+1234567890123456",
            "+1555x109999",
        ] {
            assert!(PhoneNumber::parse(text).is_err(), "{text}");
        }
        assert!(PhoneNumber::new("+1 555 010 9999").is_err());
        assert_eq!(
            PhoneNumber::parse("+49 (0)30 123456")
                .unwrap_err()
                .problem(),
            "contains (0)"
        );
        assert!(PhoneNumber::parse("+1555010\n9999").is_err());
    }
}
