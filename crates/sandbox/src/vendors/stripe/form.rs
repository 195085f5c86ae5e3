//! Reads Stripe's form bodies and queries, `a[b][c]=v`, `list[]=x` or `list[0]=x`, as a tree.

use std::collections::BTreeMap;

use serde_json::Value;

/// A parameter: a text, or named parts. The parts of a list are named by their position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    Text(String),
    Parts(BTreeMap<String, Self>),
}

/// The name of the parameter that cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed(pub(super) String);

/// The greatest depth of a name; Stripe has no parameter that is nested deeper.
const MAX_DEPTH: usize = 8;

/// Reads `name=value&..` with bracketed names.
pub(super) fn parse(text: &[u8]) -> Result<BTreeMap<String, Node>, Malformed> {
    let mut root = BTreeMap::new();
    for (name, value) in url::form_urlencoded::parse(text) {
        let path = split(&name).ok_or_else(|| Malformed(name.to_string()))?;
        let mut path = path.into_iter();
        let first = path.next().ok_or_else(|| Malformed(name.to_string()))?;
        insert(&mut root, first, path, &value).ok_or_else(|| Malformed(name.to_string()))?;
    }
    Ok(root)
}

/// Splits `a[b][]` into `a`, `b` and the empty name.
fn split(name: &str) -> Option<Vec<String>> {
    let Some((first, mut rest)) = name.split_once('[') else {
        return (!name.is_empty()).then(|| vec![name.to_owned()]);
    };
    let mut path = vec![first.to_owned()];
    loop {
        let (part, after) = rest.split_once(']')?;
        path.push(part.to_owned());
        if after.is_empty() {
            break;
        }
        rest = after.strip_prefix('[')?;
    }
    (!first.is_empty() && path.len() <= MAX_DEPTH).then_some(path)
}

/// Inserts a value below a name; `None` if the name is both a text and an object.
fn insert(
    parts: &mut BTreeMap<String, Node>,
    name: String,
    mut rest: std::vec::IntoIter<String>,
    value: &str,
) -> Option<()> {
    let name = if name.is_empty() {
        parts.len().to_string()
    } else {
        name
    };
    let Some(next) = rest.next() else {
        parts.insert(name, Node::Text(value.to_owned()));
        return Some(());
    };
    let node = parts
        .entry(name)
        .or_insert_with(|| Node::Parts(BTreeMap::new()));
    match node {
        Node::Parts(inner) => insert(inner, next, rest, value),
        Node::Text(_) => None,
    }
}

impl Node {
    /// The JSON in which Stripe shows the parameter: a text as a string, an empty text as null, parts named 0, 1, .. as a list.
    pub(super) fn to_json(&self) -> Value {
        match self {
            Self::Text(text) if text.is_empty() => Value::Null,
            Self::Text(text) => Value::String(text.clone()),
            Self::Parts(parts) if parts.keys().all(|k| k.parse::<usize>().is_ok()) => {
                Value::Array(in_order(parts).map(Self::to_json).collect())
            }
            Self::Parts(parts) => parts
                .iter()
                .map(|(name, node)| (name.clone(), node.to_json()))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        }
    }
}

/// The parts in numerical order: `10` comes after `9`.
pub(super) fn in_order(parts: &BTreeMap<String, Node>) -> impl Iterator<Item = &Node> {
    let mut order: Vec<_> = parts.iter().collect();
    order.sort_by_key(|(name, _)| name.parse::<usize>().unwrap_or(usize::MAX));
    order.into_iter().map(|(_, node)| node)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_become_a_tree() {
        let tree =
            parse(b"amount=10&m[a]=x%20y&m[b]=&e[]=p&e[]=q&l[1]=b&l[0]=a&d[x][y]=1").unwrap();
        assert_eq!(tree["amount"], Node::Text("10".into()));
        assert_eq!(
            tree["m"].to_json(),
            serde_json::json!({"a": "x y", "b": null})
        );
        assert_eq!(tree["e"].to_json(), serde_json::json!(["p", "q"]));
        assert_eq!(tree["l"].to_json(), serde_json::json!(["a", "b"]));
        assert_eq!(tree["d"].to_json(), serde_json::json!({"x": {"y": "1"}}));
    }

    #[test]
    fn malformed_names_are_rejected() {
        for bad in [
            "a[b=1",
            "a[b]c=1",
            "[a]=1",
            "=1",
            "a=1&a[b]=2",
            "a[b][c][d][e][f][g][h][i]=1",
        ] {
            assert!(parse(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(parse(b"").unwrap().is_empty());
        assert!(parse(&[0xff, b'=', 0xfe]).is_ok());
    }
}
