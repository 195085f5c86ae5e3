//! One table of the configuration: the vendor of a trait, and the settings of its adapter.

use std::{collections::BTreeMap, fmt};

use anyvendor_core::Error;
use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::{read::read, route::Route};

/// One table of the configuration: a vendor's name, the settings of its adapter, and the other vendors that it names.
///
/// The maker of an outside adapter reads its settings from it:
///
/// ```
/// use anyvendor::Config;
///
/// #[derive(Debug, serde::Deserialize)]
/// #[serde(deny_unknown_fields)]
/// struct AcmeConfig {
///     region: String,
///     #[serde(default)]
///     retries: u32,
/// }
///
/// let text = "mode = \"sandbox\"\n[email]\nvendor = \"acme\"\nregion = \"eu\"";
/// let section = Config::from_toml(text)?.email.expect("the file has [email]");
/// let config: AcmeConfig = section.read()?;
/// assert_eq!((config.region.as_str(), config.retries), ("eu", 0));
///
/// let section = Config::from_toml(&text.replace("region", "regoin"))?.email.expect("the file has [email]");
/// let error = section.read::<AcmeConfig>().unwrap_err();
/// assert!(error.to_string().contains("unknown setting `regoin`; did you mean `region`?"));
/// # Ok::<(), anyvendor::Error>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Section {
    /// The table's name, such as `payment`.
    pub name: &'static str,
    /// The name of the endpoint, in `[webhooks.<endpoint>]`.
    pub endpoint: Option<String>,
    /// The vendor's name.
    pub vendor: String,
    /// The other vendors of the table, and when they are used.
    pub route: Route,
    /// Whether events of the other mode are handed on too; only of an endpoint.
    pub any_mode: bool,
    settings: Table,
    vendors: BTreeMap<String, Table>,
}

// Settings are not printed: they may contain a literal secret by mistake.
impl fmt::Debug for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Section")
            .field("name", &self.name)
            .field("endpoint", &self.endpoint)
            .field("vendor", &self.vendor)
            .field("route", &self.route)
            .finish_non_exhaustive()
    }
}

impl Section {
    pub(super) fn new(name: &'static str, mut settings: Table) -> Result<Self, Error> {
        let vendor = match settings.remove("vendor") {
            Some(Value::String(vendor)) => vendor,
            Some(_) => {
                let remedy = format!("in [{name}] must be a string");
                return Err(Error::config("vendor", remedy));
            }
            None => {
                let remedy = format!("is missing in [{name}]; name one");
                return Err(Error::config("vendor", remedy));
            }
        };
        let vendors = match settings.remove("vendors") {
            None => BTreeMap::new(),
            Some(tables) => read(name, [("vendors".to_owned(), tables)].into_iter().collect())
                .map(|Tables { vendors }| vendors)?,
        };
        let route = Route::take(name, &vendor, &mut settings)?;
        for other in route.others() {
            if !vendors.contains_key(other) {
                let remedy =
                    format!("in [{name}]: {other} has no table; add [{name}.vendors.{other}]");
                return Err(Error::config("vendors", remedy));
            }
        }
        Ok(Self {
            name,
            endpoint: None,
            vendor,
            route,
            any_mode: false,
            settings,
            vendors,
        })
    }

    /// The table of an endpoint. Unless it names a vendor, the endpoint's name is the vendor's.
    /// `any_mode` belongs to the receiver, whatever the vendor.
    pub(super) fn of_endpoint(endpoint: String, mut settings: Table) -> Result<Self, Error> {
        let is_letter_or_digit = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let starts_well = endpoint.bytes().next().is_some_and(is_letter_or_digit);
        let is_allowed = |byte: u8| is_letter_or_digit(byte) || b"-_".contains(&byte);
        if !starts_well || endpoint.len() > 64 || !endpoint.bytes().all(is_allowed) {
            let remedy = "an endpoint's name is part of a URL: it must be 1 to 64 of a-z, 0-9, - and _, and start with a letter or digit";
            return Err(Error::config("webhooks", remedy));
        }
        let vendor = match settings.remove("vendor") {
            None => endpoint.clone(),
            Some(Value::String(vendor)) => vendor,
            Some(_) => {
                let remedy = format!("in [webhooks.{endpoint}] must be a string");
                return Err(Error::config("vendor", remedy));
            }
        };
        let any_mode = match settings.remove("any_mode") {
            None => false,
            Some(Value::Boolean(any_mode)) => any_mode,
            Some(_) => {
                let remedy = format!("in [webhooks.{endpoint}] must be true or false");
                return Err(Error::config("any_mode", remedy));
            }
        };
        Ok(Self {
            name: "webhooks",
            endpoint: Some(endpoint),
            vendor,
            route: Route::default(),
            any_mode,
            settings,
            vendors: BTreeMap::new(),
        })
    }

    /// The table's name in error messages, such as `payment` or `webhooks.acme`.
    pub(crate) fn table_name(&self) -> String {
        match &self.endpoint {
            Some(endpoint) => format!("{}.{endpoint}", self.name),
            None => self.name.to_owned(),
        }
    }

    /// The settings of one vendor: those of `[<table>.vendors.<vendor>]`, and for the vendor of the table also those in the
    /// table itself.
    pub(crate) fn of(&self, vendor: &str) -> Self {
        let mut settings = if vendor == self.vendor {
            self.settings.clone()
        } else {
            Table::new()
        };
        settings.extend(self.vendors.get(vendor).cloned().unwrap_or_default());
        Self {
            name: self.name,
            endpoint: self.endpoint.clone(),
            vendor: vendor.to_owned(),
            route: Route::default(),
            any_mode: self.any_mode,
            settings,
            vendors: BTreeMap::new(),
        }
    }

    /// Reads the settings as an adapter's configuration.
    ///
    /// # Errors
    /// `Config`, naming the field; for an unknown field, with the nearest known one.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Error> {
        read(&self.table_name(), self.settings.clone())
    }

    /// Whether the section contains this setting.
    #[must_use]
    pub fn has(&self, field: &str) -> bool {
        self.settings.contains_key(field)
    }

    /// The same section with a setting that the file does not contain.
    #[allow(
        dead_code,
        reason = "without any vendor's feature nothing is compiled in"
    )]
    pub(crate) fn with_default(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.settings.entry(field).or_insert(value.into());
        self
    }
}

#[derive(serde::Deserialize)]
struct Tables {
    vendors: BTreeMap<String, Table>,
}
