//! Validates requests against a vendor's API description.

use std::{collections::BTreeMap, path::PathBuf};

use serde_json::{Map, Value, json};

use super::{form, record::Recorded, schema};

/// Headers that belong to HTTP and not to an operation.
const HTTP: [&str; 5] = [
    "accept",
    "accept-encoding",
    "authorization",
    "content-length",
    "content-type",
];

/// The operations that one or more descriptions name.
#[derive(Debug, Default)]
pub(crate) struct Description {
    operations: Vec<Described>,
    /// Headers that the vendor documents for every operation, but not in its description.
    common_headers: Vec<&'static str>,
    /// The paths below which the vendor requires `Authorization: Basic`; everywhere else it requires a bearer token.
    basic_below: Vec<&'static str>,
    /// Whether a form repeats the name of a list instead of adding brackets.
    repeated_names: bool,
}

/// One operation, with strict schemas.
#[derive(Debug)]
struct Described {
    method: String,
    template: String,
    query: Value,
    path: BTreeMap<String, Value>,
    headers: BTreeMap<String, (bool, Value)>,
    body: Option<Body>,
}

#[derive(Debug)]
struct Body {
    content_type: String,
    schema: Value,
    required: bool,
}

impl Description {
    /// Reads a file below the folder that `ANYVENDOR_SPECS` names.
    pub(crate) fn with_file(self, name: &str) -> Self {
        self.with_newer_file(name, &[])
    }

    /// Reads a file and inserts what newer documents of the vendor say at these places.
    pub(crate) fn with_newer_file(self, name: &str, newer: &[(&str, Value)]) -> Self {
        let folder = std::env::var_os("ANYVENDOR_SPECS").expect(
            "ANYVENDOR_SPECS must name the folder of API descriptions, see CONTRIBUTING.md",
        );
        let path = PathBuf::from(folder).join(name);
        let text =
            std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut description: Value = serde_json::from_slice(&text).unwrap();
        for (place, value) in newer {
            let (parent, field) = place.rsplit_once('/').unwrap();
            let parent = description
                .pointer_mut(parent)
                .unwrap()
                .as_object_mut()
                .unwrap();
            assert_ne!(
                parent.get(field),
                Some(value),
                "{name} says so itself by now: {place}"
            );
            parent.insert(field.to_owned(), value.clone());
        }
        self.with(&description)
    }

    /// Adds the operations of a description.
    pub(crate) fn with(mut self, description: &Value) -> Self {
        for (template, item) in description["paths"].as_object().unwrap() {
            for method in ["get", "put", "post", "delete", "patch"] {
                if let Some(operation) = item.get(method) {
                    let described = Described::new(method, template, item, operation, description)
                        .unwrap_or_else(|why| panic!("{method} {template}: {why}"));
                    self.operations.push(described);
                }
            }
        }
        self
    }

