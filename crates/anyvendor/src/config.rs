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

use self::problem::Place;
pub(crate) use self::problem::{error, nearest, placed};
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
    /// underscores go one table deeper. A value is text; where the setting is of another type, it is read as TOML, such as
    /// `3`, `true` or `["paypal"]`.
    ///
    /// # Errors
    /// The errors of [`from_toml`](Self::from_toml), naming the variable; and `Config` for two variables with the same setting.
    pub fn from_toml_and(
        text: &str,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Error> {
        let mut table: Table =
            toml::from_str(text).map_err(|error| problem::syntax(text, &error))?;
        let origins = environment::overlay(&mut table, variables)?;
        let raw: Raw = read(&Place::FILE, table, &origins)?;
        let section = |name, table: Option<Table>| {
            let section = |table| Section::new(name, table, origins.below(&[name]));
            table.map(section).transpose()
        };
        let endpoint = |(name, table): (String, Table)| {
            let origins = origins.below(&["webhooks", &name]);
            let section = Section::of_endpoint(name.clone(), table, origins)?;
            Ok((name, section))
        };
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
                .map(endpoint)
                .collect::<Result<_, Error>>()?,
        })
    }

    /// The tables of the configuration, and the endpoints.
    pub(crate) fn sections(&self) -> impl Iterator<Item = &Section> {
        let tables = [
            &self.payment,
            &self.email,
            &self.messaging,
            &self.verification,
            &self.storage,
        ];
        let tables = tables.into_iter().filter_map(Option::as_ref);
        tables.chain(self.webhooks.values())
    }

    /// Reads a TOML file, overridden by this process's `ANYVENDOR_*` variables. Blocks while it reads the file: call it at the
    /// start of a program.
    ///
    /// # Errors
    /// `Config`, naming the file: if it cannot be read, if a variable is not Unicode, and the errors of
    /// [`from_toml_and`](Self::from_toml_and).
    pub fn load(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let file = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|problem| error(format_args!("cannot read {file}: {problem}")))?;
        let variables = environment::variables(std::env::vars_os())?;
        Self::from_toml_and(&text, variables)
            .map_err(|problem| placed(&[&file, ":"].concat(), problem))
    }
}

#[cfg(test)]
mod tests;
