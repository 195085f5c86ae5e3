//! The router over several vendors: gives a request to one after another until one takes it.

use std::{
    fmt::{self, Write as _},
    future::Future,
    sync::Arc,
    time::Duration,
};

use anyvendor_core::{
    Delivery, Error, Kind,
    resilience::{CallOptions, Clock, Duplicates, Observer, RouteReport, RouteStep},
    values::VendorId,
};
use anyvendor_http::SystemClock;
use futures_util::future::BoxFuture;
use tracing::{Instrument, Span, field::Empty, instrument::Instrumented};

use super::{
    plan::{Plan, Turns},
    store::Routes,
    table::{Domain, is_passing, may_go_on},
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
        let mut trail = Trail::default();
        let Some(mut member) = self.next_fit(&mut turns, request, &fits, &work, &mut trail) else {
            return Err(self.no_vendor(trail));
        };
        loop {
            let mut may_have_acted = false;
            if let Some(held) = &held {
                let holder = held.enter(member.vendor).await?;
                may_have_acted = holder.may_have_acted;
                if holder.vendor != member.vendor {
                    // Another vendor has got this key before, and keeps it.
                    member = self.holder(&holder.vendor)?;
                    turns = Turns::none();
                }
            }
            let begun = SystemClock.monotonic();
            let error = match call(&member.provider, request.clone()).await {
                Ok(done) => {
                    // The work is done, whatever happens to the record of it: the entry that was made before remains.
                    if let Some(held) = held {
                        self.check_store(held.keep().await.err(), &work, member.vendor);
                    }
                    Span::current().record("vendor", member.vendor);
                    self.report(&work, member.vendor, RouteStep::Answered, None);
                    return Ok(done);
                }
                Err(error) => error,
            };
            if !may_go_on(self.domain, &error, tolerated) {
                if let Some(held) = held {
                    self.check_store(held.keep().await.err(), &work, member.vendor);
                }
                self.report(&work, member.vendor, RouteStep::Stopped, Some(&error));
                return Err(error);
            }
            let free = match &held {
                Some(held) => held.leave().await.unwrap_or_else(|failure| {
                    self.check_store(Some(failure), &work, member.vendor);
                    false
                }),
                None => true,
            };
            let used = SystemClock.monotonic().saturating_duration_since(begun);
            let in_time = shorten(request.options(), used.max(error.elapsed()));
            let next = (free && in_time)
                .then(|| self.next_fit(&mut turns, request, &fits, &work, &mut trail))
                .flatten();
            let step = match next {
                Some(_) => RouteStep::FailedOver,
                None => RouteStep::Stopped,
            };
            self.report(&work, member.vendor, step, Some(&error));
            trail.failures.push(if may_have_acted {
                may_have_been_done(error, member.vendor)
            } else {
                error
            });
            match next {
                Some(next) => member = next,
                None => return Err(self.no_vendor(trail)),
            }
        }
    }

    /// Reports that the record of a key could not be changed. The entry that was made before the vendor was called remains,
    /// so the key stays with the vendor, and the vendor's own result counts.
    fn check_store(&self, failure: Option<Error>, work: &Work<'_>, vendor: &'static str) {
        let Some(error) = failure else { return };
        tracing::warn!(
            domain = self.name,
            operation = work.operation,
            vendor,
            error = error.kind().as_str(),
            "the store of routes failed after the vendor was called; the key stays with the vendor"
        );
        self.report(work, vendor, RouteStep::StoreFailed, Some(&error));
    }

    /// The next vendor whose turn it is and that can take the request.
    pub(super) fn next_fit<R>(
        &self,
        turns: &mut Turns,
        request: &R,
        fits: &impl Fn(&Member<P>, &R) -> Result<(), Error>,
        work: &Work<'_>,
        trail: &mut Trail,
    ) -> Option<&Member<P>> {
        while let Some(at) = turns.next(&self.plan) {
            let Some(member) = self.members.get(at) else {
                continue;
            };
            match fits(member, request) {
                Ok(()) => return Some(member),
                Err(why) => {
                    self.report(work, member.vendor, RouteStep::Skipped, Some(&why));
                    trail.skipped.push((member.vendor, why));
                }
            }
        }
        None
    }

    /// The error when no vendor took the request: the first failure that may pass, or else the first of all.
    pub(super) fn no_vendor(&self, trail: Trail) -> Error {
        let Trail {
            mut failures,
            skipped,
        } = trail;
        let passing = failures.iter().position(|error| is_passing(error.kind()));
        let failure = match passing {
            Some(at) => Some(failures.swap_remove(at)),
            None => failures.into_iter().next(),
        };
        let Some(failure) = failure else {
            let first = skipped.into_iter().next();
            return first.map_or_else(
                || {
                    let message = format!("[{}] names no vendor that takes new work", self.name);
                    Error::unsent(Kind::Config, message)
                },
                |(_, why)| why,
            );
        };
        let mut message = failure.message().to_owned();
        for (vendor, why) in &skipped {
            // Writing to text does not fail.
            let _ = write!(message, "; {vendor} was not asked: {}", why.message());
        }
        failure.with_message(message)
    }

    fn holder(&self, vendor: &str) -> Result<&Member<P>, Error> {
        let holder = self.members.iter().find(|member| member.vendor == vendor);
        holder.ok_or_else(|| {
            let message = format!(
                "{vendor} has got this key before and is no longer named in [{}]; add it to `retired` there",
                self.name
            );
            // The vendor may have done the work.
            Error::new(Kind::Config, Delivery::Unknown, message)
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

/// What happened at the vendors whose turn has passed.
#[derive(Default)]
pub(super) struct Trail {
    pub(super) failures: Vec<Error>,
    /// The vendors that do not support the request, with the reasons.
    skipped: Vec<(&'static str, Error)>,
}

/// The error of a call with a key that the vendor may have acted on in another call: that this call was not sent, or was
/// rejected before the key was looked at, does not settle the other.
fn may_have_been_done(error: Error, vendor: &'static str) -> Error {
    let message = format!(
        "{}; {vendor} may have acted on this key before",
        error.message()
    );
    error
        .with_vendor(vendor)
        .with_message(message)
        .with_delivery(Delivery::Unknown)
}

/// Subtracts the time used from the caller's time limit, and says whether any is left.
pub(super) fn shorten(options: &mut CallOptions, used: Duration) -> bool {
    match options.timeout {
        None => true,
        Some(timeout) => {
            let left = timeout.saturating_sub(used);
            options.timeout = Some(left);
            !left.is_zero()
        }
    }
}
