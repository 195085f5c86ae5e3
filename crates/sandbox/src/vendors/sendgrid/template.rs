//! The templates that a test configures, and how their variables are replaced.

use serde_json::{Value, json};

use crate::html::escape;

/// A template of the account. Only `{{name}}`, `{{{name}}}` and dotted paths are replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Template {
    /// The template id: `d-` and 32 hexadecimal digits, or a GUID.
    pub id: String,
    /// The name that people see.
    pub name: String,
    /// The subject; it may contain variables.
    pub subject: String,
    /// The HTML part; it may contain variables.
    pub html: String,
    /// The plain text part; it may contain variables.
    pub text: String,
}

impl Template {
    /// A template without a plain text part.
    #[must_use]
    pub fn new(id: impl Into<String>, subject: impl Into<String>, html: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            name: "sandbox template".to_owned(),
            subject: subject.into(),
            html: html.into(),
            text: String::new(),
        }
    }

    /// Sets the plain text part.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = text.into();
        self
    }

    pub(super) fn to_json(&self) -> Value {
        let generation = if self.id.starts_with("d-") {
            "dynamic"
        } else {
            "legacy"
        };
        json!({"id": self.id, "name": self.name, "generation": generation, "updated_at": "2026-01-01 00:00:00",
            "versions": [{"id": "1", "template_id": self.id, "active": 1, "name": self.name,
                "subject": self.subject, "html_content": self.html, "plain_content": self.text,
                "generate_plain_content": false, "editor": "code", "updated_at": "2026-01-01 00:00:00"}]})
    }
}

/// Replaces `{{path}}` by the value in the data, escaped in HTML, and `{{{path}}}` by the unescaped value. A missing value
/// becomes empty.
pub(super) fn fill(template: &str, data: &Value, html: bool) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let raw = after.starts_with('{');
        let (open, close) = if raw { ("{", "}}}") } else { ("", "}}") };
        let inside = after.strip_prefix(open).unwrap_or(after);
        let Some((name, remaining)) = inside.split_once(close) else {
            out.push_str("{{");
            rest = after;
            continue;
        };
        let value = look_up(data, name.trim());
        if html && !raw {
            out.push_str(&escape(&value))
        } else {
            out.push_str(&value)
        }
        rest = remaining;
    }
    out.push_str(rest);
    out
}

/// Replaces the tag of each legacy substitution by its value.
pub(super) fn substitute(template: &str, substitutions: &Value) -> String {
    let mut out = template.to_owned();
    for (tag, value) in substitutions.as_object().into_iter().flatten() {
        if !tag.is_empty() {
            out = out.replace(tag, value.as_str().unwrap_or_default());
        }
    }
    out
}

/// The value at a dotted path, as a text.
fn look_up(data: &Value, path: &str) -> String {
    let found = path.split('.').try_fold(data, |at, step| at.get(step));
    match found {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_filled_and_escaped() {
        let data = json!({"name": "<Ada>", "order": {"id": 7}});
        for (template, html, expected) in [
            ("Hi {{name}}!", true, "Hi &lt;Ada&gt;!"),
            ("Hi {{{ name }}}!", true, "Hi <Ada>!"),
            ("Hi {{name}}", false, "Hi <Ada>"),
            ("{{order.id}}{{order.none}}", true, "7"),
            ("{{ open", true, "{{ open"),
            ("", true, ""),
        ] {
            assert_eq!(fill(template, &data, html), expected);
        }
        assert_eq!(
            substitute("Dear -name-", &json!({"-name-": "Ada"})),
            "Dear Ada"
        );
    }
}
