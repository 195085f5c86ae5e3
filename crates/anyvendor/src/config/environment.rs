//! Settings from environment variables, which override those of the file.

use anyvendor_core::Error;
use toml::{Table, Value};

const PREFIX: &str = "ANYVENDOR_";

/// The variables of this process whose name and value are Unicode.
pub(super) fn variables() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// Overrides the settings of the table by the variables.
pub(super) fn overlay(
    table: &mut Table,
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<(), Error> {
    for (name, value) in variables {
        let Some(path) = name.strip_prefix(PREFIX) else {
            continue;
        };
        // These tell the test suites where to find their material and are not settings.
        if matches!(path, "SPECS" | "VECTORS") {
            continue;
        }
        let path: Vec<String> = path.split("__").map(str::to_ascii_lowercase).collect();
        set(table, &path, value)
            .map_err(|remedy| Error::config("environment", format!("{name}: {remedy}")))?;
    }
    Ok(())
}

fn set(table: &mut Table, path: &[String], value: String) -> Result<(), &'static str> {
    match path {
        [] => Ok(()),
        [field] if field.is_empty() => Err("names no setting; write ANYVENDOR_<TABLE>__<FIELD>"),
        [field] => {
            table.insert(field.clone(), scalar(value));
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

/// A value that looks like a number or a boolean is one; any other value is a string.
fn scalar(value: String) -> Value {
    if let Ok(number) = value.parse::<i64>() {
        return Value::Integer(number);
    }
    match value.as_str() {
        "true" => Value::Boolean(true),
        "false" => Value::Boolean(false),
        _ => Value::String(value),
    }
}
