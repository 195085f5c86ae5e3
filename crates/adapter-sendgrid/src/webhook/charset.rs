//! The texts of an email, each in its own charset.

use std::collections::HashMap;

use encoding_rs::{Encoding, REPLACEMENT, UTF_8};
use serde_json::Value;

/// The charset of each field, from the form's field `charsets`.
#[derive(Default)]
pub(super) struct Charsets(HashMap<String, Value>);

impl Charsets {
    pub(super) fn read(json: &[u8]) -> Self {
        Self(serde_json::from_slice(json).unwrap_or_default())
    }

    /// The text of a field. It is read as UTF-8 if no charset or an unknown one is named; what cannot be read is `U+FFFD`, and
    /// is still in the payload.
    pub(super) fn decode(&self, field: &str, bytes: &[u8]) -> String {
        let label = self.0.get(field).and_then(Value::as_str);
        let encoding = label
            .and_then(|label| Encoding::for_label(label.as_bytes()))
            // This encoding reads everything as one U+FFFD: browsers use it against charsets that hide scripts.
            .filter(|encoding| *encoding != REPLACEMENT)
            .unwrap_or(UTF_8);
        // The label decides, and not the byte order mark of the text.
        encoding.decode_with_bom_removal(bytes).0.into_owned()
    }
}
