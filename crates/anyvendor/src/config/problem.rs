//! Turns the errors of the parsers into errors that name the field and the remedy, and never repeat a value.

use anyvendor_core::Error;

/// The error for invalid TOML, with its line and column.
pub(super) fn syntax(text: &str, error: &toml::de::Error) -> Error {
    let place = error
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
    let message = error.message().lines().next().unwrap_or("cannot be read");
    Error::config(
        "config",
        format!(
            "invalid TOML{}: {}",
            place.unwrap_or_default(),
            without_values(message)
        ),
    )
}

/// The error for a field.
pub(super) fn field(section: &str, path: &str, message: &str) -> Error {
    let message = message.lines().next().unwrap_or("cannot be read");
    let place = match (section, path) {
        ("", "." | "") => String::new(),
        ("", path) => format!("{path}: "),
        (section, "." | "") => format!("[{section}]: "),
        (section, path) => format!("[{section}] {path}: "),
    };
    if let Some((unknown, known)) = unknown_field(message) {
        let hint = match nearest(unknown, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known settings are {}", known.join(", ")),
        };
        return Error::config(
            "config",
            format!("{place}unknown setting `{unknown}`; {hint}"),
        );
    }
    Error::config("config", format!("{place}{}", without_values(message)))
}

/// The names in serde's "unknown field `a`, expected one of `b`, `c`".
fn unknown_field(message: &str) -> Option<(&str, Vec<&str>)> {
    let rest = message.strip_prefix("unknown field ")?;
    let mut names = rest.split('`').skip(1).step_by(2);
    Some((names.next()?, names.collect()))
}

/// The known word that is most similar, if it is similar enough to be the intended one.
pub(crate) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.chars().count() / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Removes the value that serde quotes, as in "invalid type: string \"...\", expected" or "unknown variant `...`, expected".
fn without_values(message: &str) -> String {
    let (mark, last) = if message.starts_with("unknown variant ") {
        ('`', message.rfind("`, expected"))
    } else {
        ('"', message.rfind('"'))
    };
    match (message.find(mark), last) {
        (Some(first), Some(last)) if first < last => {
            let before = message.get(..first).unwrap_or_default();
            let after = message.get(last + 1..).unwrap_or_default();
            format!("{before}(not shown){after}")
        }
        _ => message.to_owned(),
    }
}
