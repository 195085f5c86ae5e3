//! Twilio's bodies under Twilio's names.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A message. Nearly every field can be null, and new fields appear; only the id is required.
#[derive(Deserialize)]
pub(crate) struct Message {
    pub(crate) sid: String,
    #[serde(default, deserialize_with = "text")]
    pub(crate) status: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) to: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) body: Option<String>,
    /// The number of segments as text; `0` before it is known.
    #[serde(default, deserialize_with = "text")]
    pub(crate) num_segments: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) error_code: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) date_created: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) date_sent: Option<String>,
}

/// One page of messages.
#[derive(Deserialize)]
pub(crate) struct Messages {
    pub(crate) messages: Vec<Value>,
    /// The path and query of the next page, without a host.
    #[serde(default)]
    pub(crate) next_page_uri: Option<String>,
}

/// The state of a verification, after a code was sent or checked.
#[derive(Deserialize)]
pub(crate) struct Verification {
    pub(crate) sid: String,
    #[serde(default, deserialize_with = "text")]
    pub(crate) status: Option<String>,
}

/// The body of an error.
#[derive(Default, Deserialize)]
pub(crate) struct ErrorBody {
    /// The error code, which not all errors have.
    #[serde(default, deserialize_with = "text")]
    pub(crate) code: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) message: Option<String>,
}

impl ErrorBody {
    /// Reads a body; a body that is not Twilio's is read as empty.
    pub(crate) fn read(body: &[u8]) -> Self {
        serde_json::from_slice(body).unwrap_or_default()
    }

    /// Whether the body was Twilio's: a gateway's page has neither code nor message.
    pub(crate) fn is_vendors_own(&self) -> bool {
        self.code.is_some() || self.message.is_some()
    }

    /// The code, or 0 if there is none.
    pub(crate) fn number(&self) -> u32 {
        self.code
            .as_deref()
            .and_then(|code| code.parse().ok())
            .unwrap_or(0)
    }
}

/// A text, or a number as text. Anything else is ignored: a malformed detail must not hide a message that was sent.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_bodies_of_any_shape_are_read() {
        for (body, number, message) in [
            (
                &br#"{"code":21211,"message":"no","status":400}"#[..],
                21211,
                Some("no"),
            ),
            (br#"{"code":"21211","details":{"a":[1]}}"#, 21211, None),
            (br#"{"code":null,"message":["no"]}"#, 0, None),
            (br#"{"code":-1}"#, 0, None),
            (br#"{"code":99999999999999999999}"#, 0, None),
            (br#"{"code":21211.5}"#, 0, None),
            (br#"{"code":21211"#, 0, None),
            (br#"[[21211]]"#, 0, None),
            (b"\xff\xfe{", 0, None),
            (b"<html>21211</html>", 0, None),
            (b"", 0, None),
        ] {
            let refusal = ErrorBody::read(body);
            let shown = String::from_utf8_lossy(body);
            assert_eq!(
                (refusal.number(), refusal.message.as_deref()),
                (number, message),
                "{shown}"
            );
        }
        let deep = "[".repeat(100_000);
        assert_eq!(ErrorBody::read(deep.as_bytes()).number(), 0);
    }
}
