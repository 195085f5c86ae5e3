//! Faults on demand: scripted ones for a test's next calls, profiles for a whole run.

mod error;
mod injector;
mod kind;
mod mix;
mod plan;
mod scripted;

pub use kind::FaultKind;
pub use plan::{FaultPlan, Profile};
pub use scripted::Fault;

pub(crate) use error::{FaultError, set_header};
pub(crate) use injector::Faults;
pub(crate) use mix::{Mix, hang, limited, read, refused, server_error, unkeyed_write};
