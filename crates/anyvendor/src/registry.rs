//! Adapters by name: those compiled in, and those that an application registers.

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

/// The settings that an adapter is built from.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct VendorSettings {
    /// Whether real money moves. An adapter rejects credentials of the other mode.
    pub mode: Mode,
    /// The vendor's table of the configuration; [`Section::read`] turns it into a struct.
    pub section: Section,
    /// The observer of attempts and calls.
    pub observer: Option<Arc<dyn Observer>>,
}

type Make<P> = Arc<dyn Fn(VendorSettings) -> Result<Arc<P>, Error> + Send + Sync>;

/// The registry has, for each table of the configuration, a field with its adapters and a method to register another.
macro_rules! registry {
    ($(#[$registry_doc:meta])+ pub struct Registry { $($(#[$doc:meta])+ $with:ident($table:ident: $provider:ty);)+ }) => {
        $(#[$registry_doc])+
        #[derive(Clone)]
        pub struct Registry {
            $(pub(crate) $table: Known<$provider>,)+
        }

        impl Registry {
            /// A registry without any adapter, not even those compiled in.
            #[must_use]
            pub fn empty() -> Self {
                Self { $($table: Known::default(),)+ }
            }

            $(
                $(#[$doc])+
                #[must_use]
                pub fn $with(
                    mut self,
                    vendor: &str,
                    make: impl Fn(VendorSettings) -> Result<Arc<$provider>, Error> + Send + Sync + 'static,
                ) -> Self {
                    self.$table.add(vendor, make);
                    self
                }
            )+
        }

        impl fmt::Debug for Registry {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct("Registry")
                    $(.field(stringify!($table), &self.$table.0.keys()))+
                    .finish()
            }
        }
    };
}

registry! {
    /// The adapters that a configuration may name. The default has those compiled in.
    ///
    /// An outside adapter is registered by name:
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use anyvendor::{Config, Registry, Vendors, storage::StorageProvider};
    ///
    /// # #[cfg(feature = "s3")] {
    /// # use anyvendor::s3::{S3, S3Config};
    /// # use S3 as CloudBox;
    /// # use S3Config as CloudBoxConfig;
    /// // `CloudBox` is an outside adapter: it implements `StorageProvider`.
    /// let registry = Registry::default().with_storage("cloudbox", |settings| {
    ///     let config: CloudBoxConfig = settings.section.read()?;
    ///     let provider: Arc<dyn StorageProvider> = Arc::new(CloudBox::new(config)?);
    ///     Ok(provider)
    /// });
    ///
    /// let config = Config::from_toml(
    ///     r#"
    ///     mode = "sandbox"
    ///     [storage]
    ///     vendor = "cloudbox"
    ///     bucket = "receipts"
    ///     region = "eu-central-1"
    ///     credentials = { kind = "instance" }
    ///     "#,
    /// )?;
    /// let vendors = Vendors::builder().registry(registry).connect(&config)?;
    /// assert!(vendors.storage().is_ok());
    /// # }
    /// # Ok::<(), anyvendor::Error>(())
    /// ```
    pub struct Registry {
        /// Registers an outside payment adapter under a vendor's name, in place of an earlier one of this name.
        with_payment(payment: dyn PaymentProvider);
        /// Registers an outside email adapter under a vendor's name, in place of an earlier one of this name.
        with_email(email: dyn EmailProvider);
        /// Registers an outside messaging adapter under a vendor's name, in place of an earlier one of this name.
        with_messaging(messaging: dyn MessagingProvider);
        /// Registers an outside adapter for verification codes under a vendor's name, in place of an earlier one of this name.
        with_verification(verification: dyn VerificationProvider);
        /// Registers an outside storage adapter under a vendor's name, in place of an earlier one of this name.
        with_storage(storage: dyn StorageProvider);
        /// Registers an outside webhook verifier under a vendor's name, in place of an earlier one of this name.
        with_webhooks(webhooks: dyn WebhookVerifier);
    }
}

/// Makes the default registry and the list of all adapters from the table of vendors.
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

        /// All adapters of anyvendor, compiled in or not: the table that each serves, and its feature.
        const ADAPTERS: &[(&str, &str)] = &[$($((stringify!($table), $feature)),+),+];
    };
}

for_each_vendor!(register);

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
        let table = settings.section.table_name();
        if ADAPTERS.contains(&(name, vendor)) {
            let remedy = format!(
                "in [{table}]: {vendor} is not compiled in; enable the feature \"{vendor}\""
            );
            return Err(Error::config("vendor", remedy));
        }
        let mut known = self.0.keys().cloned().collect::<Vec<_>>().join(", ");
        if known.is_empty() {
            "none".clone_into(&mut known);
        }
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
/// In sandbox mode the address in the settings may be that of an emulator on this machine; in live mode this must be allowed
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
    let table = section.table_name();
    let in_table =
        |error: &Error, field| Error::config(field, format!("in [{table}]: {}", error.message()));
    let section = if mode == Mode::Sandbox && section.has(C::ADDRESS) {
        section.with_default("allow_private_addresses", true)
    } else {
        section
    };
    let mut config: C::Config = section.read()?;
    C::apply_mode(&mut config, mode)
        .map_err(|error| in_table(&error, error.field().unwrap_or("mode")))?;
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
        return Err(Error::config(setting, format!("in [{table}]: {remedy}")));
    }
    Ok(connection)
}