    /// Allows headers that the vendor documents elsewhere.
    pub(crate) fn with_common_headers(mut self, names: &[&'static str]) -> Self {
        self.common_headers.extend(names);
        self
    }

    /// Sets which query parameters are days, whatever the description says.
    pub(crate) fn with_dates(mut self, names: &[&str]) -> Self {
        for operation in &mut self.operations {
            for name in names {
                if let Some(parameter) = operation.query["properties"].get_mut(*name) {
                    *parameter = json!({"type": "string", "format": "date"});
                }
            }
        }
        self
    }

    /// Sets the paths below which user and password are required instead of a token.
    pub(crate) fn with_basic_below(mut self, paths: &[&'static str]) -> Self {
        self.basic_below.extend(paths);
        self
    }

    /// Sets that forms repeat a name to make a list.
    pub(crate) fn with_repeated_names(mut self) -> Self {
        self.repeated_names = true;
        self
    }

    /// The operation of a valid request, or the errors of an invalid one.
    pub(crate) fn judge(&self, request: &Recorded) -> Result<String, Vec<String>> {
        let operation = self
            .find(request)
            .ok_or_else(|| vec![format!("no operation {} {}", request.method, request.path)])?;
        let mut wrong = operation.path_errors(&request.path);
        wrong.extend(operation.query_errors(&request.query));
        let basic = self.basic_below.iter();
        let scheme = if basic.clone().any(|path| request.path.starts_with(path)) {
            "Basic "
        } else {
            "Bearer "
        };
        wrong.extend(operation.header_errors(request, &self.common_headers, scheme));
        wrong.extend(operation.body_errors(request, self.repeated_names));
        if wrong.is_empty() {
            Ok(operation.name())
        } else {
            Err(wrong
                .into_iter()
                .map(|why| format!("{}: {why}", operation.name()))
                .collect())
        }
    }

    /// A path without placeholders takes precedence: `/search` is not an id.
    fn find(&self, request: &Recorded) -> Option<&Described> {
        let fits = self.operations.iter().filter(|operation| {
            operation.method == request.method
                && matches(&operation.template, &request.path).is_some()
        });
        fits.min_by_key(|operation| operation.template.matches('{').count())
    }
}

impl Described {
    fn new(
        method: &str,
        template: &str,
        item: &Value,
        operation: &Value,
        description: &Value,
    ) -> Result<Self, String> {
        let lists = [item.get("parameters"), operation.get("parameters")];
        let (mut path, mut headers) = (BTreeMap::new(), BTreeMap::new());
        let (mut fields, mut required) = (Map::new(), Vec::new());
        for parameter in lists
            .into_iter()
            .flatten()
            .filter_map(Value::as_array)
            .flatten()
        {
            let parameter = schema::inline(parameter, description, 40)?;
            let name = parameter["name"].as_str().unwrap_or_default().to_owned();
            let needed = parameter["required"] == true;
            let schema = schema::strict(&parameter["schema"], description)?;
            match parameter["in"].as_str() {
                Some("path") => drop(path.insert(name, schema)),
                Some("header") => drop(headers.insert(name.to_ascii_lowercase(), (needed, schema))),
                Some("query") => {
                    required.extend(needed.then(|| name.clone()));
                    fields.insert(name, schema);
                }
                other => return Err(format!("parameter {name} is in {other:?}")),
            }
        }
        let body = match operation.get("requestBody") {
            Some(body) => {
                let body = schema::inline(body, description, 40)?;
                let contents = body["content"]
                    .as_object()
                    .ok_or("a body without content")?;
                let (content_type, content) = contents.iter().next().ok_or("a body of no type")?;
                let schema = schema::strict(&content["schema"], description)?;
                let required = body["required"] == true || schema.get("required").is_some();
                Some(Body {
                    content_type: content_type.clone(),
                    schema,
                    required,
                })
            }
            None => None,
        };
        let query = json!({
            "type": "object", "properties": fields, "required": required, "unevaluatedProperties": false,
        });
        let (method, template) = (method.to_ascii_uppercase(), template.to_owned());
        Ok(Self {
            method,
            template,
            query,
            path,
            headers,
            body,
        })
    }

    fn name(&self) -> String {
        format!("{} {}", self.method, normal(&self.template))
    }

    fn path_errors(&self, path: &str) -> Vec<String> {
        let found = matches(&self.template, path).unwrap_or_default();
        let check = |(name, value): (String, String)| match self.path.get(&name) {
            Some(schema) => schema::errors(schema, &Value::String(value)),
            None => vec![format!("path parameter {name} is not described")],
        };
        found.into_iter().flat_map(check).collect()
    }

    fn query_errors(&self, query: &str) -> Vec<String> {
        match form::tree(query) {
            Ok(tree) => prefixed(
                "query",
                schema::errors(&self.query, &form::coerce(&tree, &self.query)),
            ),
            Err(why) => vec![format!("query: {why}")],
        }
    }

    fn header_errors(&self, request: &Recorded, common: &[&str], scheme: &str) -> Vec<String> {
        let mut wrong = Vec::new();
        let text = |name: &str| {
            request
                .headers
                .get(name)
                .and_then(|value| value.to_str().ok())
        };
        if !text("authorization").is_some_and(|value| value.starts_with(scheme)) {
            wrong.push(format!("header authorization: not {scheme}"));
        }
        for (name, (needed, schema)) in &self.headers {
            match text(name) {
                Some(value) => {
                    let errors = schema::errors(schema, &Value::String(value.to_owned()));
                    wrong.extend(prefixed(&format!("header {name}"), errors));
                }
                None if *needed => wrong.push(format!("header {name} is missing")),
                None => {}
            }
        }
        let known = |name: &str| {
            HTTP.contains(&name) || common.contains(&name) || self.headers.contains_key(name)
        };
        let unknown = request.headers.keys().filter(|name| !known(name.as_str()));
        wrong.extend(unknown.map(|name| format!("header {name} is not described")));
        wrong
    }

    fn body_errors(&self, request: &Recorded, repeated_names: bool) -> Vec<String> {
        let Some(body) = &self.body else {
            return if request.body.is_empty() {
                Vec::new()
            } else {
                vec!["a body where none is described".to_owned()]
            };
        };
        if request.body.is_empty() && !body.required {
            return Vec::new();
        }
        let content_type = request
            .headers
            .get("content-type")
            .and_then(|value| value.to_str().ok());
        if content_type != Some(&body.content_type) {
            return vec![format!(
                "content-type is {content_type:?}, not {}",
                body.content_type
            )];
        }
        match body.read(&request.body, repeated_names) {
            Ok(value) => prefixed("body", schema::errors(&body.schema, &value)),
            Err(why) => vec![format!("body: {why}")],
        }
    }
}

impl Body {
    fn read(&self, bytes: &[u8], repeated_names: bool) -> Result<Value, String> {
        if self.content_type == "application/json" {
            return serde_json::from_slice(bytes).map_err(|error| error.to_string());
        }
        let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
        let text = if repeated_names {
            form::bracketed(text, &self.schema)
        } else {
            text.to_owned()
        };
        Ok(form::coerce(&form::tree(&text)?, &self.schema))
    }
}

fn prefixed(place: &str, errors: Vec<String>) -> Vec<String> {
    errors
        .into_iter()
        .map(|error| format!("{place}{error}"))
        .collect()
}

/// The template with unnamed placeholders, because our name of an id and the vendor's may differ.
pub(crate) fn normal(template: &str) -> String {
    let segments = template.split('/');
    let unnamed = segments.map(|segment| {
        if segment.starts_with('{') {
            "{}"
        } else {
            segment
        }
    });
    unnamed.collect::<Vec<_>>().join("/")
}

/// The values of the placeholders, if the path matches the template.
fn matches(template: &str, path: &str) -> Option<Vec<(String, String)>> {
    let (names, values): (Vec<_>, Vec<_>) =
        (template.split('/').collect(), path.split('/').collect());
    if names.len() != values.len() {
        return None;
    }
    let mut found = Vec::new();
    for (name, value) in names.into_iter().zip(values) {
        // Text after a placeholder, such as `.json`, is part of the path.
        match name.strip_prefix('{').and_then(|name| name.split_once('}')) {
            Some((name, end)) => match value.strip_suffix(end) {
                Some(value) if !value.is_empty() => {
                    found.push((name.to_owned(), value.to_owned()));
                }
                _ => return None,
            },
            None if name == value => {}
            None => return None,
        }
    }
    Some(found)
}
