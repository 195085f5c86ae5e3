//! Settings from environment variables, which override those of the file.

use std::{collections::BTreeMap, ffi::OsString};

use anyvendor_core::Error;
use toml::{Table, Value};

const PREFIX: &str = "ANYVENDOR_";

/// The variables that begin with our prefix.
///
/// # Errors
/// `Config` if one of them is not Unicode.
pub(super) fn variables(
    all: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<Vec<(String, String)>, Error> {
    all.into_iter()
        .filter(|(name, _)| name.as_encoded_bytes().starts_with(PREFIX.as_bytes()))
        .map(|(name, value)| {
            let shown = name.to_string_lossy().into_owned();
            let refuse = || Error::config("environment", format!("{shown}: must be Unicode"));
            let name = name.into_string().map_err(|_| refuse())?;
            Ok((name, value.into_string().map_err(|_| refuse())?))
        })
        .collect()
}

/// The variables that settings came from, by the path of the setting.
#[derive(Debug, Clone, Default)]
pub(super) struct Origins(BTreeMap<Vec<String>, String>);

impl Origins {
    /// The origins of the settings below a table, as paths from there.
    pub(super) fn below(&self, table: &[&str]) -> Self {
        let all = self.0.iter().filter_map(|(path, variable)| {
            let (head, rest) = path.split_at_checked(table.len())?;
            (head == table && !rest.is_empty()).then(|| (rest.to_vec(), variable.clone()))
        });
        Self(all.collect())
    }

    /// Takes over the origins of another table, which has precedence.
    pub(super) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The variable that this setting, or a part of it, came from.
    pub(super) fn variable(&self, path: &[String]) -> Option<&str> {
        let mut all = self.0.iter();
        let (_, variable) = all.find(|(own, _)| !path.is_empty() && is_related(own, path))?;
        Some(variable)
    }

    /// Reads what variables say about the setting at `path` as another type than text, each once; `message` is the error
    /// about the setting as text. Returns whether there was such a variable.
    pub(super) fn convert(&mut self, table: &mut Table, path: &[String], message: &str) -> bool {
        let mut converted = false;
        self.0.retain(|own, _| {
            let Some(value) = at(table, own) else {
                return false;
            };
            let Some(text) = value.as_str() else {
                return false;
            };
            // Without a path the message tells which text it is about.
            let is_meant = if path.is_empty() {
                message.contains(&format!("string {text:?}"))
            } else {
                is_related(own, path)
            };
            if is_meant && let Some(other) = typed(text) {
                *value = other;
                converted = true;
            }
            !is_meant
        });
        converted
    }
}

/// Whether one of the paths leads to the other.
fn is_related(one: &[String], other: &[String]) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

fn at<'t>(table: &'t mut Table, path: &[String]) -> Option<&'t mut Value> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(table.get_mut(first)?, |value, step| {
        value.as_table_mut()?.get_mut(step)
    })
}

/// The number, boolean, list or table that a text says.
fn typed(text: &str) -> Option<Value> {
    let mut read: Table = toml::from_str(&["value = ", text].concat()).ok()?;
    read.remove("value").filter(|value| !value.is_str())
}

/// Overrides the settings of the table by the variables, as text. Returns where each setting came from.
pub(super) fn overlay(
    table: &mut Table,
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<Origins, Error> {
    let refuse =
        |name: &str, remedy: &str| Err(Error::config("environment", format!("{name}: {remedy}")));
    let mut values = BTreeMap::new();
    let mut origins = Origins::default();
    for (name, value) in variables {
        let Some(path) = name.strip_prefix(PREFIX) else {
            continue;
        };
        // These tell the test suites where to find their material and are not settings.
        if matches!(path, "SPECS" | "VECTORS") {
            continue;
        }
        let path: Vec<String> = path.split("__").map(str::to_ascii_lowercase).collect();
        if path.iter().any(String::is_empty) {
            return refuse(&name, "names no setting; write ANYVENDOR_<TABLE>__<FIELD>");
        }
        if let Some(other) = origins.0.insert(path.clone(), name.clone()) {
            let remedy = format!("is the same setting as {other}; remove one");
            return refuse(&name, &remedy);
        }
        values.insert(path, value);
    }
    for (path, value) in values {
        let set = set(table, &path, value);
        if let (Err(remedy), Some(name)) = (set, origins.0.get(&path)) {
            return refuse(name, remedy);
        }
    }
    Ok(origins)
}

fn set(table: &mut Table, path: &[String], value: String) -> Result<(), &'static str> {
    match path {
        [] => Ok(()),
        [field] => {
            table.insert(field.clone(), Value::String(value));
            Ok(())
        }
        [first, rest @ ..] => {
            match table
                .entry(first.clone())
                .or_insert_with(|| Value::Table(Table::new()))
            {
                Value::Table(inner) => set(inner, rest, value),
                _ => Err("goes below a setting that is not a table"),
            }
        }
    }
}
