//! The adapter: an imaginary email vendor behind `EmailProvider`, in the modules that every adapter has.

mod auth;
mod client;
mod config;
mod email;
mod error;
mod wire;

pub use self::{
    client::Acme,
    config::{AcmeConfig, VENDOR},
};
