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
            vendor,
            route,
            settings,
            vendors,
        })
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
        read(self.name, self.settings.clone())
    }

    /// Whether a setting is there.
    #[must_use]
    pub fn has(&self, field: &str) -> bool {
        self.settings.contains_key(field)
    }

    /// The same section with a setting that the file left open.
    #[cfg(any(
        feature = "paypal",
        feature = "s3",
        feature = "sendgrid",
        feature = "stripe",
        feature = "twilio"
    ))]
    pub(crate) fn with_default(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.settings.entry(field).or_insert(value.into());
        self
    }
}

#[derive(serde::Deserialize)]
struct Tables {
    vendors: BTreeMap<String, Table>,
}
