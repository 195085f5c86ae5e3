//! The configuration: which vendor serves which trait, read from TOML and the environment.

mod environment;
mod problem;
mod read;
mod route;
mod section;

use std::{collections::BTreeMap, path::Path};

use anyvendor_core::Error;
use anyvendor_http::Mode;
use serde::Deserialize;
use toml::Table;

pub(crate) use self::problem::nearest;
use self::read::read;
pub use self::{
    route::{Route, RoutesIn, Sticky},
    section::Section,
};

/// The whole configuration. Nothing is connected and no secret is read before [`connect`](crate::Vendors::connect).
///
/// ```
/// use anyvendor::{Config, Mode};
///
/// let text = r#"
///     mode = "sandbox"
///
///     [payment]
///     vendor = "stripe"
///     api_key = "env:STRIPE_SECRET_KEY"
/// "#;
/// // The environment overrides the file; `Config::load` takes the process's own.
/// let environment = [("ANYVENDOR_PAYMENT__BASE_URL", "http://127.0.0.1:4510")];
/// let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
///
/// let config = Config::from_toml_and(text, environment)?;
/// assert_eq!(config.mode, Mode::Sandbox);
/// let payment = config.payment.expect("the file has [payment]");
/// assert_eq!(payment.vendor, "stripe");
/// assert!(payment.has("base_url"));
///
/// // A mistake is reported with its place and a suggestion.
/// let error = Config::from_toml("mode = \"sandbox\"\n[paymnt]").unwrap_err();
/// assert!(error.to_string().contains("unknown setting `paymnt`; did you mean `payment`?"));
/// # Ok::<(), anyvendor::Error>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Config {
    /// Whether real money moves.
    pub mode: Mode,
    /// The vendor of payments.
    pub payment: Option<Section>,
    /// The vendor of emails.
    pub email: Option<Section>,
    /// The vendor of phone messages.
    pub messaging: Option<Section>,
    /// The vendor of verification codes.
    pub verification: Option<Section>,
    /// The vendor of object storage.
    pub storage: Option<Section>,
    /// The webhook endpoints, by name.
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
    /// Reads TOML text and ignores the environment.
    ///
    /// # Errors
    /// `Config`, naming the line and column of invalid TOML, or the field that is missing, unknown or of the wrong type. No
    /// value of the file is repeated: it may be a secret in the wrong place.
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        Self::from_toml_and(text, std::iter::empty())
    }

    /// Reads TOML text, overridden by variables: `ANYVENDOR_PAYMENT__BASE_URL` sets `base_url` in `[payment]`; two
    /// underscores go one table deeper. A value that looks like a number or a boolean is read as one.
    ///
    /// # Errors
    /// The errors of [`from_toml`](Self::from_toml).
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

    /// Reads a TOML file, overridden by this process's `ANYVENDOR_*` variables. Blocks while it reads the file: call it at the
    /// start of a program.
    ///
    /// # Errors
    /// `Config` if the file cannot be read, and the errors of [`from_toml`](Self::from_toml).
    pub fn load(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path).map_err(|error| {
            Error::config("config", format!("cannot read {}: {error}", path.display()))
        })?;
        Self::from_toml_and(&text, environment::variables())
    }
}

#[cfg(test)]
mod tests;
