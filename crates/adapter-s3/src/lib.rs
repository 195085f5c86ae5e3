//! AWS S3 and compatible stores behind anyvendor's storage trait.
#![doc = include_str!("../README.md")]

mod auth;
mod client;
mod config;
mod encode;
mod error;
mod storage;
mod wire;

pub use client::{S3, S3Builder};
pub use config::{Addressing, CredentialsConfig, S3Config, VENDOR};
