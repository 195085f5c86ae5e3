//! Several vendors behind one trait: new work goes by share or in turn, follow-ups go to the vendor that their id names.
//!
//! Routing is outside the call: each vendor is called through its own pipeline, with its own breaker, budget and limits. See
//! `docs/routing.md`.

mod email;
mod list;
mod messaging;
mod payment;
mod plan;
mod router;
mod store;
mod table;

pub use self::store::MemoryRoutes;
pub(crate) use self::{
    email::RoutedEmail,
    messaging::RoutedMessages,
    payment::RoutedPayments,
    plan::Plan,
    router::{Member, Router},
    store::Routes,
    table::Domain,
};
