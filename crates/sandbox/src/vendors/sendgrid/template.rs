//! Templates that a test sets, and the filling in of their variables.

use serde_json::{Value, json};

/// A template as the account holds it. Only `{{name}}`, `{{{name}}}` and dotted paths are filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Template {
    /// `d-` and 32 hexadecimal digits, or a GUID.
    pub id: String,
    /// For people.
    pub name: String,
    /// With variables.
    pub subject: String,
    /// With variables.
    pub html: String,
    /// With variables.
    pub text: String,
}

impl Template {
    /// A template without a text part.
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

    /// With a text part.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = text.into();
        self
    }

    pub(super) fn to_json(&self) -> Value {
        let generation = match self.id.starts_with("d-") {
            true => "dynamic",
            false => "legacy",
        };
        json!({"id": self.id, "name": self.name, "generation": generation, "updated_at": "2026-01-01 00:00:00",
            "versions": [{"id": "1", "template_id": self.id, "active": 1, "name": self.name,
                "subject": self.subject, "html_content": self.html, "plain_content": self.text,
                "generate_plain_content": false, "editor": "code", "updated_at": "2026-01-01 00:00:00"}]})
    }
}

/// Fills `{{path}}` from the data (escaped for HTML) and `{{{path}}}` as it is; a missing value is empty.
pub(super) fn fill(template: &str, data: &Value, html: bool) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let raw = after.starts_with('{');
        let (open, close) = if raw { ("{", "}}}") } else { ("", "}}") };
        let inside = after.strip_prefix(open).unwrap_or(after);
        let Some((name, behind)) = inside.split_once(close) else {
            out.push_str("{{");
            rest = after;
            continue;
        };
        let value = look_up(data, name.trim());
        match html && !raw {
            true => out.push_str(&escape(&value)),
            false => out.push_str(&value),
        }
        rest = behind;
    }
    out.push_str(rest);
    out
}

/// Replaces each legacy substitution's tag by its value.
pub(super) fn substitute(template: &str, substitutions: &Value) -> String {
    let mut out = template.to_owned();
    for (tag, value) in substitutions.as_object().into_iter().flatten() {
        if !tag.is_empty() {
            out = out.replace(tag, value.as_str().unwrap_or_default());
        }
    }
    out
}

fn look_up(data: &Value, path: &str) -> String {
    let found = path.split('.').try_fold(data, |at, step| at.get(step));
    match found {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// Makes text safe inside HTML.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
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
