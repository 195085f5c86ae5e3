//! The network below core's `Transport`: reqwest and TLS, connections, credentials, and a client for any API.
#![doc = include_str!("../README.md")]

mod auth;
mod certificate;
mod client;
mod clock;
mod connection;
mod crypto_provider;
mod header;
mod mode;
mod oauth;
pub mod signature;
mod transport;

pub use self::{
    auth::Auth,
    certificate::{CertificateTrust, SigningCertificate},
    client::{Client, ClientBuilder, ClientCall, ClientConfig},
    clock::{ManualClock, SystemClock},
    connection::{Connect, ConnectionBuilder, ConnectionParts},
    crypto_provider::install_crypto_provider,
    mode::{CredentialMode, Mode},
    oauth::{ClientCredentials, SecretPlace},
    transport::{HttpTransport, HttpTransportBuilder, Resolver, SystemResolver, TransportConfig},
};
