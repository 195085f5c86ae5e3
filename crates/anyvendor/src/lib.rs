//! One Rust API for payments, e-mail and object storage; which vendor answers is a line in a config file.
#![doc = include_str!("../README.md")]

mod config;
mod connect;
mod registry;
mod routing;
mod schema;
mod vendors;
pub mod webhooks;

pub use anyvendor_core::{
    Delivery, Error, Kind, Result, RetryStop, address, email, error, messaging, payment,
    resilience,
    resilience::{CallOptions, Health, Observer},
    storage, transport, values, webhook,
};
pub use anyvendor_http as network;
pub use anyvendor_http::Mode;
pub use bytes::Bytes;
pub use config::{Config, Route, Section, Sticky};
pub use connect::{Vendors, VendorsBuilder};
pub use http;
pub use jiff::Timestamp;
pub use registry::{Registry, VendorSettings};
pub use routing::{MemoryRoutes, RouteStore};
pub use url::Url;

macro_rules! re_export {
    ($($feature:literal $name:ident $adapter:ident { $($table:ident: $provider:ident),+ })+) => {
        $(
            #[cfg(feature = $feature)]
            pub use $adapter as $name;
        )+
    };
}

vendors::for_each_vendor!(re_export);
