//! Texts of mail, each in a charset of its own.

use std::collections::HashMap;

use encoding_rs::{Encoding, REPLACEMENT, UTF_8};
use serde_json::Value;

/// The charset of each field, as the form's field `charsets` tells it.
#[derive(Default)]
pub(super) struct Charsets(HashMap<String, Value>);

impl Charsets {
    pub(super) fn read(json: &[u8]) -> Self {
        Self(serde_json::from_slice(json).unwrap_or_default())
    }

    /// The field's text. UTF-8 where no charset is named, or one that nobody knows; what cannot be read is `U+FFFD`, and is
    /// still there in the payload.
    pub(super) fn decode(&self, field: &str, bytes: &[u8]) -> String {
        let label = self.0.get(field).and_then(Value::as_str);
        let encoding = label
            .and_then(|label| Encoding::for_label(label.as_bytes()))
            // Reads everything as one U+FFFD: browsers protect themselves so from charsets that hide scripts.
            .filter(|encoding| *encoding != REPLACEMENT)
            .unwrap_or(UTF_8);
        // The label decides, and not what a mail begins with.
        encoding.decode_with_bom_removal(bytes).0.into_owned()
    }
}
