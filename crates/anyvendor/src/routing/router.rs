//! The router over several vendors: gives a request to one after another until one takes it.

use std::{fmt, future::Future, sync::Arc, time::Duration};

use anyvendor_core::{
    Error, Kind,
    resilience::{CallOptions, Duplicates, Observer, RouteReport, RouteStep},
    values::VendorId,
};
use futures_util::future::BoxFuture;
use tracing::{Instrument, Span, field::Empty, instrument::Instrumented};

use super::{
    plan::{Plan, Turns},
    store::{Held, Routes},
    table::{Domain, may_go_on},
};

/// One of the vendors of a router.
pub(crate) struct Member<P: ?Sized> {
    pub(crate) vendor: &'static str,
    pub(crate) provider: Arc<P>,
    /// A retired vendor takes no new work.
    pub(crate) retired: bool,
}

/// Several vendors behind one trait.
pub(crate) struct Router<P: ?Sized> {
    pub(crate) name: &'static str,
    pub(crate) domain: Domain,
    /// First the vendors that take new work, in the order of [`Plan`], then the retired.
    pub(crate) members: Vec<Member<P>>,
    pub(crate) plan: Plan,
    pub(crate) store: Routes,
    pub(crate) observer: Option<Arc<dyn Observer>>,
}

impl<P: ?Sized + fmt::Debug> fmt::Debug for Router<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let providers = self.members.iter().map(|member| &member.provider);
        f.debug_struct("Router")
            .field("name", &self.name)
            .field("providers", &providers.collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// A request that can be given to one vendor after another.
pub(super) trait Routed: Clone {
    fn options(&mut self) -> &mut CallOptions;
}

/// What a router must know about a request in addition to the request itself.
pub(super) struct Work<'a> {
    pub(super) operation: &'static str,
    /// The text that decides which vendor's share the request falls into.
    pub(super) drawn_by: &'a str,
    /// The key under which the vendor that took the request is remembered.
    pub(super) key: Option<&'a str>,
    /// Whether the request names ids of vendors; any vendor that takes new work and fits the ids may then be called.
    pub(super) pinned: bool,
}

impl<P: ?Sized> Router<P> {
    /// The first vendor for new work.
    pub(super) fn first(&self) -> Option<&Member<P>> {
        self.members.first()
    }

    /// The vendor that an id names, which may be a retired one.
    pub(super) fn of(&self, id: &VendorId, field: &'static str) -> Result<&P, Error> {
        let vendor = id.vendor();
        match self.members.iter().find(|member| member.vendor == vendor) {
            Some(member) => Ok(&member.provider),
            None => Err(Error::invalid(
                field,
                format_args!(
                    "is an id of {vendor}, which [{0}] does not name; add it to `retired` there",
                    self.name
                ),
            )),
        }
    }

