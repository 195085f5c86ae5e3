//! Reads a request's parameters one by one; a parameter that was not read is rejected as unknown, as Stripe does.

use std::collections::BTreeMap;

use serde_json::Value;

use super::error::ApiError;
use super::form::{Node, in_order};

/// The metadata of an object: <https://docs.stripe.com/api/metadata>.
pub(super) type Metadata = BTreeMap<String, String>;

/// The parameters of one request, or of one of its objects.
#[derive(Debug)]
pub(super) struct Params {
    /// The name of the object that contains these parameters; error messages show it as `card[..]`.
    within: String,
    left: BTreeMap<String, Node>,
}

/// A text that may be sent empty to clear the field.
pub(super) type Change = Option<Option<String>>;

impl Params {
    pub(super) fn new(left: BTreeMap<String, Node>) -> Self {
        Self {
            within: String::new(),
            left,
        }
    }

    /// The full name of a parameter, as errors show it.
    pub(super) fn named(&self, name: &str) -> String {
        if self.within.is_empty() {
            name.to_owned()
        } else {
            format!("{}[{name}]", self.within)
        }
    }

    /// Rejects a parameter that was not read.
    pub(super) fn finish(self) -> Result<(), ApiError> {
        match self.left.keys().next() {
            None => Ok(()),
            Some(name) => {
                let name = self.named(name);
                Err(
                    ApiError::invalid(format!("Received unknown parameter: {name}"))
                        .code("parameter_unknown")
                        .param(name),
                )
            }
        }
    }

    /// Accepts parameters that have no effect here.
    pub(super) fn ignore(&mut self, names: &[&str]) {
        for name in names {
            self.left.remove(*name);
        }
    }

    /// Whether the parameter was sent.
    pub(super) fn has(&self, name: &str) -> bool {
        self.left.contains_key(name)
    }

