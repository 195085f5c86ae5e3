//! Spoils valid requests, to show that the judge rejects wrong ones.

use std::collections::BTreeSet;

use bytes::Bytes;
use serde_json::{Value, json};

use super::record::Recorded;

/// Wrong copies of a valid request: an unknown query parameter, no credentials, another method, and every field of the query and
/// the body renamed and with another type. Each comes with a description of the change.
pub(crate) fn spoiled(good: &Recorded) -> Vec<(String, Recorded)> {
    let mut bad = Vec::new();
    let mut add = |what: String, change: &dyn Fn(&mut Recorded)| {
        let mut request = good.clone();
        change(&mut request);
        bad.push((what, request));
    };
    let with = |text: &str, more: &str| {
        if text.is_empty() {
            more.to_owned()
        } else {
            format!("{text}&{more}")
        }
    };
    add("an unknown query parameter".into(), &|r| {
        r.query = with(&r.query, "anyvendor_unknown=1")
    });
    add("no credentials".into(), &|r| {
        drop(r.headers.remove("authorization"))
    });
    add("another method".into(), &|r| r.method = "PUT".into());
    for (what, query) in spoiled_form(&good.query) {
        add(format!("query: {what}"), &|r| r.query.clone_from(&query));
    }
    let is_json = good
        .headers
        .get("content-type")
        .is_some_and(|value| value == "application/json");
    let bodies = match (good.body.is_empty(), is_json) {
        (true, _) => vec![(
            "an unknown body".to_owned(),
            "anyvendor_unknown=1".to_owned(),
        )],
        (false, true) => spoiled_json(&serde_json::from_slice(&good.body).unwrap()),
        (false, false) => spoiled_form(std::str::from_utf8(&good.body).unwrap()),
    };
    for (what, body) in bodies {
        add(format!("body: {what}"), &|r| {
            r.body = Bytes::from(body.clone())
        });
    }
    bad
}

fn spoiled_form(text: &str) -> Vec<(String, String)> {
    let names: BTreeSet<&str> = text
        .split('&')
        .filter_map(|part| part.split(['=', '[']).next())
        .filter(|name| !name.is_empty())
        .collect();
    let of = |part: &str, name: &str| {
        part.strip_prefix(name)
            .is_some_and(|rest| rest.starts_with(['=', '[']))
    };
    let mut bad = Vec::new();
    for name in names {
        let renamed: Vec<String> = text
            .split('&')
            .map(|part| {
                if of(part, name) {
                    part.replacen(name, &format!("{name}_x"), 1)
                } else {
                    part.to_owned()
                }
            })
            .collect();
        bad.push((format!("{name} renamed"), renamed.join("&")));
        let is_table = text
            .split('&')
            .any(|part| part.starts_with(&format!("{name}[")));
        let retyped = if is_table {
            format!("{name}=x")
        } else {
            format!("{name}[x][y]=1")
        };
        let others = text
            .split('&')
            .filter(|part| !of(part, name))
            .map(str::to_owned);
        let parts: Vec<String> = others.chain([retyped]).collect();
        bad.push((format!("{name} of another type"), parts.join("&")));
    }
    bad
}

fn spoiled_json(body: &Value) -> Vec<(String, String)> {
    let fields = body.as_object().unwrap();
    let mut bad = Vec::new();
    for (name, value) in fields {
        let mut renamed = fields.clone();
        renamed.remove(name);
        renamed.insert(format!("{name}_x"), value.clone());
        bad.push((
            format!("{name} renamed"),
            Value::Object(renamed).to_string(),
        ));
        let mut retyped = fields.clone();
        let other = if value.is_object() || value.is_array() {
            json!("x")
        } else {
            json!({"x": {}})
        };
        retyped.insert(name.clone(), other);
        bad.push((
            format!("{name} of another type"),
            Value::Object(retyped).to_string(),
        ));
    }
    bad
}
