//! The configuration: which vendor answers for which trait, read from TOML and the environment.

mod environment;
mod problem;
mod route;
mod section;

use std::{collections::BTreeMap, path::Path};

use anyvendor_core::Error;
use anyvendor_http::Mode;
use serde::{Deserialize, de::DeserializeOwned};
use toml::{Table, Value};

pub(crate) use self::problem::nearest;
pub use self::{
    route::{Route, Sticky},
    section::Section,
};

/// The whole configuration. Nothing is connected and no secret is read before [`connect`](crate::Vendors::connect).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Config {
    /// Whether real money moves.
    pub mode: Mode,
    /// Who takes payments.
    pub payment: Option<Section>,
    /// Who sends mail.
    pub email: Option<Section>,
    /// Who sends messages to phones.
    pub messaging: Option<Section>,
    /// Who sends and checks codes.
    pub verification: Option<Section>,
    /// Who keeps objects.
    pub storage: Option<Section>,
    /// Who may post to us, by the endpoint's name.
    pub webhooks: BTreeMap<String, Section>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    mode: Mode,
    payment: Option<Table>,
    email: Option<Table>,
    messaging: Option<Table>,
    verification: Option<Table>,
    storage: Option<Table>,
    #[serde(default)]
    webhooks: BTreeMap<String, Table>,
}

impl Config {
    /// Reads TOML text without looking at the environment.
    ///
    /// # Errors
    /// `Config`, naming the line and column of what is no TOML, or the field that is missing, unknown or of a wrong
    /// type. No value of the file is repeated: it may be a secret in a wrong place.
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        Self::from_toml_and(text, std::iter::empty())
    }

    /// Reads TOML text, overridden by variables: `ANYVENDOR_PAYMENT__BASE_URL` sets `base_url` in `[payment]`, two
    /// underscores go one table deeper. Numbers and booleans are read as such where they look so.
    ///
    /// # Errors
    /// Those of [`from_toml`](Self::from_toml).
    pub fn from_toml_and(
        text: &str,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Error> {
        let mut table: Table =
            toml::from_str(text).map_err(|error| problem::syntax(text, &error))?;
        environment::overlay(&mut table, variables)?;
        let raw: Raw = read("", table)?;
        let section =
            |name, table: Option<Table>| table.map(|table| Section::new(name, table)).transpose();
        Ok(Self {
            mode: raw.mode,
            payment: section("payment", raw.payment)?,
            email: section("email", raw.email)?,
            messaging: section("messaging", raw.messaging)?,
            verification: section("verification", raw.verification)?,
            storage: section("storage", raw.storage)?,
            webhooks: raw
                .webhooks
                .into_iter()
                .map(|(name, table)| Ok((name.clone(), Section::of_endpoint(name, table)?)))
                .collect::<Result<_, Error>>()?,
        })
    }

    /// Reads a TOML file, overridden by this process's `ANYVENDOR_*` variables. Reads the file at once: call it at the
    /// start of a program.
    ///
    /// # Errors
    /// `Config` when the file cannot be read, and those of [`from_toml`](Self::from_toml).
    pub fn load(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path).map_err(|error| {
            Error::config("config", format!("cannot read {}: {error}", path.display()))
        })?;
        Self::from_toml_and(&text, environment::variables())
    }
}

fn read<T: DeserializeOwned>(section: &str, table: Table) -> Result<T, Error> {
    serde_path_to_error::deserialize(Value::Table(table)).map_err(|error| {
        problem::field(section, &error.path().to_string(), error.inner().message())
    })
}

#[cfg(test)]
mod tests;
