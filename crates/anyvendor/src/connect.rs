//! Connects the vendors that a configuration names.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

use anyvendor_core::{
    Error,
    email::EmailProvider,
    messaging::{MessagingProvider, VerificationProvider},
    payment::PaymentProvider,
    resilience::Observer,
    routing::RouteStore,
    storage::StorageProvider,
    webhook::WebhookVerifier,
};
use anyvendor_http::Mode;

use self::connecting::{Connecting, require_variables};
use crate::{
    config::Config,
    connection::{Connection, Connections},
    registry::Registry,
    routing::{Domain, RoutedEmail, RoutedMessages, RoutedPayments},
};

mod connecting;

/// The providers that a configuration names. Cheap to clone; an application needs one.
///
/// ```
/// use anyvendor::{Config, Kind, Vendors};
///
/// let config = Config::from_toml(
///     r#"
///     mode = "live"
///     [storage]
///     vendor = "s3"
///     bucket = "receipts"
///     region = "eu-central-1"
///     credentials = { kind = "instance" }
///     "#,
/// )?;
/// # #[cfg(feature = "s3")] {
/// let vendors = Vendors::connect(&config)?;
/// assert_eq!(vendors.storage()?.vendor(), "s3");
/// // The configuration has no `[payment]`.
/// assert_eq!(vendors.payment().unwrap_err().kind(), &Kind::Config);
/// # }
/// # Ok::<(), anyvendor::Error>(())
/// ```
#[derive(Clone)]
pub struct Vendors {
    mode: Mode,
    payment: Option<Arc<dyn PaymentProvider>>,
    email: Option<Arc<dyn EmailProvider>>,
    messaging: Option<Arc<dyn MessagingProvider>>,
    verification: Option<Arc<dyn VerificationProvider>>,
    storage: Option<Arc<dyn StorageProvider>>,
    webhooks: BTreeMap<String, Arc<dyn WebhookVerifier>>,
    /// The endpoints that receive events of both modes.
    any_mode: BTreeSet<String>,
    observer: Option<Arc<dyn Observer>>,
    connections: Arc<[Connection]>,
}

impl Vendors {
    /// Makes a provider for every table, from the adapters compiled in. Reads the secrets; sends nothing.
    ///
    /// # Errors
    /// `Config`: for an unknown vendor (the known ones are listed), a vendor whose feature is not enabled (it is named), a
    /// setting that is missing or wrong, a missing secret (its variable or file is named), a key of the other mode.
    pub fn connect(config: &Config) -> Result<Self, Error> {
        Self::builder().connect(config)
    }

    /// Starts a connection with custom parts.
    #[must_use]
    pub fn builder() -> VendorsBuilder {
        VendorsBuilder::default()
    }

    /// Whether real money moves.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// The payment provider.
    ///
    /// # Errors
    /// `Config` if the configuration has no `[payment]`.
    pub fn payment(&self) -> Result<Arc<dyn PaymentProvider>, Error> {
        self.payment.clone().ok_or_else(|| missing("payment"))
    }

    /// The email provider.
    ///
    /// # Errors
    /// `Config` if the configuration has no `[email]`.
    pub fn email(&self) -> Result<Arc<dyn EmailProvider>, Error> {
        self.email.clone().ok_or_else(|| missing("email"))
    }

    /// The messaging provider.
    ///
    /// # Errors
    /// `Config` if the configuration has no `[messaging]`.
    pub fn messaging(&self) -> Result<Arc<dyn MessagingProvider>, Error> {
        self.messaging.clone().ok_or_else(|| missing("messaging"))
    }

    /// The provider that sends and checks verification codes.
    ///
    /// # Errors
    /// `Config` if the configuration has no `[verification]`.
    pub fn verification(&self) -> Result<Arc<dyn VerificationProvider>, Error> {
        self.verification
            .clone()
            .ok_or_else(|| missing("verification"))
    }

    /// The storage provider.
    ///
    /// # Errors
    /// `Config` if the configuration has no `[storage]`.
    pub fn storage(&self) -> Result<Arc<dyn StorageProvider>, Error> {
        self.storage.clone().ok_or_else(|| missing("storage"))
    }

    /// The webhook verifiers by the name of their endpoint, for [`webhooks`](crate::webhooks).
    #[must_use]
    pub fn webhooks(&self) -> &BTreeMap<String, Arc<dyn WebhookVerifier>> {
        &self.webhooks
    }

    /// The connections behind the providers, with their health and a switch for each: those of routed tables as well. An
    /// adapter from outside is among them if it is made with [`VendorSettings::connect`](crate::VendorSettings::connect).
    ///
    /// # Examples
    /// ```
    /// use anyvendor::{Vendors, resilience::BreakerState};
    ///
    /// /// The vendors that are not called now, for a health page.
    /// fn unavailable(vendors: &Vendors) -> Vec<String> {
    ///     let mut names = Vec::new();
    ///     for connection in vendors.connections() {
    ///         if connection.health().breaker == BreakerState::Open {
    ///             names.push(format!("{}: {}", connection.table(), connection.vendor()));
    ///         }
    ///     }
    ///     names
    /// }
    /// ```
    pub fn connections(&self) -> impl Iterator<Item = &Connection> {
        self.connections.iter()
    }

