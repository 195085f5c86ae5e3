//! A shop's checkout: charges orders, stores receipts and sends emails. It does not know which vendors it uses.

mod cards;
mod email;
mod events;
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
