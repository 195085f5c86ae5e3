//! Form bodies and query strings with brackets: parsed to a tree, and converted to JSON by the types of a schema.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::schema;

/// The value of a name: a text, or the names in brackets below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Node {
    Leaf(String),
    Branch(BTreeMap<String, Self>),
}

/// The decoded pairs of a form or a query, in their order.
pub(crate) fn pairs(text: &str) -> Result<Vec<(String, String)>, String> {
    let decode = |part: &str| {
        let spaced = part.replace('+', " ");
        let decoded = percent_decode_str(&spaced).decode_utf8();
        decoded
            .map(|text| text.into_owned())
            .map_err(|_| format!("`{part}` is no UTF-8"))
    };
    let parts = text.split('&').filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (name, value) = part
                .split_once('=')
                .ok_or_else(|| format!("`{part}` has no `=`"))?;
            Ok((decode(name)?, decode(value)?))
        })
        .collect()
}

/// The tree of a form or a query: `a[b][c]=d`. A name that is given twice is an error, unless it ends in `[]`.
pub(crate) fn tree(text: &str) -> Result<Node, String> {
    let mut root = BTreeMap::new();
    for (name, value) in pairs(text)? {
        let path = path(&name)?;
        insert(&mut root, &path, value).map_err(|why| format!("`{name}` {why}"))?;
    }
    Ok(Node::Branch(root))
}

