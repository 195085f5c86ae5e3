//! A shop's checkout: orders in, charged, receipted and mailed; which vendor does it is not known here.

mod cards;
mod events;
mod mail;
mod orders;
mod outcome;
mod receipt;
mod record;
mod report;
mod settle;
mod text;
mod words;

pub use cards::{CardError, TestCards};
pub use events::{EventBook, EventCounts, Moves};
pub use orders::{Order, OrdersError, read_orders};
pub use outcome::{Before, NoticeState, Outcome};
pub use report::{EventReport, Report, ReportLine, Totals};
pub use settle::Shop;
