//! A shop's checkout: orders in, charged, receipted and mailed; which vendor does it is not known here.

mod cards;
mod mail;
mod orders;
mod outcome;
mod receipt;
mod record;
mod report;
mod settle;
mod text;

pub use cards::{CardError, TestCards};
pub use orders::{Order, OrdersError, read_orders};
pub use outcome::{NoticeState, Outcome};
pub use report::{Report, ReportLine, Totals};
pub use settle::Shop;
