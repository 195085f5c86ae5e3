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
    config::{Section, nearest, placed},
    connection::Connections,
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
    /// The connections that [`connect`](Self::connect) made.
    pub(crate) connections: Connections,
}

impl VendorSettings {
    /// Connects an adapter whose builder is a [`ConnectionBuilder`], with everything that the adapters compiled in get: the
    /// observer; in sandbox mode an address on this machine, and no real vendor unless the settings say so; no credentials
    /// of the other mode; and a place among [`Vendors::connections`](crate::Vendors::connections).
    ///
    /// # Errors
    /// `Config`, naming the table and the setting that is missing, wrong or forbidden by the mode.
    pub fn connect<C: Connect>(self) -> Result<C, Error>
    where
        C::Config: DeserializeOwned,
    {
        let config = self.config::<C>()?;
        let builder = ConnectionBuilder::<C>::new(config);
        let builder = match &self.observer {
            Some(observer) => builder.observer(Arc::clone(observer)),
            None => builder,
        };
        let connection = builder.build()?;
        if let Some(CredentialMode { setting, mode }) = connection.credential_mode()
            && mode != self.mode
        {
            let remedy = match mode {
                Mode::Live => {
                    "a live key while mode is sandbox; use the test key, or set mode = \"live\""
                }
                Mode::Sandbox => {
                    "a test key while mode is live; use the live key, or set mode = \"sandbox\""
                }
            };
            return Err(Error::config(setting, remedy));
        }
        let (table, vendor) = (self.section.table_name(), self.section.vendor);
        self.connections.add(table, vendor, &connection);
        Ok(connection)
    }

    /// The settings as the adapter's own, adapted to the mode.
    fn config<C: Connect>(&self) -> Result<C::Config, Error>
    where
        C::Config: DeserializeOwned,
    {
        let is_local = self.mode == Mode::Sandbox && self.section.has(C::ADDRESS);
        let section = if is_local {
            &self.section.clone().with_private_addresses()
        } else {
            &self.section
        };
        let mut config: C::Config = section.read()?;
        C::apply_mode(&mut config, self.mode)?;
        Ok(config)
    }
}

type Make<P> = Arc<dyn Fn(VendorSettings) -> Result<Arc<P>, Error> + Send + Sync>;
type Check = Arc<dyn Fn(&VendorSettings) -> Result<(), Error> + Send + Sync>;

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
    /// # use anyvendor::s3::S3 as CloudBox;
    /// // `CloudBox` is an outside adapter: it implements `StorageProvider`.
    /// let registry = Registry::default().with_storage("cloudbox", |settings| {
    ///     // Its settings: `settings.section.read()`. An adapter that implements `network::Connect` is connected at once.
    ///     let provider: Arc<dyn StorageProvider> = Arc::new(settings.connect::<CloudBox>()?);
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
    ///     endpoint = "http://127.0.0.1:9000"
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
                        $(registry.$table.add_checked(
                            $feature,
                            |settings| Ok(Arc::new(settings.connect::<$adapter::$provider>()?)),
                            |settings| settings.config::<$adapter::$provider>().map(drop),
                        );)+
                        registry
                    };
                )+
                registry
            }
        }

        /// All adapters of anyvendor, compiled in or not: the table that each serves, and its feature.
        const ADAPTERS: &[(&str, &str)] = &[$($((stringify!($table), $feature)),+),+];

        /// The features that are compiled in.
        const COMPILED: &[&str] = &[$(#[cfg(feature = $feature)] $feature),+];
    };
}

for_each_vendor!(register);

/// The adapters of one trait.
pub(crate) struct Known<P: ?Sized>(BTreeMap<String, Adapter<P>>);

struct Adapter<P: ?Sized> {
    make: Make<P>,
    /// Checks the settings without a secret; `None` for an adapter from outside.
    check: Option<Check>,
}

impl<P: ?Sized> Clone for Adapter<P> {
    fn clone(&self) -> Self {
        Self {
            make: Arc::clone(&self.make),
            check: self.check.clone(),
        }
    }
}

impl<P: ?Sized> Known<P> {
    fn add(
        &mut self,
        vendor: &str,
        make: impl Fn(VendorSettings) -> Result<Arc<P>, Error> + Send + Sync + 'static,
    ) {
        let make = Arc::new(make);
        self.0
            .insert(vendor.to_owned(), Adapter { make, check: None });
    }

    #[allow(
        dead_code,
        reason = "without any vendor's feature nothing is compiled in"
    )]
    fn add_checked(
        &mut self,
        vendor: &str,
        make: impl Fn(VendorSettings) -> Result<Arc<P>, Error> + Send + Sync + 'static,
        check: impl Fn(&VendorSettings) -> Result<(), Error> + Send + Sync + 'static,
    ) {
        let (make, check) = (Arc::new(make), Some(Arc::new(check) as Check));
        self.0.insert(vendor.to_owned(), Adapter { make, check });
    }

    /// Makes the provider of a table.
    pub(crate) fn make(&self, settings: VendorSettings) -> Result<Arc<P>, Error> {
        let place = place_of(&settings.section);
        let adapter = self.adapter(&settings.section)?;
        (adapter.make)(settings).map_err(|error| placed(&place, error))
    }

    /// Checks the settings of a vendor without reading a secret, as far as its adapter can.
    pub(crate) fn check(&self, settings: &VendorSettings) -> Result<(), Error> {
        let adapter = self.adapter(&settings.section)?;
        let Some(check) = &adapter.check else {
            return Ok(());
        };
        check(settings).map_err(|error| placed(&place_of(&settings.section), error))
    }

    fn adapter(&self, section: &Section) -> Result<&Adapter<P>, Error> {
        let vendor = section.vendor.as_str();
        self.0.get(vendor).ok_or_else(|| {
            let remedy = self.remedy(section);
            let table = section.table_name();
            Error::config("vendor", format!("in [{table}]: {vendor} is not {remedy}"))
        })
    }

    /// What the vendor is not, and what to do.
    fn remedy(&self, section: &Section) -> String {
        let (name, vendor) = (section.name, section.vendor.as_str());
        if is_left_out(section) {
            return format!("compiled in; enable the feature \"{vendor}\"");
        }
        let mut known = self.0.keys().cloned().collect::<Vec<_>>().join(", ");
        if known.is_empty() {
            "none".clone_into(&mut known);
        }
        let others: Vec<String> = ADAPTERS
            .iter()
            .filter(|(table, own)| *own == vendor && *table != name)
            .map(|(table, _)| match *table {
                "webhooks" => format!("[webhooks.{vendor}]"),
                table => format!("[{table}]"),
            })
            .collect();
        let near = nearest(vendor, self.0.keys().map(String::as_str));
        let hint = match near {
            Some(near) => format!("; did you mean {near}?"),
            None if !others.is_empty() => {
                format!("; {vendor} serves {}", others.join(" and "))
            }
            None if section.endpoint.as_deref() == Some(vendor) => {
                format!("; add vendor = \"..\" to [webhooks.{vendor}]")
            }
            None => String::new(),
        };
        format!("known; compiled in or registered: {known}{hint}")
    }
}

/// Whether the vendor is one of anyvendor's that is not compiled in.
pub(crate) fn is_left_out(section: &Section) -> bool {
    let is_compiled = COMPILED.contains(&section.vendor.as_str());
    !is_compiled && ADAPTERS.contains(&(section.name, section.vendor.as_str()))
}

fn place_of(section: &Section) -> String {
    format!("[{}]", section.table_name())
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
