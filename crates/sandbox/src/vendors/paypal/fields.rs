//! Reads the fields of a request's JSON one at a time; each error names its field by a JSON pointer.

use jiff::Timestamp;
use serde_json::Value;

use super::error::ApiError;

/// A text of at most `most` characters, or `None` if the field is absent or null.
pub(super) fn optional_text(
    value: &Value,
    at: &str,
    name: &str,
    most: usize,
) -> Result<Option<String>, ApiError> {
    let field = || format!("{at}/{name}");
    match value.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if (1..=most).contains(&text.chars().count()) => {
            Ok(Some(text.clone()))
        }
        Some(Value::String(_)) => Err(ApiError::issue("INVALID_STRING_LENGTH").at(field())),
        Some(_) => Err(ApiError::issue("INVALID_PARAMETER_SYNTAX").at(field())),
    }
}

/// A text of `least` to `most` characters; the field must be present.
pub(super) fn required_text(
    value: &Value,
    at: &str,
    name: &str,
    least: usize,
    most: usize,
) -> Result<String, ApiError> {
    let field = format!("{at}/{name}");
    match optional_text(value, at, name, most)? {
        None => Err(ApiError::issue("MISSING_REQUIRED_PARAMETER").at(field)),
        Some(text) if text.chars().count() < least => {
            Err(ApiError::issue("INVALID_STRING_LENGTH").at(field))
        }
        Some(text) => Ok(text),
    }
}

/// One of the allowed values, or `None` if the field is absent or null.
pub(super) fn one_of<'a>(
    value: &'a Value,
    at: &str,
    name: &str,
    allowed: &[&str],
) -> Result<Option<&'a str>, ApiError> {
    match value.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(found) => match found.as_str() {
            Some(text) if allowed.contains(&text) => Ok(Some(text)),
            other => Err(ApiError::issue("INVALID_PARAMETER_VALUE")
                .at(format!("{at}/{name}"))
                .value(other.unwrap_or_default())),
        },
    }
}

/// The first value of that name in a query.
pub(super) fn query_value(query: &str, name: &str) -> Option<String> {
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(other, _)| other == name)
        .map(|(_, value)| value.into_owned())
}

/// A number from 1 to `most` in a query.
pub(super) fn query_number(
    query: &str,
    name: &str,
    default: usize,
    most: usize,
) -> Result<usize, ApiError> {
    let Some(text) = query_value(query, name) else {
        return Ok(default);
    };
    let number = text.parse().ok();
    number
        .filter(|number| (1..=most).contains(number))
        .ok_or_else(|| {
            let error = ApiError::issue("INVALID_PARAMETER_VALUE");
            error.at(name).in_query().value(text)
        })
}

/// A time in a query.
pub(super) fn query_time(query: &str, name: &str) -> Result<Option<Timestamp>, ApiError> {
    let Some(text) = query_value(query, name) else {
        return Ok(None);
    };
    let parsed = text.parse().map(Some);
    parsed.map_err(|_| {
        let error = ApiError::issue("INVALID_PARAMETER_SYNTAX");
        error.at(name).in_query().value(text)
    })
}

/// The field of that name, if it is an object.
pub(super) fn object<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    value.get(name).filter(|found| found.is_object())
}
