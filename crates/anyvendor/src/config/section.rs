//! One table of the configuration: the vendor of a trait, and the settings of its adapter.

use std::{collections::BTreeMap, fmt};

use anyvendor_core::{Error, values::SecretSource};
use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::{environment::Origins, problem::Place, read::read, route::Route};

/// The tables that may name several vendors.
const ROUTED: [&str; 3] = ["payment", "email", "messaging"];

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
    /// The variables that the settings came from.
    origins: Origins,
    /// Whether private addresses are allowed unless the settings say otherwise.
    allow_private_addresses: bool,
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
    pub(super) fn new(
        name: &'static str,
        mut settings: Table,
        origins: Origins,
    ) -> Result<Self, Error> {
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
            Some(tables) => {
                let place = Place {
                    table: name,
                    vendor: Some(&vendor),
                };
                let tables = [("vendors".to_owned(), tables)].into_iter().collect();
                let Tables { vendors } = read(&place, tables, &origins)?;
                vendors
            }
        };
        let route = Route::take(name, &vendor, &mut settings, &origins)?;
        if !ROUTED.contains(&name) && !route.others().is_empty() {
            let remedy = format!("[{name}] has one vendor; this table cannot be routed");
            return Err(Error::config("failover", remedy));
        }
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
            origins,
            allow_private_addresses: false,
        })
    }

    /// The table of an endpoint. Unless it names a vendor, the endpoint's name is the vendor's.
    /// `any_mode` belongs to the receiver, whatever the vendor.
    pub(super) fn of_endpoint(
        endpoint: String,
        mut settings: Table,
        origins: Origins,
    ) -> Result<Self, Error> {
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
            Some(value) => {
                let place = Place {
                    table: &format!("webhooks.{endpoint}"),
                    vendor: Some(&vendor),
                };
                let setting = [("any_mode".to_owned(), value)].into_iter().collect();
                let Receiving { any_mode } = read(&place, setting, &origins)?;
                any_mode
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
            origins,
            allow_private_addresses: false,
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
        let (mut settings, mut origins) = if vendor == self.vendor {
            (self.settings.clone(), self.origins.clone())
        } else {
            (Table::new(), Origins::default())
        };
        settings.extend(self.vendors.get(vendor).cloned().unwrap_or_default());
        origins.extend(self.origins.below(&["vendors", vendor]));
        Self {
            name: self.name,
            endpoint: self.endpoint.clone(),
            vendor: vendor.to_owned(),
            route: Route::default(),
            any_mode: self.any_mode,
            settings,
            vendors: BTreeMap::new(),
            origins,
            allow_private_addresses: self.allow_private_addresses,
        }
    }

    /// The vendors that have a table of their own, but take no part in the route.
    pub(crate) fn unused(&self) -> impl Iterator<Item = &str> {
        let others = self.route.others();
        let names = self.vendors.keys().map(String::as_str);
        names.filter(move |name| *name != self.vendor && !others.contains(name))
    }

    /// The settings that refer to a variable which is not set, each with the variable's name.
    pub(crate) fn unset_variables(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for (field, value) in &self.settings {
            find_unset(field, value, &mut found);
        }
        found
    }

    /// Reads the settings as an adapter's configuration.
    ///
    /// # Errors
    /// `Config`, naming the field; for an unknown field, with the nearest known one.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let name = self.table_name();
        let place = Place {
            table: &name,
            vendor: Some(&self.vendor),
        };
        if self.allow_private_addresses && !self.has(PRIVATE) {
            let mut settings = self.settings.clone();
            settings.insert(PRIVATE.to_owned(), Value::Boolean(true));
            // An adapter from outside need not know the setting.
            if let Ok(read) = read(&place, settings, &self.origins) {
                return Ok(read);
            }
        }
        read(&place, self.settings.clone(), &self.origins)
    }

    /// Whether the section contains this setting.
    #[must_use]
    pub fn has(&self, field: &str) -> bool {
        self.settings.contains_key(field)
    }

    /// The same section, with private addresses allowed if it contains an address: it may be that of an emulator.
    pub(crate) fn with_local_address(self) -> Self {
        let is_address =
            |field: &String| field.ends_with("base_url") || field.ends_with("endpoint");
        if self.settings.keys().any(is_address) {
            self.with_private_addresses()
        } else {
            self
        }
    }

    /// The same section, with private addresses allowed unless the settings say otherwise.
    pub(crate) fn with_private_addresses(mut self) -> Self {
        self.allow_private_addresses = true;
        self
    }
}

/// The setting that allows private addresses.
const PRIVATE: &str = "allow_private_addresses";

/// Looks for references to variables that are not set.
fn find_unset(field: &str, value: &Value, found: &mut Vec<(String, String)>) {
    match value {
        Value::String(text) => {
            if let Ok(SecretSource::Env(name)) = SecretSource::parse(text)
                && std::env::var_os(&name).is_none()
            {
                found.push((field.to_owned(), name));
            }
        }
        Value::Array(items) => items.iter().for_each(|item| find_unset(field, item, found)),
        Value::Table(table) => {
            for (inner, value) in table {
                find_unset(&[field, ".", inner].concat(), value, found);
            }
        }
        _ => {}
    }
}

#[derive(serde::Deserialize)]
struct Receiving {
    any_mode: bool,
}

#[derive(serde::Deserialize)]
struct Tables {
    vendors: BTreeMap<String, Table>,
}