    /// Gives a request to the vendors in turn until one takes it, as far as [`may_go_on`] allows.
    pub(super) fn run<'a, R: Routed, T: 'a>(
        &'a self,
        work: Work<'a>,
        request: &'a mut R,
        fits: impl Fn(&Member<P>, &R) -> Result<(), Error> + 'a,
        call: impl for<'b> Fn(&'b P, R) -> BoxFuture<'b, Result<T, Error>> + 'a,
    ) -> Instrumented<impl Future<Output = Result<T, Error>>> {
        let span = tracing::info_span!(
            "anyvendor.route",
            domain = self.name,
            operation = work.operation,
            vendor = Empty
        );
        self.in_turn(work, request, fits, call).instrument(span)
    }

    async fn in_turn<R: Routed, T>(
        &self,
        work: Work<'_>,
        request: &mut R,
        fits: impl Fn(&Member<P>, &R) -> Result<(), Error>,
        call: impl for<'b> Fn(&'b P, R) -> BoxFuture<'b, Result<T, Error>>,
    ) -> Result<T, Error> {
        let tolerated = request.options().duplicates == Duplicates::Tolerated;
        // A caller that tolerates duplicates needs no record of the vendor.
        let key = work.key.filter(|_| !tolerated);
        let held = key.map(|key| self.store.hold(self.name, key));
        let mut turns = self.plan.turns(work.drawn_by, work.pinned);
        let mut unfit = None;
        let mut member = match self.next_fit(&mut turns, request, &fits, &work, &mut unfit) {
            Some(member) => member,
            None => return Err(self.no_vendor(unfit)),
        };
        loop {
            if let Some(held) = &held {
                let holder = held.enter(member.vendor).await?;
                if holder != member.vendor {
                    // Another vendor has got this key before, and keeps it.
                    member = self.holder(&holder)?;
                    turns = Turns::none();
                }
            }
            let result = call(&member.provider, request.clone()).await;
            let error = match result {
                Ok(done) => {
                    keep(held).await?;
                    Span::current().record("vendor", member.vendor);
                    self.report(&work, member.vendor, RouteStep::Answered, None);
                    return Ok(done);
                }
                Err(error) => error,
            };
            if !may_go_on(self.domain, &error, tolerated) {
                keep(held).await?;
                self.report(&work, member.vendor, RouteStep::Stopped, Some(&error));
                return Err(error);
            }
            let free = match &held {
                Some(held) => held.leave().await?,
                None => true,
            };
            let in_time = shorten(request.options(), error.elapsed());
            let next = (free && in_time)
                .then(|| self.next_fit(&mut turns, request, &fits, &work, &mut unfit))
                .flatten();
            let step = match next {
                Some(_) => RouteStep::FailedOver,
                None => RouteStep::Stopped,
            };
            self.report(&work, member.vendor, step, Some(&error));
            match next {
                Some(next) => member = next,
                None => return Err(error),
            }
        }
    }

    /// The next vendor whose turn it is and that can take the request.
    pub(super) fn next_fit<R>(
        &self,
        turns: &mut Turns,
        request: &R,
        fits: &impl Fn(&Member<P>, &R) -> Result<(), Error>,
        work: &Work<'_>,
        unfit: &mut Option<Error>,
    ) -> Option<&Member<P>> {
        while let Some(at) = turns.next(&self.plan) {
            let Some(member) = self.members.get(at) else {
                continue;
            };
            match fits(member, request) {
                Ok(()) => return Some(member),
                Err(why) => {
                    self.report(work, member.vendor, RouteStep::Skipped, Some(&why));
                    unfit.get_or_insert(why);
                }
            }
        }
        None
    }

    pub(super) fn no_vendor(&self, unfit: Option<Error>) -> Error {
        unfit.unwrap_or_else(|| {
            let message = format!("[{}] names no vendor that takes new work", self.name);
            Error::unsent(Kind::Config, message)
        })
    }

    fn holder(&self, vendor: &str) -> Result<&Member<P>, Error> {
        let holder = self.members.iter().find(|member| member.vendor == vendor);
        holder.ok_or_else(|| {
            let message = format!(
                "{vendor} has got this key before and is no longer named in [{}]; add it to `retired` there",
                self.name
            );
            Error::unsent(Kind::Config, message)
        })
    }

    pub(super) fn report(
        &self,
        work: &Work<'_>,
        vendor: &'static str,
        step: RouteStep,
        error: Option<&Error>,
    ) {
        let kind = error.map(|error| error.kind().as_str());
        match step {
            RouteStep::Answered => {}
            RouteStep::FailedOver => tracing::warn!(
                domain = self.name,
                operation = work.operation,
                vendor,
                error = kind,
                "the vendor did nothing; trying the next"
            ),
            _ => tracing::debug!(
                domain = self.name,
                operation = work.operation,
                vendor,
                error = kind,
                step = step.as_str(),
                "route"
            ),
        }
        if let Some(observer) = &self.observer {
            let report = RouteReport::new(self.name, work.operation, vendor, step, kind);
            observer.route(&report);
        }
    }
}

async fn keep(held: Option<Held<'_>>) -> Result<(), Error> {
    match held {
        Some(held) => held.keep().await,
        None => Ok(()),
    }
}

/// Subtracts the time used from the caller's time limit, and says whether any is left.
fn shorten(options: &mut CallOptions, used: Duration) -> bool {
    match options.timeout {
        None => true,
        Some(timeout) => {
            let left = timeout.saturating_sub(used);
            options.timeout = Some(left);
            !left.is_zero()
        }
    }
}
