//! Reading of one table into a struct, with errors that name the field.

use anyvendor_core::Error;
use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::problem;

/// Reads a table. `section` is its name in error messages, empty for the whole file.
pub(super) fn read<T: DeserializeOwned>(section: &str, table: Table) -> Result<T, Error> {
    serde_path_to_error::deserialize(Value::Table(table)).map_err(|error| {
        problem::field(section, &error.path().to_string(), error.inner().message())
    })
}
