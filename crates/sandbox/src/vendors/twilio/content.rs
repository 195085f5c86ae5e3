//! The content templates that a test configures, and how their variables are replaced.

use std::collections::BTreeMap;

use serde_json::Value;

use super::error::ApiError;

/// A content template of the account. Only `{{name}}` is replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ContentTemplate {
    /// The template's id: `HX` and 32 hexadecimal digits.
    pub sid: String,
    /// The text, with variables, usually `{{1}}` and `{{2}}`.
    pub body: String,
    /// The values of variables that a message does not set.
    pub defaults: BTreeMap<String, String>,
}

impl ContentTemplate {
    /// A template without defaults.
    #[must_use]
    pub fn new(sid: impl Into<String>, body: impl Into<String>) -> Self {
        Self {
            sid: sid.into(),
            body: body.into(),
            defaults: BTreeMap::new(),
        }
    }

    /// Sets the default of one variable.
    #[must_use]
    pub fn default_value(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.defaults.insert(name.into(), value.into());
        self
    }

    /// The text with each variable replaced by its value, by its default, or by nothing.
    pub(super) fn fill(&self, values: &BTreeMap<String, String>) -> String {
        let mut out = String::new();
        let mut rest = self.body.as_str();
        while let Some((before, after)) = rest.split_once("{{") {
            out.push_str(before);
            let Some((name, remaining)) = after.split_once("}}") else {
                out.push_str("{{");
                rest = after;
                continue;
            };
            let name = name.trim();
            let value = values.get(name).or_else(|| self.defaults.get(name));
            out.push_str(value.map_or("", String::as_str));
            rest = remaining;
        }
        out.push_str(rest);
        out
    }
}

/// Reads `ContentVariables`, a JSON object of strings.
pub(super) fn variables(text: Option<&str>) -> Result<BTreeMap<String, String>, ApiError> {
    let Some(text) = text else {
        return Ok(BTreeMap::new());
    };
    let invalid = || ApiError::bad_request(21656, "The ContentVariables Parameter is invalid");
    let value: Value = serde_json::from_str(text).map_err(|_| invalid())?;
    let fields = value.as_object().ok_or_else(invalid)?;
    let string = |value: &Value| value.as_str().map(str::to_owned).ok_or_else(invalid);
    fields
        .iter()
        .map(|(name, value)| Ok((name.clone(), string(value)?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_and_defaults() {
        let template = ContentTemplate::new("HX1", "Hi {{1}}, {{ 2 }}{{3}}! {{ open")
            .default_value("1", "you")
            .default_value("2", "order 7");
        let filled = |text: &str| variables(Some(text)).map(|v| template.fill(&v)).ok();
        assert_eq!(
            filled(r#"{"1":"Ada"}"#).as_deref(),
            Some("Hi Ada, order 7! {{ open")
        );
        assert_eq!(filled("{}").as_deref(), Some("Hi you, order 7! {{ open"));
        for bad in ["", "[]", r#"{"1":2}"#, "x"] {
            assert_eq!(filled(bad), None, "{bad}");
        }
    }
}
