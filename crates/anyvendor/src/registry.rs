//! Adapters by name: those compiled in, and those that an application brings.

use std::{collections::BTreeMap, fmt, sync::Arc};

use anyvendor_core::{
    Error,
    email::EmailProvider,
    messaging::{MessagingProvider, VerificationProvider},
    payment::PaymentProvider,
    resilience::Observer,
    storage::StorageProvider,
    webhook::WebhookVerifier,
};
use anyvendor_http::{Connect, ConnectionBuilder, CredentialMode, Mode};
use serde::de::DeserializeOwned;

use crate::{
    config::{Section, nearest},
    vendors::for_each_vendor,
};

/// What an adapter is made from.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct VendorSettings {
    /// Whether real money moves. An adapter refuses credentials of the other mode.
    pub mode: Mode,
    /// The settings of its table; [`Section::read`] turns them into a struct.
    pub section: Section,
    /// Who is told of attempts and calls.
    pub observer: Option<Arc<dyn Observer>>,
}

type Make<P> = Arc<dyn Fn(VendorSettings) -> Result<Arc<P>, Error> + Send + Sync>;

/// The adapters that a configuration may name. The default holds those compiled in.
#[derive(Clone)]
pub struct Registry {
    pub(crate) payment: Known<dyn PaymentProvider>,
    pub(crate) email: Known<dyn EmailProvider>,
    pub(crate) messaging: Known<dyn MessagingProvider>,
    pub(crate) verification: Known<dyn VerificationProvider>,
    pub(crate) storage: Known<dyn StorageProvider>,
    pub(crate) webhooks: Known<dyn WebhookVerifier>,
}

/// One method per trait to register an outside adapter.
macro_rules! with_adapter {
    ($($(#[$doc:meta])+ $with:ident($known:ident: $provider:ty);)+) => {
        $(
            $(#[$doc])+
            #[must_use]
            pub fn $with(
                mut self,
                vendor: &str,
                make: impl Fn(VendorSettings) -> Result<Arc<$provider>, Error> + Send + Sync + 'static,
            ) -> Self {
                self.$known.add(vendor, make);
                self
            }
        )+
    };
}

impl Registry {
    with_adapter! {
        /// Registers an outside payment adapter under a vendor's name, over one of the same name.
        with_payment(payment: dyn PaymentProvider);
        /// Registers an outside e-mail adapter.
        with_email(email: dyn EmailProvider);
        /// Registers an outside messaging adapter.
        with_messaging(messaging: dyn MessagingProvider);
        /// Registers an outside adapter for codes.
        with_verification(verification: dyn VerificationProvider);
        /// Registers an outside storage adapter.
        with_storage(storage: dyn StorageProvider);
        /// Registers an outside adapter for webhooks.
        with_webhooks(webhooks: dyn WebhookVerifier);
    }
}

/// The default registry, and the list of all adapters, from the table of vendors.
macro_rules! register {
    ($($feature:literal $name:ident $adapter:ident { $($table:ident: $provider:ident),+ })+) => {
        impl Default for Registry {
            fn default() -> Self {
                let registry = Self::empty();
                $(
                    #[cfg(feature = $feature)]
                    let registry = {
                        let mut registry = registry;
                        $(registry.$table.add($feature, |settings| {
                            Ok(Arc::new(connect::<$adapter::$provider>(settings)?))
                        });)+
                        registry
                    };
                )+
                registry
            }
        }

        /// The adapters that anyvendor has, compiled in or not: the table they serve and their feature.
        const ADAPTERS: &[(&str, &str)] = &[$($((stringify!($table), $feature)),+),+];
    };
}

for_each_vendor!(register);

impl Registry {
    /// A registry without any adapter, not even those compiled in.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            payment: Known::default(),
            email: Known::default(),
            messaging: Known::default(),
            verification: Known::default(),
            storage: Known::default(),
            webhooks: Known::default(),
        }
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry")
            .field("payment", &self.payment.0.keys())
            .field("email", &self.email.0.keys())
            .field("messaging", &self.messaging.0.keys())
            .field("verification", &self.verification.0.keys())
            .field("storage", &self.storage.0.keys())
            .field("webhooks", &self.webhooks.0.keys())
            .finish()
    }
}

/// The adapters of one trait.
pub(crate) struct Known<P: ?Sized>(BTreeMap<String, Make<P>>);

impl<P: ?Sized> Known<P> {
    fn add(
        &mut self,
        vendor: &str,
        make: impl Fn(VendorSettings) -> Result<Arc<P>, Error> + Send + Sync + 'static,
    ) {
        self.0.insert(vendor.to_owned(), Arc::new(make));
    }

    pub(crate) fn make(&self, settings: VendorSettings) -> Result<Arc<P>, Error> {
        let (name, vendor) = (settings.section.name, settings.section.vendor.as_str());
        if let Some(make) = self.0.get(vendor) {
            return make(settings);
        }
        let table = settings.section.place();
        if ADAPTERS.contains(&(name, vendor)) {
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

/// Connects a vendor that is compiled in.
///
/// In sandbox mode an address in the settings may be an emulator on this machine; in live mode that has to be allowed
/// explicitly. Credentials of the other mode are rejected.
#[allow(
    dead_code,
    reason = "without any vendor's feature nothing is compiled in"
)]
fn connect<C: Connect>(settings: VendorSettings) -> Result<C, Error>
where
    C::Config: DeserializeOwned,
{
    let VendorSettings {
        mode,
        section,
        observer,
    } = settings;
    let place = section.place();
    let in_place =
        |error: &Error, field| Error::config(field, format!("in [{place}]: {}", error.message()));
    let section = if mode == Mode::Sandbox && section.has(C::ADDRESS) {
        section.with_default("allow_private_addresses", true)
    } else {
        section
    };
    let mut config: C::Config = section.read()?;
    C::apply_mode(&mut config, mode)
        .map_err(|error| in_place(&error, error.field().unwrap_or("mode")))?;
    let builder = ConnectionBuilder::<C>::new(config);
    let builder = match observer {
        Some(observer) => builder.observer(observer),
        None => builder,
    };
    let connection = builder.build()?;
    if let Some(CredentialMode { setting, mode: own }) = connection.credential_mode()
        && own != mode
    {
        let remedy = match own {
            Mode::Live => {
                "a live key while mode is sandbox; use the test key, or set mode = \"live\""
            }
            Mode::Sandbox => {
                "a test key while mode is live; use the live key, or set mode = \"sandbox\""
            }
        };
        return Err(Error::config(setting, format!("in [{place}]: {remedy}")));
    }
    Ok(connection)
}
