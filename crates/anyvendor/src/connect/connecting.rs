//! Makes the providers of the tables: first all settings are checked, then each vendor is connected.

use std::sync::Arc;

use anyvendor_core::{Error, resilience::Observer, routing::RouteStore};
use anyvendor_http::Mode;

use crate::{
    config::{Config, Section, Sticky, error, placed},
    connection::Connections,
    registry::{Known, VendorSettings, is_left_out},
    routing::{Domain, Member, Plan, Router, Routes},
};

/// The parts that all providers are built with.
pub(super) struct Connecting {
    pub(super) mode: Mode,
    pub(super) observer: Option<Arc<dyn Observer>>,
    pub(super) routes: Option<Arc<dyn RouteStore>>,
    pub(super) connections: Connections,
}

impl Connecting {
    /// The one vendor of a table, or a router over several.
    pub(super) fn provider<P: ?Sized>(
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
        // Index 0 is the table's vendor.
        let index_of = |vendor: &str| {
            others
                .iter()
                .position(|other| *other == vendor)
                .map(|at| at + 1)
        };
        let line = route.failover.iter().filter_map(|vendor| index_of(vendor));
        let shares = route.split.iter();
        let shares = shares.filter_map(|(vendor, share)| Some((index_of(vendor)?, *share)));
        let active = members.iter().filter(|member| !member.retired).count();
        let router = Router {
            name: section.name,
            domain,
            plan: Plan::new(active, std::iter::once(0).chain(line).collect(), shares),
            members,
            store: self.record(section, domain)?,
            observer: self.observer.clone(),
        };
        Ok(Some(routed(router, route.sticky)))
    }

    /// The record of which vendor got which key.
    fn record(&self, section: &Section, domain: Domain) -> Result<Routes, Error> {
        if let Some(store) = &self.routes {
            return Ok(Routes::store(Arc::clone(store)));
        }
        let route = &section.route;
        if domain == Domain::Payment && route.has_choice() && route.routes.is_none() {
            let remedy = format!(
                "in [{}]: which vendor got which key is recorded in memory, so a payment that is repeated under its key \
                 after a restart, in another process or after a share was raised can be charged at a second vendor; give \
                 Vendors::builder() a durable RouteStore, or accept that with routes = \"memory\"",
                section.name
            );
            return Err(Error::config("routes", remedy));
        }
        Ok(Routes::memory())
    }

    /// The vendor of a table that cannot be routed.
    pub(super) fn single<P: ?Sized>(
        &self,
        section: Option<&Section>,
        known: &Known<P>,
    ) -> Result<Option<Arc<P>>, Error> {
        let Some(section) = section else {
            return Ok(None);
        };
        self.make(section, &section.vendor, known).map(Some)
    }

    pub(super) fn make<P: ?Sized>(
        &self,
        section: &Section,
        vendor: &str,
        known: &Known<P>,
    ) -> Result<Arc<P>, Error> {
        known.make(self.settings(section, vendor))
    }

    /// Checks the settings of all vendors of a table, also of those that are not in use: another vendor may be chosen by one
    /// word.
    pub(super) fn check<P: ?Sized>(
        &self,
        section: Option<&Section>,
        known: &Known<P>,
    ) -> Result<(), Error> {
        let Some(section) = section else {
            return Ok(());
        };
        for vendor in section.unused() {
            let settings = self.settings(section, vendor);
            if !is_left_out(&settings.section) {
                let place = format!("[{}.vendors.{vendor}]", section.name);
                let check = known.check(&settings);
                check.map_err(|error| placed(&place, error))?;
            }
        }
        for vendor in std::iter::once(section.vendor.as_str()).chain(section.route.others()) {
            known.check(&self.settings(section, vendor))?;
        }
        Ok(())
    }

    fn settings(&self, section: &Section, vendor: &str) -> VendorSettings {
        let section = section.of(vendor);
        VendorSettings {
            mode: self.mode,
            section: match self.mode {
                Mode::Sandbox => section.with_local_address(),
                Mode::Live => section,
            },
            observer: self.observer.clone(),
            connections: self.connections.clone(),
        }
    }
}

/// Names all variables that are not set, if more than one is missing; a single one is named by the adapter that needs it.
pub(super) fn require_variables(config: &Config) -> Result<(), Error> {
    let mut unset = Vec::new();
    for section in config.sections() {
        let table = section.table_name();
        let vendors = std::iter::once(section.vendor.as_str()).chain(section.route.others());
        for vendor in vendors {
            let missing = section.of(vendor).unset_variables();
            let shown = missing
                .into_iter()
                .map(|(field, name)| format!("{name} ([{table}] {field})"));
            unset.extend(shown);
        }
    }
    if unset.len() < 2 {
        return Ok(());
    }
    let unset = unset.join(", ");
    Err(error(format_args!(
        "environment variables are not set: {unset}; set them"
    )))
}
