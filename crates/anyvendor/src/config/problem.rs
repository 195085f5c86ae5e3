//! Turns the errors of the parsers into errors that name the field and the remedy, and never repeat a value.

use std::fmt;

use anyvendor_core::{Error, Kind};

/// The table that is read.
pub(super) struct Place<'a> {
    /// Its name, such as `payment`; empty for the whole file.
    pub(super) table: &'a str,
    /// The vendor that it names.
    pub(super) vendor: Option<&'a str>,
}

impl Place<'_> {
    /// The whole file.
    pub(super) const FILE: Self = Self {
        table: "",
        vendor: None,
    };
}

/// An error about the configuration. The message says where, because a setting's name alone does not.
pub(crate) fn error(message: impl fmt::Display) -> Error {
    Error::unsent(Kind::Config, message.to_string())
}

/// The same error with the place in front, unless the message names it already.
pub(crate) fn placed(place: &str, cause: Error) -> Error {
    if cause.kind() != &Kind::Config || cause.message().contains(place) {
        return cause;
    }
    let placed = error(format_args!("{place} {}", cause.message()));
    match cause.field() {
        Some(field) => placed.with_field(field),
        None => placed,
    }
}

/// The error for invalid TOML, with its line and column.
pub(super) fn syntax(text: &str, problem: &toml::de::Error) -> Error {
    let place = problem
        .span()
        .and_then(|span| text.get(..span.start))
        .map(|before| {
            let line = before.matches('\n').count() + 1;
            let column = before
                .rsplit('\n')
                .next()
                .map_or(0, |last| last.chars().count())
                + 1;
            format!(" at line {line} column {column}")
        });
    // Only the first line: the others quote the text, which may contain a secret.
    let message = problem.message().lines().next();
    let message = without_values(message.unwrap_or("cannot be read"));
    error(format_args!(
        "invalid TOML{}: {message}",
        place.unwrap_or_default()
    ))
}

/// The error for a field, and for the variable that it came from.
pub(super) fn field(place: &Place<'_>, path: &str, message: &str, variable: Option<&str>) -> Error {
    let message = message.lines().next().unwrap_or("cannot be read");
    let table = place.table;
    let start = match (table, path) {
        ("", "." | "") => String::new(),
        ("", path) => format!("{path}: "),
        (table, "." | "") => format!("[{table}]: "),
        (table, path) => format!("[{table}] {path}: "),
    };
    let end = variable.map_or_else(String::new, |name| format!("; it is set by {name}"));
    let text = if let Some((unknown, known)) = unknown_field(message) {
        let hint = hint(place, unknown, &known, variable);
        format!("unknown setting `{unknown}`; {hint}")
    } else if let Some(missing) = quoted(message, "missing field ") {
        let remedy = remedy(place, missing);
        format!("missing field `{missing}`; {remedy}")
    } else {
        without_values(message)
    };
    error(format_args!("{start}{text}{end}"))
}

/// What to do about an unknown setting.
fn hint(place: &Place<'_>, unknown: &str, known: &[&str], variable: Option<&str>) -> String {
    let below = known.iter().find(|table| {
        let rest = unknown.strip_prefix(**table);
        place.table.is_empty() && rest.is_some_and(|rest| rest.starts_with('_'))
    });
    if let (Some(table), Some(_)) = (below, variable) {
        let rest = unknown.get(table.len() + 1..).unwrap_or_default();
        let name = format!("{table}__{rest}").to_ascii_uppercase();
        return format!("two underscores go one table deeper: write ANYVENDOR_{name}");
    }
    match nearest(unknown, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known settings are {}", known.join(", ")),
    }
}

/// What to write for a missing field.
fn remedy(place: &Place<'_>, missing: &str) -> String {
    const SECRETS: [&str; 4] = ["key", "secret", "token", "password"];
    let is_secret = SECRETS.iter().any(|word| missing.ends_with(word));
    match (place.vendor, missing) {
        (None, "mode") => "write mode = \"sandbox\" or mode = \"live\"".to_owned(),
        (Some(vendor), _) if is_secret => {
            let variable = format!("{vendor}_{missing}").to_ascii_uppercase();
            let variable = variable.replace(|letter: char| !letter.is_ascii_alphanumeric(), "_");
            format!("write {missing} = \"env:{variable}\" and set that variable")
        }
        _ => "set it".to_owned(),
    }
}

/// The names in serde's "unknown field `a`, expected one of `b`, `c`".
fn unknown_field(message: &str) -> Option<(&str, Vec<&str>)> {
    let rest = message.strip_prefix("unknown field ")?;
    let mut names = rest.split('`').skip(1).step_by(2);
    Some((names.next()?, names.collect()))
}

/// The name in backticks after these words.
fn quoted<'m>(message: &'m str, words: &str) -> Option<&'m str> {
    message.strip_prefix(words)?.split('`').nth(1)
}

/// The known word that is most similar, if it is similar enough to be the intended one.
pub(crate) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.chars().count() / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Removes the value that serde quotes, as in "invalid type: string \"...\", expected a number", "invalid value: integer `1`,
/// expected .." or "unknown variant `...`, expected ..".
fn without_values(message: &str) -> String {
    const MISMATCHES: [&str; 3] = ["invalid type: ", "invalid value: ", "unknown variant "];
    let is_mismatch = MISMATCHES.iter().any(|start| message.starts_with(start));
    let end = if is_mismatch {
        message.rfind(", expected").unwrap_or(message.len())
    } else {
        message.rfind('"').map_or(message.len(), |last| last + 1)
    };
    let marks: &[char] = if is_mismatch { &['"', '`'] } else { &['"'] };
    match message.find(marks) {
        Some(first) if first < end => {
            let before = message.get(..first).unwrap_or_default();
            let after = message.get(end..).unwrap_or_default();
            format!("{before}(not shown){after}")
        }
        _ => message.to_owned(),
    }
}
