//! Strict schemas from an API description: references resolved, every object closed, `nullable` turned into a type.

use jsonschema::Draft;
use serde_json::{Map, Value, json};

/// Deeper than any request: a reference to itself ends here.
const DEPTH: usize = 40;

/// The schema with its references resolved, its objects closed and its nulls allowed.
pub(crate) fn strict(schema: &Value, description: &Value) -> Result<Value, String> {
    Ok(close(&nullable(inline(schema, description, DEPTH)?), true))
}

/// The value with every `$ref` replaced by its target. Keywords next to a reference are kept and take precedence.
pub(crate) fn inline(value: &Value, description: &Value, depth: usize) -> Result<Value, String> {
    let depth = depth.checked_sub(1).ok_or("references go round")?;
    match value {
        Value::Object(fields) => {
            let mut whole = Map::new();
            if let Some(reference) = fields.get("$ref").and_then(Value::as_str) {
                let pointer = reference.strip_prefix('#').unwrap_or_default();
                let target = description
                    .pointer(pointer)
                    .ok_or_else(|| format!("{reference} points nowhere"))?;
                if let Value::Object(target) = inline(target, description, depth)? {
                    whole = target;
                }
            }
            for (name, value) in fields {
                if name != "$ref" || !value.is_string() {
                    whole.insert(name.clone(), inline(value, description, depth)?);
                }
            }
            Ok(Value::Object(whole))
        }
        Value::Array(items) => items
            .iter()
            .map(|item| inline(item, description, depth))
            .collect(),
        other => Ok(other.clone()),
    }
}

/// OpenAPI 3.0's `nullable: true` as JSON Schema.
fn nullable(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut fields: Map<_, _> = fields
                .into_iter()
                .map(|(name, value)| (name, nullable(value)))
                .collect();
            if fields.get("nullable") == Some(&Value::Bool(true)) {
                fields.remove("nullable");
                return json!({ "anyOf": [fields, { "type": "null" }] });
            }
            Value::Object(fields)
        }
        Value::Array(items) => items.into_iter().map(nullable).collect(),
        other => other,
    }
}

/// Adds `unevaluatedProperties: false` to every object that names its fields. An object that names none is a free map, and one
/// that describes its additional fields is left unchanged. A part of an `allOf` has only a part of the fields, so the whole is
/// closed instead.
fn close(schema: &Value, alone: bool) -> Value {
    let Value::Object(fields) = schema else {
        return schema.clone();
    };
    let mut closed = Map::new();
    for (name, value) in fields {
        let value = match (name.as_str(), value) {
            ("properties", Value::Object(properties)) => Value::Object(
                properties
                    .iter()
                    .map(|(name, schema)| (name.clone(), close(schema, true)))
                    .collect(),
            ),
            ("items" | "additionalProperties" | "not", schema) => close(schema, true),
            ("allOf", Value::Array(parts)) => parts.iter().map(|part| close(part, false)).collect(),
            ("anyOf" | "oneOf", Value::Array(choices)) => {
                let whole = alone && !fields.contains_key("properties");
                choices.iter().map(|choice| close(choice, whole)).collect()
            }
            (_, value) => value.clone(),
        };
        closed.insert(name.clone(), value);
    }
    let names_fields = fields.contains_key("properties") || fields.contains_key("allOf");
    if alone && names_fields && !fields.contains_key("additionalProperties") {
        closed.insert("unevaluatedProperties".to_owned(), Value::Bool(false));
    }
    Value::Object(closed)
}

/// Whether the schema has this type.
pub(crate) fn is_of(schema: &Value, kind: &str) -> bool {
    match schema.get("type") {
        Some(Value::String(one)) => one == kind,
        Some(Value::Array(several)) => several.iter().any(|one| one == kind),
        _ => false,
    }
}

