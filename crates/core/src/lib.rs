//! The traits, models, errors and call pipeline of anyvendor.
#![doc = include_str!("../README.md")]

mod macros;
mod paging;

pub mod error;
pub mod values;

pub mod email;
pub mod messaging;
pub mod payment;
pub mod storage;

pub mod address;
pub mod extension;
pub mod form;
pub mod resilience;
pub mod routing;
pub mod transport;
pub mod webhook;

pub use error::{Delivery, Error, Kind, Result, RetryStop};
