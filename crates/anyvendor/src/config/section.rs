//! One table of the configuration: who answers for a trait, and the settings that the adapters know.

use std::{collections::BTreeMap, fmt};

use anyvendor_core::Error;
use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::{read, route::Route};

/// One table of the configuration: a vendor's name, the settings that its adapter knows, and whoever else may answer.
#[derive(Clone)]
#[non_exhaustive]
pub struct Section {
    /// The table's name, such as `payment`.
    pub name: &'static str,
    /// The name of the endpoint, in `[webhooks.<endpoint>]`.
    pub endpoint: Option<String>,
    /// The vendor's name.
    pub vendor: String,
    /// Who else may answer, and when.
    pub route: Route,
    settings: Table,
    vendors: BTreeMap<String, Table>,
}

// Settings are not printed: a literal secret may stand in them by mistake.
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
                let remedy = format!("in [{name}] must be a text");
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
            settings,
            vendors,
        })
    }

    /// The table of an endpoint: its vendor is the one it is called after, unless it names another.
    pub(super) fn of_endpoint(endpoint: String, mut settings: Table) -> Result<Self, Error> {
        let starts = endpoint.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
        let of =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
        if !starts || endpoint.len() > 64 || !endpoint.bytes().all(of) {
            let remedy = "an endpoint's name must be 1 to 64 of a-z, 0-9, - and _, a letter or digit first: it stands in an address";
            return Err(Error::config("webhooks", remedy));
        }
        let vendor = match settings.remove("vendor") {
            None => endpoint.clone(),
            Some(Value::String(vendor)) => vendor,
            Some(_) => {
                let remedy = format!("in [webhooks.{endpoint}] must be a text");
                return Err(Error::config("vendor", remedy));
            }
        };
        Ok(Self {
            name: "webhooks",
            endpoint: Some(endpoint),
            vendor,
            route: Route::default(),
            settings,
            vendors: BTreeMap::new(),
        })
    }

    /// As error messages name it, such as `payment` or `webhooks.acme`.
    pub(crate) fn place(&self) -> String {
        match &self.endpoint {
            Some(endpoint) => format!("{}.{endpoint}", self.name),
            None => self.name.to_owned(),
        }
    }

    /// The settings of the vendor named, alone: those of `[<table>.vendors.<vendor>]`, over those that stand in the
    /// table itself if it is the vendor of the table.
    pub(crate) fn of(&self, vendor: &str) -> Self {
        let mut settings = match vendor == self.vendor {
            true => self.settings.clone(),
            false => Table::new(),
        };
        settings.extend(self.vendors.get(vendor).cloned().unwrap_or_default());
        Self {
            name: self.name,
            endpoint: self.endpoint.clone(),
            vendor: vendor.to_owned(),
            route: Route::default(),
            settings,
            vendors: BTreeMap::new(),
        }
    }

    /// Reads the settings as an adapter's configuration.
    ///
    /// # Errors
    /// `Config`, naming the field; an unknown one with the nearest known.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Error> {
        read(&self.place(), self.settings.clone())
    }

    /// Whether a setting is there.
    #[must_use]
    pub fn has(&self, field: &str) -> bool {
        self.settings.contains_key(field)
    }

    /// The same section with a setting that the file left open.
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