/// The errors of the value, by place. An unusable schema is an error too: the check must not be skipped.
pub(crate) fn errors(schema: &Value, value: &Value) -> Vec<String> {
    let validator = jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .build(schema);
    match validator {
        Ok(validator) => validator
            .iter_errors(value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect(),
        Err(error) => vec![format!("the schema cannot be used: {error}")],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn valid(schema: &Value, value: Value) -> bool {
        errors(&strict(schema, &json!({})).unwrap(), &value).is_empty()
    }

    #[test]
    fn objects_that_name_their_fields_are_closed_at_every_depth() {
        let schema = json!({"type": "object", "properties": {
            "a": {"type": "object", "properties": {"b": {"type": "string"}}},
            "list": {"type": "array", "items": {"properties": {"n": {}}}},
        }});
        assert!(valid(&schema, json!({"a": {"b": "x"}, "list": [{"n": 1}]})));
        assert!(!valid(&schema, json!({"c": 1})));
        assert!(!valid(&schema, json!({"a": {"c": 1}})));
        assert!(!valid(&schema, json!({"list": [{"m": 1}]})));
        assert!(!valid(
            &json!({"type": "object", "properties": {}}),
            json!({"a": 1})
        ));
    }

    #[test]
    fn free_maps_stay_open() {
        assert!(valid(&json!({"type": "object"}), json!({"a": 1})));
        let texts = json!({"type": "object", "additionalProperties": {"type": "string"}});
        assert!(valid(&texts, json!({"a": "b"})));
        assert!(!valid(&texts, json!({"a": 1})));
    }

    #[test]
    fn parts_of_a_whole_are_closed_together() {
        let schema = json!({"allOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}}]});
        assert!(valid(&schema, json!({"a": 1, "b": 2})));
        assert!(!valid(&schema, json!({"a": 1, "c": 2})));
        let next_to_it = json!({"properties": {"a": {}}, "anyOf": [{"properties": {"b": {}}}]});
        assert!(valid(&next_to_it, json!({"a": 1, "b": 2})));
        assert!(!valid(&next_to_it, json!({"c": 1})));
    }

    #[test]
    fn choices_are_closed_each() {
        let schema = json!({"anyOf": [{"properties": {"gte": {"type": "integer"}}, "type": "object"}, {"type": "integer"}]});
        assert!(valid(&schema, json!({"gte": 1})));
        assert!(valid(&schema, json!(1)));
        assert!(!valid(&schema, json!({"gt": 1})));
    }

    #[test]
    fn nullable_is_a_type() {
        let schema = json!({"type": "string", "enum": ["a"], "nullable": true});
        assert!(valid(&schema, json!("a")));
        assert!(valid(&schema, Value::Null));
        assert!(!valid(&schema, json!("b")));
        assert!(!valid(&json!({"type": "string"}), Value::Null));
    }

    #[test]
    fn references_are_resolved_and_must_not_be_cyclic() {
        let description = json!({"schemas": {
            "Name": {"type": "string"},
            "Round": {"properties": {"again": {"$ref": "#/schemas/Round"}}},
        }});
        let named = json!({"properties": {"name": {"$ref": "#/schemas/Name", "minLength": 2}}});
        let schema = strict(&named, &description).unwrap();
        assert!(errors(&schema, &json!({"name": "ab"})).is_empty());
        assert!(!errors(&schema, &json!({"name": "a"})).is_empty());
        assert!(strict(&json!({"$ref": "#/schemas/Round"}), &description).is_err());
        assert!(strict(&json!({"$ref": "#/schemas/None"}), &description).is_err());
    }

    #[test]
    fn a_broken_schema_skips_nothing() {
        let broken = json!({"type": "string", "pattern": "("});
        assert!(!errors(&broken, &json!("a")).is_empty());
    }

    #[test]
    fn formats_are_checked() {
        let schema = json!({"type": "string", "format": "email"});
        assert!(valid(&schema, json!("ann@example.com")));
        assert!(!valid(&schema, json!("ann at example.com")));
    }
}
