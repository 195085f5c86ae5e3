//! One Rust API for payments, e-mail and object storage; which vendor answers is a line in a config file.
#![doc = include_str!("../README.md")]

mod config;
mod connect;
mod registry;
mod routing;
mod schema;
pub mod webhooks;

pub use anyvendor_core::{
    Delivery, Error, Kind, Result, RetryStop, address, email, error, messaging, payment,
    resilience,
    resilience::{CallOptions, Health, Observer},
    storage, transport, values, webhook,
};
pub use anyvendor_http as network;
pub use bytes::Bytes;
pub use config::{Config, Mode, Route, Section, Sticky};
pub use connect::{Vendors, VendorsBuilder};
pub use http;
pub use jiff::Timestamp;
pub use registry::{Registry, VendorSettings};
pub use routing::{MemoryRoutes, RouteStore};
pub use url::Url;

#[cfg(feature = "paypal")]
pub use anyvendor_adapter_paypal as paypal;
#[cfg(feature = "s3")]
pub use anyvendor_adapter_s3 as s3;
#[cfg(feature = "sendgrid")]
pub use anyvendor_adapter_sendgrid as sendgrid;
#[cfg(feature = "stripe")]
pub use anyvendor_adapter_stripe as stripe;
#[cfg(feature = "twilio")]
pub use anyvendor_adapter_twilio as twilio;
