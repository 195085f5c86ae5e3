//! The settings of the HTTP transport.

use std::time::Duration;

/// The settings of an [`HttpTransport`](crate::HttpTransport).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransportConfig {
    /// The longest that making a connection may take. Default 3.1 s, as in smithy-rs.
    pub connect_timeout: Duration,
    /// How long an idle connection is kept for reuse. Default 20 s, as in rust-s3, which quotes S3 (reqwest: 90 s).
    pub pool_idle_timeout: Duration,
    /// Whether loopback and private addresses and plain HTTP are allowed: only for an emulator on this machine. Default no.
    pub allow_private_addresses: bool,
}

impl TransportConfig {
    /// The default settings with these two values, which every connection's settings contain.
    #[must_use]
    pub fn of(connect_timeout: Duration, allow_private_addresses: bool) -> Self {
        Self {
            connect_timeout,
            allow_private_addresses,
            ..Self::default()
        }
    }
}

impl Default for TransportConfig {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_millis(3100),
            pool_idle_timeout: Duration::from_secs(20),
            allow_private_addresses: false,
        }
    }
}
