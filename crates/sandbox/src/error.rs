//! What the sandbox itself cannot do.

use std::net::SocketAddr;

/// Why a sandbox could not start, or do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// The address could not be bound.
    #[error(
        "sandbox: cannot listen on {address}: {source}; choose other ports or let the sandbox find free ones"
    )]
    Listen {
        /// What was asked for; port 0 is any.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// A double refused its options.
    #[error("sandbox: {0}")]
    Options(String),
}
