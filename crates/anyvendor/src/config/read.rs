//! Reading of one table into a struct, with errors that name the field.

use anyvendor_core::Error;
use serde::de::DeserializeOwned;
use serde_path_to_error::{Path, Segment};
use toml::{Table, Value};

use super::{environment::Origins, problem, problem::Place};

/// Reads a table. Variables are text; a setting of another type takes the number, boolean, list or table that the text says.
pub(super) fn read<T: DeserializeOwned>(
    place: &Place<'_>,
    mut table: Table,
    origins: &Origins,
) -> Result<T, Error> {
    let mut texts = origins.clone();
    loop {
        let error = match serde_path_to_error::deserialize(Value::Table(table.clone())) {
            Ok(read) => return Ok(read),
            Err(error) => error,
        };
        let message = error.inner().message();
        let path = keys(error.path());
        if !texts.convert(&mut table, &path, message) {
            let shown = error.path().to_string();
            return Err(problem::field(
                place,
                &shown,
                message,
                origins.variable(&path),
            ));
        }
    }
}

/// The names on the way to a setting, up to the first list.
fn keys(path: &Path) -> Vec<String> {
    let names = path.iter().map_while(|segment| match segment {
        Segment::Map { key } => Some(key.clone()),
        _ => None,
    });
    names.collect()
}