/// Adds brackets to the names of lists, for a vendor that repeats a name to make a list.
pub(crate) fn bracketed(text: &str, schema: &Value) -> String {
    let parts = text.split('&').map(|part| match part.split_once('=') {
        Some((name, value)) if is_list(schema, name) => format!("{name}[]={value}"),
        _ => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("&")
}

fn is_list(schema: &Value, name: &str) -> bool {
    let property = schema.get("properties").and_then(|all| all.get(name));
    property.is_some_and(|property| schema::is_of(property, "array"))
}

fn path(name: &str) -> Result<Vec<&str>, String> {
    let broken = || format!("`{name}` has broken brackets");
    let (first, mut rest) = match name.find('[') {
        Some(at) => name.split_at(at),
        None => (name, ""),
    };
    if first.is_empty() || first.contains(']') {
        return Err(broken());
    }
    let mut path = vec![first];
    while !rest.is_empty() {
        let inner = rest.strip_prefix('[').ok_or_else(broken)?;
        let (segment, after) = inner.split_once(']').ok_or_else(broken)?;
        if segment.contains('[') {
            return Err(broken());
        }
        path.push(segment);
        rest = after;
    }
    Ok(path)
}

fn insert(
    branch: &mut BTreeMap<String, Node>,
    path: &[&str],
    value: String,
) -> Result<(), &'static str> {
    let (first, rest) = path.split_first().ok_or("has no name")?;
    let name = if first.is_empty() {
        branch.len().to_string()
    } else {
        (*first).to_owned()
    };
    if rest.is_empty() {
        return match branch.insert(name, Node::Leaf(value)) {
            None => Ok(()),
            Some(_) => Err("is given twice"),
        };
    }
    let below = branch
        .entry(name)
        .or_insert_with(|| Node::Branch(BTreeMap::new()));
    match below {
        Node::Branch(branch) => insert(branch, rest, value),
        Node::Leaf(_) => Err("is a text and a table at once"),
    }
}

/// Converts the tree to JSON: texts become numbers and booleans, and numbered names become arrays, if the schema has those.
/// What does not fit stays unchanged, so that the validator rejects it.
pub(crate) fn coerce(node: &Node, schema: &Value) -> Value {
    for word in ["anyOf", "oneOf"] {
        let Some(choices) = schema.get(word).and_then(Value::as_array) else {
            continue;
        };
        let fits = |choice: &Value| {
            let value = coerce(node, choice);
            schema::errors(choice, &value).is_empty().then_some(value)
        };
        if let Some(value) = choices.iter().find_map(fits) {
            return value;
        }
    }
    match node {
        Node::Leaf(text) => leaf(text, schema),
        Node::Branch(branch) if schema::is_of(schema, "array") => array(branch, schema),
        Node::Branch(branch) => {
            let value_of = |name: &str| {
                let named = schema
                    .get("properties")
                    .and_then(|properties| properties.get(name));
                named
                    .or_else(|| schema.get("additionalProperties"))
                    .unwrap_or(&Value::Null)
            };
            let fields = branch.iter();
            Value::Object(
                fields
                    .map(|(name, node)| (name.clone(), coerce(node, value_of(name))))
                    .collect::<Map<_, _>>(),
            )
        }
    }
}

fn leaf(text: &str, schema: &Value) -> Value {
    if schema::is_of(schema, "integer") || schema::is_of(schema, "number") {
        // Only in the form that an adapter writes: no unnecessary sign, no leading zero.
        if let Some(number) = text
            .parse::<i64>()
            .ok()
            .filter(|number| number.to_string() == text)
        {
            return number.into();
        }
    }
    match text {
        "true" | "false" if schema::is_of(schema, "boolean") => Value::Bool(text == "true"),
        text => Value::String(text.to_owned()),
    }
}

fn array(branch: &BTreeMap<String, Node>, schema: &Value) -> Value {
    let items = schema.get("items").unwrap_or(&Value::Null);
    let numbered: Option<Vec<_>> = (0..branch.len())
        .map(|n| branch.get(&n.to_string()))
        .collect();
    match numbered {
        Some(nodes) => nodes.into_iter().map(|node| coerce(node, items)).collect(),
        None => Value::String("an array whose numbers have gaps".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str, schema: Value) -> Value {
        coerce(&tree(text).unwrap(), &schema)
    }

    #[test]
    fn brackets_make_tables_and_arrays() {
        let schema = json!({"properties": {
            "a": {"properties": {"b": {"type": "string"}}},
            "list": {"type": "array", "items": {"properties": {"n": {"type": "integer"}}}},
            "tags": {"type": "array", "items": {"type": "string"}},
        }});
        let text = "a[b]=x+y%26z&list[0][n]=1&list[1][n]=2&tags[]=p&tags[]=q";
        assert_eq!(
            read(text, schema),
            json!({"a": {"b": "x y&z"}, "list": [{"n": 1}, {"n": 2}], "tags": ["p", "q"]})
        );
    }

    #[test]
    fn texts_become_what_the_schema_says_and_nothing_else() {
        let schema = json!({"properties": {
            "n": {"type": "integer"}, "b": {"type": "boolean"}, "s": {"type": "string"},
            "off": {"anyOf": [{"type": "boolean"}, {"type": "string", "enum": ["one_off"]}]},
        }, "additionalProperties": {"type": "integer"}});
        let read = |text| read(text, schema.clone());
        assert_eq!(
            read("n=12&b=true&s=12"),
            json!({"n": 12, "b": true, "s": "12"})
        );
        assert_eq!(read("n=012&b=yes"), json!({"n": "012", "b": "yes"}));
        assert_eq!(read("off=true"), json!({"off": true}));
        assert_eq!(read("off=one_off"), json!({"off": "one_off"}));
        assert_eq!(read("more=7"), json!({"more": 7}));
    }

    #[test]
    fn repeated_names_make_a_list_where_the_schema_has_one() {
        let schema = json!({"properties": {"m": {"type": "array"}, "s": {"type": "string"}}});
        let text = bracketed("m=a&m=b%5B&s=c", &schema);
        assert_eq!(
            read(&text, schema.clone()),
            json!({"m": ["a", "b["], "s": "c"})
        );
        assert_eq!(bracketed("s=c&s=d", &schema), "s=c&s=d");
    }

    #[test]
    fn names_with_gaps_are_not_an_array() {
        let schema = json!({"properties": {"list": {"type": "array"}}});
        assert!(read("list[0]=a&list[2]=b", schema)["list"].is_string());
    }

    #[test]
    fn invalid_text_is_an_error() {
        for text in [
            "a",
            "a[b=1",
            "[b]=1",
            "a]b=1",
            "a[[b]]=1",
            "a=1&a=2",
            "a=1&a[b]=2",
            "a=%ff",
        ] {
            assert!(tree(text).is_err(), "{text}");
        }
        assert_eq!(tree("").unwrap(), Node::Branch(BTreeMap::new()));
    }
}
