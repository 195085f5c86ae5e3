//! Configuration in, providers out.

use std::sync::Arc;

use anyvendor_core::{
    Error, email::EmailProvider, payment::PaymentProvider, storage::StorageProvider,
};

use crate::{
    config::{Config, Mode, Section},
    registry::{Registry, VendorSettings},
};

/// The providers that a configuration names. Cheap to clone; hold one per application.
#[derive(Debug, Clone)]
pub struct Vendors {
    mode: Mode,
    payment: Option<Arc<dyn PaymentProvider>>,
    email: Option<Arc<dyn EmailProvider>>,
    storage: Option<Arc<dyn StorageProvider>>,
}

impl Vendors {
    /// Makes a provider for every table, from the adapters compiled in. Reads the secrets; sends nothing.
    ///
    /// # Errors
    /// `Config`: an unknown vendor (those known are listed), one whose feature is off (named), a setting that is
    /// missing or wrong, a secret that is not there (its variable or file is named), a key of the other mode.
    pub fn connect(config: &Config) -> Result<Self, Error> {
        Self::connect_with(config, &Registry::default())
    }

    /// Makes a provider for every table, from the adapters of `registry`.
    ///
    /// # Errors
    /// Those of [`connect`](Self::connect), and whatever an outside adapter refuses.
    pub fn connect_with(config: &Config, registry: &Registry) -> Result<Self, Error> {
        let mode = config.mode;
        let settings = |section: &Option<Section>| {
            section
                .clone()
                .map(|section| VendorSettings { mode, section })
        };
        Ok(Self {
            mode,
            payment: settings(&config.payment)
                .map(|given| registry.payment(given))
                .transpose()?,
            email: settings(&config.email)
                .map(|given| registry.email(given))
                .transpose()?,
            storage: settings(&config.storage)
                .map(|given| registry.storage(given))
                .transpose()?,
        })
    }

    /// Whether real money moves.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Who takes payments.
    ///
    /// # Errors
    /// `Config` when the configuration has no `[payment]`.
    pub fn payment(&self) -> Result<Arc<dyn PaymentProvider>, Error> {
        self.payment.clone().ok_or_else(|| missing("payment"))
    }

    /// Who sends mail.
    ///
    /// # Errors
    /// `Config` when the configuration has no `[email]`.
    pub fn email(&self) -> Result<Arc<dyn EmailProvider>, Error> {
        self.email.clone().ok_or_else(|| missing("email"))
    }

    /// Who keeps objects.
    ///
    /// # Errors
    /// `Config` when the configuration has no `[storage]`.
    pub fn storage(&self) -> Result<Arc<dyn StorageProvider>, Error> {
        self.storage.clone().ok_or_else(|| missing("storage"))
    }
}

fn missing(table: &'static str) -> Error {
    Error::config(
        table,
        format!("the configuration has no [{table}]; add one with a vendor"),
    )
}
