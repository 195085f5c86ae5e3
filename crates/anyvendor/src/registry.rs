//! Adapters by name: those compiled in, and those that an application brings.

use std::{collections::BTreeMap, fmt, sync::Arc};

use anyvendor_core::{
    Error, email::EmailProvider, payment::PaymentProvider, storage::StorageProvider,
};

use crate::config::{Mode, Section, nearest};

/// What an adapter is made from.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct VendorSettings {
    /// Whether real money moves. An adapter refuses credentials of the other mode.
    pub mode: Mode,
    /// The settings of its table; [`Section::read`] turns them into a struct.
    pub section: Section,
}

type Make<P> = Arc<dyn Fn(VendorSettings) -> Result<Arc<P>, Error> + Send + Sync>;

/// The adapters that a configuration may name. The default holds those compiled in.
#[derive(Clone)]
pub struct Registry {
    payment: Known<dyn PaymentProvider>,
    email: Known<dyn EmailProvider>,
    storage: Known<dyn StorageProvider>,
}

impl Registry {
    /// Registers an outside payment adapter under a vendor's name, over one of the same name.
    #[must_use]
    pub fn with_payment(
        mut self,
        vendor: &str,
        make: impl Fn(VendorSettings) -> Result<Arc<dyn PaymentProvider>, Error> + Send + Sync + 'static,
    ) -> Self {
        self.payment.0.insert(vendor.to_owned(), Arc::new(make));
        self
    }

    /// Registers an outside e-mail adapter.
    #[must_use]
    pub fn with_email(
        mut self,
        vendor: &str,
        make: impl Fn(VendorSettings) -> Result<Arc<dyn EmailProvider>, Error> + Send + Sync + 'static,
    ) -> Self {
        self.email.0.insert(vendor.to_owned(), Arc::new(make));
        self
    }

    /// Registers an outside storage adapter.
    #[must_use]
    pub fn with_storage(
        mut self,
        vendor: &str,
        make: impl Fn(VendorSettings) -> Result<Arc<dyn StorageProvider>, Error> + Send + Sync + 'static,
    ) -> Self {
        self.storage.0.insert(vendor.to_owned(), Arc::new(make));
        self
    }

    pub(crate) fn payment(
        &self,
        settings: VendorSettings,
    ) -> Result<Arc<dyn PaymentProvider>, Error> {
        self.payment.make(settings)
    }

    pub(crate) fn email(&self, settings: VendorSettings) -> Result<Arc<dyn EmailProvider>, Error> {
        self.email.make(settings)
    }

    pub(crate) fn storage(
        &self,
        settings: VendorSettings,
    ) -> Result<Arc<dyn StorageProvider>, Error> {
        self.storage.make(settings)
    }
}

impl Default for Registry {
    fn default() -> Self {
        let registry = Self {
            payment: Known::default(),
            email: Known::default(),
            storage: Known::default(),
        };
        #[cfg(feature = "stripe")]
        let registry = registry.with_payment("stripe", built_in::stripe);
        #[cfg(feature = "sendgrid")]
        let registry = registry.with_email("sendgrid", built_in::sendgrid);
        #[cfg(feature = "s3")]
        let registry = registry.with_storage("s3", built_in::s3);
        registry
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry")
            .field("payment", &self.payment.0.keys())
            .field("email", &self.email.0.keys())
            .field("storage", &self.storage.0.keys())
            .finish()
    }
}

/// Vendors that anyvendor has an adapter for, by table and feature.
const FEATURES: [(&str, &str); 3] = [
    ("payment", "stripe"),
    ("email", "sendgrid"),
    ("storage", "s3"),
];

/// The adapters of one trait.
struct Known<P: ?Sized>(BTreeMap<String, Make<P>>);

impl<P: ?Sized> Known<P> {
    fn make(&self, settings: VendorSettings) -> Result<Arc<P>, Error> {
        let (table, vendor) = (settings.section.name, settings.section.vendor.as_str());
        if let Some(make) = self.0.get(vendor) {
            return make(settings);
        }
        if FEATURES.contains(&(table, vendor)) {
            let remedy = format!(
                "in [{table}]: {vendor} is not compiled in; switch on the feature \"{vendor}\""
            );
            return Err(Error::config("vendor", remedy));
        }
        let known = match self
            .0
            .keys()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(", ")
        {
            none if none.is_empty() => "none".to_owned(),
            known => known,
        };
        let hint = nearest(vendor, self.0.keys().map(String::as_str))
            .map(|near| format!("; did you mean {near}?"))
            .unwrap_or_default();
        let remedy = format!(
            "in [{table}]: {vendor} is not known; compiled in or registered: {known}{hint}"
        );
        Err(Error::config("vendor", remedy))
    }
}

impl<P: ?Sized> Clone for Known<P> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<P: ?Sized> Default for Known<P> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

#[cfg(any(feature = "stripe", feature = "sendgrid", feature = "s3"))]
mod built_in {
    //! How each adapter is made from its settings.

    use std::sync::Arc;

    use super::VendorSettings;
    use crate::{Error, config::Mode};

    /// In sandbox mode the vendor may be a double on this machine; in live mode that must be said in so many words.
    fn read<T: serde::de::DeserializeOwned>(
        settings: VendorSettings,
        address: &str,
    ) -> Result<T, Error> {
        let VendorSettings { mode, section } = settings;
        if mode == Mode::Sandbox && section.has(address) {
            return section.with_default("allow_private_addresses", true).read();
        }
        section.read()
    }

    #[cfg(feature = "stripe")]
    pub(super) fn stripe(
        settings: VendorSettings,
    ) -> Result<Arc<dyn anyvendor_core::payment::PaymentProvider>, Error> {
        use anyvendor_adapter_stripe::{KeyMode, Stripe};

        let mode = settings.mode;
        let stripe = Stripe::new(read(settings, "base_url")?)?;
        match (mode, stripe.mode()) {
            (Mode::Sandbox, KeyMode::Test) | (Mode::Live, KeyMode::Live) => Ok(Arc::new(stripe)),
            (Mode::Sandbox, KeyMode::Live) => Err(Error::config(
                "api_key",
                "in [payment]: a live key while mode is sandbox; use the test key, or set mode = \"live\"",
            )),
            (Mode::Live, KeyMode::Test) => Err(Error::config(
                "api_key",
                "in [payment]: a test key while mode is live; use the live key, or set mode = \"sandbox\"",
            )),
        }
    }

    #[cfg(feature = "sendgrid")]
    pub(super) fn sendgrid(
        settings: VendorSettings,
    ) -> Result<Arc<dyn anyvendor_core::email::EmailProvider>, Error> {
        use anyvendor_adapter_sendgrid::SendGrid;

        Ok(Arc::new(SendGrid::new(read(settings, "base_url")?)?))
    }

    #[cfg(feature = "s3")]
    pub(super) fn s3(
        settings: VendorSettings,
    ) -> Result<Arc<dyn anyvendor_core::storage::StorageProvider>, Error> {
        use anyvendor_adapter_s3::S3;

        Ok(Arc::new(S3::new(read(settings, "endpoint")?)?))
    }
}
