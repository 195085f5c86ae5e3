//! Several vendors behind one trait: new work by share or in turn, what follows by the vendor that the id names.
//!
//! This stands outside the call: each vendor keeps its own breaker, budget and limits, and is asked through its own
//! pipeline. See `docs/routing.md`.

mod email;
mod list;
mod messaging;
mod payment;
mod plan;
mod store;
mod table;

use std::{fmt, future::Future, sync::Arc, time::Duration};

use anyvendor_core::{
    Error, Kind,
    resilience::{CallOptions, Duplicates, Observer, RouteReport, RouteStep},
    values::VendorId,
};
use futures_util::future::BoxFuture;
use tracing::{Instrument, Span, field::Empty, instrument::Instrumented};

pub use self::store::{MemoryRoutes, RouteStore};
pub(crate) use self::{
    email::RoutedEmail, messaging::RoutedMessages, payment::RoutedPayments, plan::Plan,
    store::Routes, table::Domain,
};
use self::{plan::Turns, store::Held, table::may_go_on};

/// One vendor among several.
pub(crate) struct Member<P: ?Sized> {
    pub(crate) vendor: &'static str,
    pub(crate) provider: Arc<P>,
    /// Takes no new work.
    pub(crate) retired: bool,
}

/// Several vendors behind one trait.
pub(crate) struct Router<P: ?Sized> {
    pub(crate) name: &'static str,
    pub(crate) domain: Domain,
    /// Those for new work first, in the order of [`Plan`], then the retired.
    pub(crate) members: Vec<Member<P>>,
    pub(crate) plan: Plan,
    pub(crate) store: Routes,
    pub(crate) observer: Option<Arc<dyn Observer>>,
}

impl<P: ?Sized> fmt::Debug for Router<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let vendors = self.members.iter().map(|member| member.vendor);
        f.debug_struct("Router")
            .field("name", &self.name)
            .field("vendors", &vendors.collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// A request that can be given to one vendor after another.
trait Routed: Clone {
    fn options(&mut self) -> &mut CallOptions;
}

/// What a router must know of a request beside the request.
struct Work<'a> {
    operation: &'static str,
    /// What its share is drawn by.
    drawn_by: &'a str,
    /// Under which name the vendor that took it is remembered.
    key: Option<&'a str>,
    /// Whether its ids say whose it is, so that any vendor for new work may be asked whom they fit.
    pinned: bool,
}

impl<P: ?Sized> Router<P> {
    /// Who takes new work first.
    fn first(&self) -> Option<&Member<P>> {
        self.members.first()
    }

    /// The vendor that an id names, also a retired one.
    fn of(&self, id: &VendorId, field: &'static str) -> Result<&P, Error> {
        match self
            .members
            .iter()
            .find(|member| member.vendor == id.vendor())
        {
            Some(member) => Ok(&member.provider),
            None => Err(Error::invalid(
                field,
                format_args!(
                    "is an id of {0}, which [{1}] does not name; add it to `retired` there",
                    id.vendor(),
                    self.name
                ),
            )),
        }
    }

    /// Gives a request to the vendors in turn until one takes it, as the table of [`table`] allows.
    fn run<'a, R: Routed, T: 'a>(
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
        // Whoever tolerates duplicates need not be remembered.
        let key = work.key.filter(|_| !tolerated);
        let held = key.map(|key| self.store.hold(self.name, key));
        let mut turns = self.plan.turns(work.drawn_by, work.pinned);
        let mut unfit = None;
        let mut member = match self.next_fit(&mut turns, request, &fits, &work, &mut unfit) {
            Some(member) => member,
            None => return Err(self.nobody(unfit)),
        };
        loop {
            if let Some(held) = &held {
                let holder = held.enter(member.vendor).await?;
                if holder != member.vendor {
                    // The key has been with another vendor, and stays there.
                    member = self.holder(&holder)?;
                    turns = Turns::none();
                }
            }
            let result = call(&member.provider, request.clone()).await;
            let error = match result {
                Ok(done) => {
                    keep(held).await?;
                    Span::current().record("vendor", member.vendor);
                    self.tell(&work, member.vendor, RouteStep::Answered, None);
                    return Ok(done);
                }
                Err(error) => error,
            };
            if !may_go_on(self.domain, &error, tolerated) {
                keep(held).await?;
                self.tell(&work, member.vendor, RouteStep::Stopped, Some(&error));
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
            self.tell(&work, member.vendor, step, Some(&error));
            match next {
                Some(next) => member = next,
                None => return Err(error),
            }
        }
    }

    /// The next whose turn it is and who can take the request.
    fn next_fit<R>(
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
                    self.tell(work, member.vendor, RouteStep::Skipped, Some(&why));
                    unfit.get_or_insert(why);
                }
            }
        }
        None
    }

    fn nobody(&self, unfit: Option<Error>) -> Error {
        unfit.unwrap_or_else(|| {
            let message = format!("[{}] names nobody who takes new work", self.name);
            Error::new(Kind::Config, message)
        })
    }

    fn holder(&self, vendor: &str) -> Result<&Member<P>, Error> {
        let holder = self.members.iter().find(|member| member.vendor == vendor);
        holder.ok_or_else(|| {
            let message = format!(
                "{vendor} has taken this key before and is no longer named in [{}]; add it to `retired` there",
                self.name
            );
            Error::new(Kind::Config, message)
        })
    }

    fn tell(&self, work: &Work<'_>, vendor: &'static str, step: RouteStep, error: Option<&Error>) {
        let kind = error.map(|error| error.kind().as_str());
        match step {
            RouteStep::Answered => {}
            RouteStep::FailedOver => tracing::warn!(
                domain = self.name,
                operation = work.operation,
                vendor,
                error = kind,
                "the vendor did nothing; the next is asked"
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

/// Takes what was used from the caller's time; whether any is left.
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