    /// A text; an empty one is rejected.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, ApiError> {
        match self.change(name)? {
            None => Ok(None),
            Some(Some(text)) => Ok(Some(text)),
            Some(None) => Err(self.empty(name)),
        }
    }

    /// A text that may be cleared by sending it empty.
    pub(super) fn change(&mut self, name: &str) -> Result<Change, ApiError> {
        match self.left.remove(name) {
            None => Ok(None),
            Some(Node::Text(text)) if text.is_empty() => Ok(Some(None)),
            Some(Node::Text(text)) => Ok(Some(Some(text))),
            Some(Node::Parts(_)) => {
                let name = self.named(name);
                Err(ApiError::invalid(format!("Invalid string: {name}")).param(name))
            }
        }
    }

    /// A text of at most `most` characters that may be cleared.
    pub(super) fn short(&mut self, name: &str, most: usize) -> Result<Change, ApiError> {
        let change = self.change(name)?;
        if let Some(Some(text)) = &change
            && text.chars().count() > most
        {
            let (name, length) = (self.named(name), text.chars().count());
            return Err(ApiError::invalid(format!(
                "Invalid {name}: must be at most {most} characters, and yours is {length}"
            ))
            .code("parameter_invalid_string_maximum_length")
            .param(name));
        }
        Ok(change)
    }

    /// A text that is required.
    pub(super) fn required(&mut self, name: &str) -> Result<String, ApiError> {
        match self.text(name)? {
            Some(text) => Ok(text),
            None => Err(self.missing(name)),
        }
    }

    /// The error for a required parameter that was not sent.
    pub(super) fn missing(&self, name: &str) -> ApiError {
        let name = self.named(name);
        ApiError::invalid(format!("Missing required param: {name}."))
            .code("parameter_missing")
            .param(name)
    }

    fn empty(&self, name: &str) -> ApiError {
        let name = self.named(name);
        ApiError::invalid(format!(
            "You passed an empty string for '{name}'. We assume empty values are an attempt to unset a parameter; \
             however '{name}' cannot be unset. You should remove '{name}' from your request or supply a non-empty value."
        ))
        .code("parameter_invalid_empty")
        .param(name)
    }

    /// An integer of any size.
    pub(super) fn integer(&mut self, name: &str) -> Result<Option<i64>, ApiError> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        match text.parse::<i64>() {
            Ok(number) => Ok(Some(number)),
            Err(_) => {
                let name = self.named(name);
                Err(ApiError::invalid(format!("Invalid integer: {text}"))
                    .code("parameter_invalid_integer")
                    .param(name))
            }
        }
    }

    /// An integer of at least 1.
    pub(super) fn positive(&mut self, name: &str) -> Result<Option<i64>, ApiError> {
        match self.integer(name)? {
            Some(number) if number < 1 => {
                let name = self.named(name);
                let message = "This value must be greater than or equal to 1.";
                Err(ApiError::invalid(message)
                    .code("parameter_invalid_integer")
                    .param(name))
            }
            number => Ok(number),
        }
    }

    /// Either `true` or `false`.
    pub(super) fn boolean(&mut self, name: &str) -> Result<Option<bool>, ApiError> {
        match self.text(name)?.as_deref() {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(other) => {
                let message = format!("Invalid boolean: {other}");
                Err(ApiError::invalid(message).param(self.named(name)))
            }
        }
    }

    /// One of the allowed values.
    pub(super) fn one_of(
        &mut self,
        name: &str,
        allowed: &[&'static str],
    ) -> Result<Option<&'static str>, ApiError> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        if let Some(value) = allowed.iter().find(|value| **value == text) {
            return Ok(Some(*value));
        }
        let (name, list) = (self.named(name), listed(allowed));
        Err(ApiError::invalid(format!("Invalid {name}: must be {list}")).param(name))
    }

    /// The parameters of an object, to be read and finished separately.
    pub(super) fn object(&mut self, name: &str) -> Result<Option<Self>, ApiError> {
        match self.left.remove(name) {
            None => Ok(None),
            Some(Node::Text(text)) if text.is_empty() => Ok(None),
            Some(Node::Text(_)) => {
                let name = self.named(name);
                Err(ApiError::invalid("Invalid object").param(name))
            }
            Some(Node::Parts(left)) => Ok(Some(Self {
                within: self.named(name),
                left,
            })),
        }
    }

    /// A value of any kind, as responses show it again.
    pub(super) fn json(&mut self, name: &str) -> Option<Value> {
        self.left.remove(name).map(|node| node.to_json())
    }

    /// A list of texts.
    pub(super) fn list(&mut self, name: &str) -> Result<Option<Vec<String>>, ApiError> {
        let Some(node) = self.left.remove(name) else {
            return Ok(None);
        };
        let invalid = || ApiError::invalid("Invalid array").param(name.to_owned());
        let Node::Parts(parts) = node else {
            return Err(invalid());
        };
        in_order(&parts)
            .map(|node| match node {
                Node::Text(text) => Ok(text.clone()),
                Node::Parts(_) => Err(invalid()),
            })
            .collect::<Result<_, _>>()
            .map(Some)
    }

    /// The metadata to merge: an empty value removes its key, and an empty `metadata` removes all:
    /// <https://docs.stripe.com/api/metadata>.
    pub(super) fn metadata(&mut self) -> Result<Option<MetadataChange>, ApiError> {
        let parts = match self.left.remove("metadata") {
            None => return Ok(None),
            Some(Node::Text(text)) if text.is_empty() => return Ok(Some(MetadataChange::Clear)),
            Some(Node::Text(_)) => {
                return Err(ApiError::invalid("Invalid object").param("metadata"));
            }
            Some(Node::Parts(parts)) => parts,
        };
        let mut merge = BTreeMap::new();
        for (key, node) in parts {
            let named = format!("metadata[{key}]");
            let Node::Text(value) = node else {
                let message =
                    "Metadata values must be strings, but for this key you passed an object";
                return Err(ApiError::invalid(message).param(named));
            };
            if key.chars().count() > 40 {
                let length = key.chars().count();
                let message = format!(
                    "Metadata keys can be up to 40 characters, but you passed one that is {length} characters."
                );
                return Err(ApiError::invalid(message).param("metadata"));
            }
            if value.chars().count() > 500 {
                let length = value.chars().count();
                let message = format!(
                    "Metadata values can have up to 500 characters, but you passed in a value that is {length} \
                     characters. Invalid value: {}",
                    value.chars().take(20).collect::<String>()
                );
                return Err(ApiError::invalid(message).param(named));
            }
            merge.insert(key, value);
        }
        Ok(Some(MetadataChange::Merge(merge)))
    }
}

/// The change of an object's metadata by a request.
#[derive(Debug)]
pub(super) enum MetadataChange {
    Clear,
    Merge(BTreeMap<String, String>),
}

impl MetadataChange {
    /// The metadata after the change; it may have at most 50 keys.
    pub(super) fn apply(change: Option<Self>, to: &Metadata) -> Result<Metadata, ApiError> {
        let mut after = to.clone();
        match change {
            None => {}
            Some(Self::Clear) => after.clear(),
            Some(Self::Merge(merge)) => {
                for (key, value) in merge {
                    if value.is_empty() {
                        after.remove(&key)
                    } else {
                        after.insert(key, value)
                    };
                }
            }
        }
        if after.len() > 50 {
            let message = "You can only have 50 metadata keys.";
            return Err(ApiError::invalid(message).param("metadata"));
        }
        Ok(after)
    }
}

/// The values as error messages list them: `a`, `one of a or b`, `one of a, b, or c`.
fn listed(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [a, b] => format!("one of {a} or {b}"),
        [init @ .., last] => format!("one of {}, or {last}", init.join(", ")),
    }
}
