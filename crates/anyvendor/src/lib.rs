//! One Rust API for payments, email, phone messages, webhooks and object storage; the vendor is a line in a config file.
#![doc = include_str!("../README.md")]
//!
//! ## With the sandbox
//!
//! Without an account, the sandbox takes the vendor's place:
//!
//! ```
//! # #[cfg(feature = "full")]
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use anyvendor::{Config, Vendors, payment::{CreatePayment, PaymentOutcome}};
//! use anyvendor_sandbox::{Sandbox, secrets_in_files};
//!
//! let sandbox = Sandbox::start().await?;
//! # let folder = std::env::temp_dir().join(format!("anyvendor-docs-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! // The sandbox writes its own configuration. A program reads it with `Config::load("anyvendor.toml")`.
//! let text = secrets_in_files(&sandbox.config_toml(), sandbox.variables(), &folder)?;
//! let vendors = Vendors::connect(&Config::from_toml(&text)?)?;
//! # std::fs::remove_dir_all(folder)?;
//!
//! let request = CreatePayment::new("12.50 EUR".parse()?, "order-1".parse()?)
//!     .with_source("stripe:pm_card_visa".parse::<anyvendor::values::VendorId>()?);
//! let outcome = vendors.payment()?.create(request).await?;
//! assert!(matches!(outcome, PaymentOutcome::Captured(_)));
//! sandbox.shutdown().await;
//! # Ok(()) }
//! # #[cfg(not(feature = "full"))] fn main() {}
//! ```

mod config;
mod connect;
mod connection;
mod registry;
mod routing;
mod schema;
mod vendors;
pub mod webhooks;

pub use anyvendor_core::{
    Delivery, Error, Kind, Result, RetryStop, address, email, error, messaging, payment,
    resilience,
    resilience::{CallOptions, Health, Observer},
    routing::{Holder, RouteStore},
    storage, transport, values, webhook,
};
pub use anyvendor_http as network;
pub use anyvendor_http::Mode;
pub use bytes::Bytes;
pub use config::{Config, Route, RoutesIn, Section, Sticky};
pub use connect::{Vendors, VendorsBuilder};
pub use connection::Connection;
pub use http;
pub use jiff::Timestamp;
pub use registry::{Registry, VendorSettings};
pub use routing::MemoryRoutes;
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
