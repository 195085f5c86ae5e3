//! The application's own metadata of an object at a vendor.

use std::{borrow::Cow, collections::BTreeMap, fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{
    ValueError,
    text::{self, Text, control_problem},
};

const FIELD: &str = "metadata";
const MAX_KEY_CHARS: usize = 128;

/// The application's own metadata of an object at a vendor: an ordered map from text to text.
///
/// Keys have 1 to 128 characters and no control characters; values are free. Vendors allow less, and their adapters
/// reject what cannot be stored. Values may be personal data: `Debug` shows only the keys.
///
/// # Examples
/// ```
/// use anyvendor_core::values::Metadata;
///
/// let metadata = Metadata::new().with("order", "1001")?.with("channel", "web")?;
/// assert_eq!(metadata.get("order"), Some("1001"));
/// # Ok::<(), anyvendor_core::values::ValueError>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Metadata(BTreeMap<String, String>);

impl Metadata {
    /// Creates empty metadata.
    #[must_use]
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// Collects pairs; of two equal keys the later one is kept.
    ///
    /// # Errors
    /// The first key that [`insert`](Self::insert) rejects.
    pub fn try_from_iter<K, V>(pairs: impl IntoIterator<Item = (K, V)>) -> Result<Self, ValueError>
    where
        K: Into<String>,
        V: Into<String>,
    {
        pairs
            .into_iter()
            .try_fold(Self::new(), |metadata, (key, value)| {
                metadata.with(key, value)
            })
    }

    /// Sets a value and returns the previous one.
    ///
    /// # Errors
    /// An empty key, one of more than 128 characters, or one with control characters.
    pub fn insert(
        &mut self,
        key: impl Into<String>,
        value: impl Into<String>,
    ) -> Result<Option<String>, ValueError> {
        let key = key.into();
        check_key(&key)?;
        Ok(self.0.insert(key, value.into()))
    }

    /// Adds a value and returns the metadata.
    ///
    /// # Errors
    /// The errors of [`insert`](Self::insert).
    pub fn with(
        mut self,
        key: impl Into<String>,
        value: impl Into<String>,
    ) -> Result<Self, ValueError> {
        self.insert(key, value)?;
        Ok(self)
    }

    /// Returns the value of this key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// Removes a value and returns it.
    pub fn remove(&mut self, key: &str) -> Option<String> {
        self.0.remove(key)
    }

    /// Iterates over all pairs, sorted by key.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// How many pairs there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no pairs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn check_key(key: &str) -> Result<(), ValueError> {
    if key.is_empty() {
        return Err(ValueError::new(
            FIELD,
            "has an empty key",
            "name every value",
        ));
    }
    let count = key.chars().count();
    if count > MAX_KEY_CHARS {
        let problem = format!("has a key of {count} characters");
        return Err(ValueError::new(FIELD, problem, "use at most 128"));
    }
    match control_problem(key) {
        Some(problem) => Err(ValueError::new(
            FIELD,
            format!("has a key that {problem}"),
            "remove it",
        )),
        None => Ok(()),
    }
}

impl fmt::Debug for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map()
            .entries(self.0.keys().map(|key| (key, format_args!("REDACTED"))))
            .finish()
    }
}

impl Serialize for Metadata {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(&self.0)
    }
}

impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let pairs = BTreeMap::<String, Value>::deserialize(deserializer)?;
        Self::try_from_iter(pairs.into_iter().map(|(key, value)| (key, value.0)))
            .map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Metadata {
    fn schema_name() -> Cow<'static, str> {
        "Metadata".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object", "additionalProperties": { "type": "string" } })
    }
}

/// A value to be deserialized: any text; anything else is rejected without repeating it.
struct Value(String);

impl FromStr for Value {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        Ok(Self(text.to_owned()))
    }
}

impl Text for Value {
    const EXPECTED: &'static str = "text";
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text::deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::values::text::adversarial;

    proptest! {
        #[test]
        fn accepted_round_trips(pairs in proptest::collection::vec((adversarial::text(), adversarial::text()), 0..5)) {
            if let Ok(metadata) = Metadata::try_from_iter(pairs) {
                let json = serde_json::to_string(&metadata).unwrap();
                prop_assert_eq!(serde_json::from_str::<Metadata>(&json).unwrap(), metadata);
            }
        }

        #[test]
        fn values_are_never_shown(value in "canary[ -~]{0,20}") {
            let metadata = Metadata::new().with("order", value)?;
            prop_assert_eq!(format!("{metadata:?}"), r#"{"order": REDACTED}"#);
        }
    }

    #[test]
    fn bad_keys_are_refused() {
        for key in ["", "a\nb", "a\0"] {
            assert!(Metadata::new().with(key, "v").is_err(), "{key:?}");
        }
        assert!(Metadata::new().with("é".repeat(128), "v").is_ok());
        assert_eq!(
            Metadata::new()
                .with("k".repeat(129), "v")
                .unwrap_err()
                .problem(),
            "has a key of 129 characters"
        );
    }

    #[test]
    fn later_value_replaces_the_earlier() {
        let mut metadata = Metadata::try_from_iter([("b", "1"), ("a", "2")]).unwrap();
        assert_eq!(metadata.insert("b", "3").unwrap().as_deref(), Some("1"));
        assert_eq!(
            metadata.iter().collect::<Vec<_>>(),
            [("a", "2"), ("b", "3")]
        );
        assert_eq!(metadata.get("b"), Some("3"));
        assert_eq!(metadata.remove("b").as_deref(), Some("3"));
        assert_eq!(metadata.len(), 1);
        assert!(!metadata.is_empty());
    }

    #[test]
    fn other_json_is_refused_without_repeating_it() {
        let error = serde_json::from_str::<Metadata>(r#"{"phone": 49301234567}"#)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("expected text") && !error.contains("4930"),
            "{error}"
        );
        assert!(serde_json::from_str::<Metadata>(r#"{"": "x"}"#).is_err());
    }
}