    /// Whether the endpoint of this name receives events of both modes.
    pub(crate) fn any_mode(&self, endpoint: &str) -> bool {
        self.any_mode.contains(endpoint)
    }

    /// The observer of attempts, calls and routes.
    pub(crate) fn observer(&self) -> Option<Arc<dyn Observer>> {
        self.observer.clone()
    }
}

impl fmt::Debug for Vendors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut all = f.debug_struct("Vendors");
        all.field("mode", &self.mode);
        let providers: [(&str, Option<&dyn fmt::Debug>); 5] = [
            (
                "payment",
                self.payment.as_ref().map(|provider| provider as _),
            ),
            ("email", self.email.as_ref().map(|provider| provider as _)),
            (
                "messaging",
                self.messaging.as_ref().map(|provider| provider as _),
            ),
            (
                "verification",
                self.verification.as_ref().map(|provider| provider as _),
            ),
            (
                "storage",
                self.storage.as_ref().map(|provider| provider as _),
            ),
        ];
        for (table, provider) in providers {
            if let Some(provider) = provider {
                all.field(table, provider);
            }
        }
        all.field("webhooks", &self.webhooks)
            .finish_non_exhaustive()
    }
}

fn missing(table: &'static str) -> Error {
    Error::config(
        table,
        format!("the configuration has no [{table}]; add one with a vendor"),
    )
}

/// Connects vendors with custom parts: outside adapters, an observer, a store for routes.
///
/// ```
/// use std::sync::Arc;
///
/// use anyvendor::{
///     Config, MemoryRoutes, Observer, Vendors,
///     resilience::{AttemptReport, CallReport},
/// };
///
/// #[derive(Debug)]
/// struct Log;
///
/// impl Observer for Log {
///     fn attempt(&self, _: &AttemptReport) {}
///
///     fn call(&self, report: &CallReport) {
///         println!("{} {}: {} attempts", report.vendor, report.operation, report.attempts);
///     }
/// }
///
/// let config = Config::from_toml("mode = \"sandbox\"")?;
/// let vendors = Vendors::builder()
///     .observer(Arc::new(Log))
///     .routes(Arc::new(MemoryRoutes::default()))
///     .connect(&config)?;
/// # Ok::<(), anyvendor::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct VendorsBuilder {
    registry: Registry,
    observer: Option<Arc<dyn Observer>>,
    routes: Option<Arc<dyn RouteStore>>,
}

impl VendorsBuilder {
    /// Sets the adapters that the configuration may name.
    #[must_use]
    pub fn registry(mut self, registry: Registry) -> Self {
        self.registry = registry;
        self
    }

    /// Sets the observer of attempts, calls and routes.
    #[must_use]
    pub fn observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// Sets the store of which vendor got which key. The default is a record in memory, as
    /// [`MemoryRoutes`](crate::MemoryRoutes).
    #[must_use]
    pub fn routes(mut self, routes: Arc<dyn RouteStore>) -> Self {
        self.routes = Some(routes);
        self
    }

    /// Makes a provider for every table. Reads the secrets; sends nothing.
    ///
    /// # Errors
    /// The errors of [`Vendors::connect`], and those of outside adapters.
    pub fn connect(self, config: &Config) -> Result<Vendors, Error> {
        let Registry {
            payment,
            email,
            messaging,
            verification,
            storage,
            webhooks,
        } = &self.registry;
        let connecting = Connecting {
            mode: config.mode,
            observer: self.observer.clone(),
            routes: self.routes.clone(),
            connections: Connections::default(),
        };
        connecting.check(config.payment.as_ref(), payment)?;
        connecting.check(config.email.as_ref(), email)?;
        connecting.check(config.messaging.as_ref(), messaging)?;
        connecting.check(config.verification.as_ref(), verification)?;
        connecting.check(config.storage.as_ref(), storage)?;
        for section in config.webhooks.values() {
            connecting.check(Some(section), webhooks)?;
        }
        require_variables(config)?;
        let mut vendors = Vendors {
            mode: config.mode,
            connections: Arc::default(),
            payment: connecting.provider(
                config.payment.as_ref(),
                payment,
                (Domain::Payment, |vendor| vendor.vendor()),
                |router, sticky| Arc::new(RoutedPayments { router, sticky }),
            )?,
            email: connecting.provider(
                config.email.as_ref(),
                email,
                (Domain::Message, |vendor| vendor.vendor()),
                |router, _| Arc::new(RoutedEmail(router)),
            )?,
            messaging: connecting.provider(
                config.messaging.as_ref(),
                messaging,
                (Domain::Message, |vendor| vendor.vendor()),
                |router, _| Arc::new(RoutedMessages(router)),
            )?,
            verification: connecting.single(config.verification.as_ref(), verification)?,
            storage: connecting.single(config.storage.as_ref(), storage)?,
            webhooks: config
                .webhooks
                .iter()
                .map(|(endpoint, section)| {
                    Ok((
                        endpoint.clone(),
                        connecting.make(section, &section.vendor, webhooks)?,
                    ))
                })
                .collect::<Result<_, Error>>()?,
            any_mode: config
                .webhooks
                .iter()
                .filter(|(_, section)| section.any_mode)
                .map(|(endpoint, _)| endpoint.clone())
                .collect(),
            observer: self.observer,
        };
        vendors.connections = connecting.connections.take().into();
        Ok(vendors)
    }
}
