//! Reads fields of a request's JSON.

use base64::Engine as _;
use serde_json::Value;

/// The items of a list field, or no items if it is not a list.
pub(super) fn items<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    let list = value.get(name).and_then(Value::as_array);
    list.map(Vec::as_slice).unwrap_or_default()
}

/// The number of bytes that the base64 text decodes to, or `None` if it is not base64.
pub(super) fn decoded_size(content: &str) -> Option<usize> {
    let decoded = base64::engine::general_purpose::STANDARD.decode(content);
    decoded.ok().map(|bytes| bytes.len())
}
