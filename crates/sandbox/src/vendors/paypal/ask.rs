//! Reading a request's JSON: one field at a time, each fault with its pointer.

use serde_json::Value;

use super::refusal::Refusal;

/// A text of at most `most` characters, or nothing.
pub(super) fn optional_text(
    value: &Value,
    at: &str,
    name: &str,
    most: usize,
) -> Result<Option<String>, Refusal> {
    let field = || format!("{at}/{name}");
    match value.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if (1..=most).contains(&text.chars().count()) => {
            Ok(Some(text.clone()))
        }
        Some(Value::String(_)) => Err(Refusal::issue("INVALID_STRING_LENGTH").at(field())),
        Some(_) => Err(Refusal::issue("INVALID_PARAMETER_SYNTAX").at(field())),
    }
}

/// A text of `least` to `most` characters.
pub(super) fn required_text(
    value: &Value,
    at: &str,
    name: &str,
    least: usize,
    most: usize,
) -> Result<String, Refusal> {
    let field = format!("{at}/{name}");
    match optional_text(value, at, name, most)? {
        None => Err(Refusal::issue("MISSING_REQUIRED_PARAMETER").at(field)),
        Some(text) if text.chars().count() < least => {
            Err(Refusal::issue("INVALID_STRING_LENGTH").at(field))
        }
        Some(text) => Ok(text),
    }
}

/// One of the words.
pub(super) fn word<'a>(
    value: &'a Value,
    at: &str,
    name: &str,
    words: &[&str],
) -> Result<Option<&'a str>, Refusal> {
    match value.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(found) => match found.as_str() {
            Some(text) if words.contains(&text) => Ok(Some(text)),
            other => Err(Refusal::issue("INVALID_PARAMETER_VALUE")
                .at(format!("{at}/{name}"))
                .value(other.unwrap_or_default())),
        },
    }
}

/// The first value of that name in a query.
pub(super) fn asked(query: &str, name: &str) -> Option<String> {
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(other, _)| other == name)
        .map(|(_, value)| value.into_owned())
}

/// The object of that name, if it is there.
pub(super) fn object<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    value.get(name).filter(|found| found.is_object())
}
