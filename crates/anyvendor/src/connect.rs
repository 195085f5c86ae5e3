//! Configuration in, providers out.

use std::{collections::BTreeMap, sync::Arc};

use anyvendor_core::{
    Error,
    email::EmailProvider,
    messaging::{MessagingProvider, VerificationProvider},
    payment::PaymentProvider,
    resilience::Observer,
    storage::StorageProvider,
    webhook::WebhookVerifier,
};
use anyvendor_http::Mode;

use crate::{
    config::{Config, Section, Sticky},
    registry::{Known, Registry, VendorSettings},
    routing::{
        Domain, Member, Plan, RouteStore, RoutedEmail, RoutedMessages, RoutedPayments, Router,
        Routes,
    },
};

/// The providers that a configuration names. Cheap to clone; hold one per application.
#[derive(Debug, Clone)]
pub struct Vendors {
    mode: Mode,
    payment: Option<Arc<dyn PaymentProvider>>,
    email: Option<Arc<dyn EmailProvider>>,
    messaging: Option<Arc<dyn MessagingProvider>>,
    verification: Option<Arc<dyn VerificationProvider>>,
    storage: Option<Arc<dyn StorageProvider>>,
    webhooks: BTreeMap<String, Arc<dyn WebhookVerifier>>,
    observer: Option<Arc<dyn Observer>>,
}

impl Vendors {
    /// Makes a provider for every table, from the adapters compiled in. Reads the secrets; sends nothing.
    ///
    /// # Errors
    /// `Config`: an unknown vendor (those known are listed), one whose feature is off (named), a setting that is
    /// missing or wrong, a secret that is not there (its variable or file is named), a key of the other mode.
    pub fn connect(config: &Config) -> Result<Self, Error> {
        Self::builder().connect(config)
    }

    /// Begins a connection with parts of the application's own.
    #[must_use]
    pub fn builder() -> VendorsBuilder {
        VendorsBuilder::default()
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

    /// Who sends messages to phones.
    ///
    /// # Errors
    /// `Config` when the configuration has no `[messaging]`.
    pub fn messaging(&self) -> Result<Arc<dyn MessagingProvider>, Error> {
        self.messaging.clone().ok_or_else(|| missing("messaging"))
    }

    /// Who sends and checks codes.
    ///
    /// # Errors
    /// `Config` when the configuration has no `[verification]`.
    pub fn verification(&self) -> Result<Arc<dyn VerificationProvider>, Error> {
        self.verification
            .clone()
            .ok_or_else(|| missing("verification"))
    }

    /// Who keeps objects.
    ///
    /// # Errors
    /// `Config` when the configuration has no `[storage]`.
    pub fn storage(&self) -> Result<Arc<dyn StorageProvider>, Error> {
        self.storage.clone().ok_or_else(|| missing("storage"))
    }

    /// Who may post to us, by the endpoint's name: what [`webhooks`](crate::webhooks) receives.
    #[must_use]
    pub fn webhooks(&self) -> &BTreeMap<String, Arc<dyn WebhookVerifier>> {
        &self.webhooks
    }

    /// Who is told of attempts, calls and routes.
    pub(crate) fn observer(&self) -> Option<Arc<dyn Observer>> {
        self.observer.clone()
    }
}

fn missing(table: &'static str) -> Error {
    Error::config(
        table,
        format!("the configuration has no [{table}]; add one with a vendor"),
    )
}

/// Connects with parts of the application's own: outside adapters, somebody who is told, a memory for routes.
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

    /// Sets who is told of attempts, calls and routes.
    #[must_use]
    pub fn observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// Sets what remembers which vendor a key has been with; a memory like [`MemoryRoutes`](crate::MemoryRoutes) unless set.
    #[must_use]
    pub fn routes(mut self, routes: Arc<dyn RouteStore>) -> Self {
        self.routes = Some(routes);
        self
    }

    /// Makes a provider for every table. Reads the secrets; sends nothing.
    ///
    /// # Errors
    /// Those of [`Vendors::connect`], and whatever an outside adapter refuses.
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
        };
        Ok(Vendors {
            mode: config.mode,
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
            observer: self.observer,
        })
    }
}

/// What all providers are made with.
struct Connecting {
    mode: Mode,
    observer: Option<Arc<dyn Observer>>,
    routes: Option<Arc<dyn RouteStore>>,
}

impl Connecting {
    /// The one vendor of a table, or a router over several.
    fn provider<P: ?Sized>(
        &self,
        section: Option<&Section>,
        known: &Known<P>,
        (domain, name): (Domain, impl Fn(&P) -> &'static str),
        routed: impl FnOnce(Router<P>, Sticky) -> Arc<P>,
    ) -> Result<Option<Arc<P>>, Error> {
        let Some(section) = section else {
            return Ok(None);
        };
        let first = self.make(section, &section.vendor, known)?;
        let route = &section.route;
        let others = route.others();
        if others.is_empty() {
            return Ok(Some(first));
        }
        let mut members = vec![Member {
            vendor: name(&first),
            provider: first,
            retired: false,
        }];
        for other in &others {
            let provider = self.make(section, other, known)?;
            members.push(Member {
                vendor: name(&provider),
                provider,
                retired: route.retired.iter().any(|retired| retired == other),
            });
        }
        // The table's vendor stands before the others.
        let place = |vendor: &str| {
            others
                .iter()
                .position(|other| *other == vendor)
                .map(|at| at + 1)
        };
        let line = route.failover.iter().filter_map(|vendor| place(vendor));
        let shares = route.split.iter();
        let shares = shares.filter_map(|(vendor, share)| Some((place(vendor)?, *share)));
        let active = members.iter().filter(|member| !member.retired).count();
        let router = Router {
            name: section.name,
            domain,
            plan: Plan::new(active, std::iter::once(0).chain(line).collect(), shares),
            members,
            store: match &self.routes {
                Some(routes) => Routes::Store(Arc::clone(routes)),
                None => Routes::memory(),
            },
            observer: self.observer.clone(),
        };
        Ok(Some(routed(router, route.sticky)))
    }

    /// The one vendor of a table whose work is not routed.
    fn single<P: ?Sized>(
        &self,
        section: Option<&Section>,
        known: &Known<P>,
    ) -> Result<Option<Arc<P>>, Error> {
        let Some(section) = section else {
            return Ok(None);
        };
        if !section.route.others().is_empty() {
            let remedy = format!("[{}] has one vendor; it cannot be routed", section.name);
            return Err(Error::config("failover", remedy));
        }
        self.make(section, &section.vendor, known).map(Some)
    }

    fn make<P: ?Sized>(
        &self,
        section: &Section,
        vendor: &str,
        known: &Known<P>,
    ) -> Result<Arc<P>, Error> {
        known.make(VendorSettings {
            mode: self.mode,
            section: section.of(vendor),
            observer: self.observer.clone(),
        })
    }
}
