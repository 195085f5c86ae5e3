//! The errors of the sandbox itself.

use std::io;
use std::net::SocketAddr;

/// Why a sandbox could not start, or could not do what a test asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// The address could not be bound.
    #[error("sandbox: {}", cannot_listen(*address, source))]
    Listen {
        /// The requested address; port 0 is any.
        address: SocketAddr,
        /// The error of the operating system.
        source: io::Error,
    },
    /// An option or an address is invalid.
    #[error("sandbox: {0}")]
    Options(String),
}

fn cannot_listen(address: SocketAddr, source: &io::Error) -> String {
    if source.kind() == io::ErrorKind::AddrInUse {
        let port = address.port();
        format!("port {port} is taken; choose another, or let the sandbox find free ones")
    } else {
        format!("cannot listen on {address}: {source}")
    }
}
