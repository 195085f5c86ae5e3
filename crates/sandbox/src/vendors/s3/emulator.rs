//! The server with the access that the sandbox gives it.

use std::sync::Arc;

use super::access::Access;
use super::server::S3Server;

/// An S3 emulator that keeps its objects in memory.
#[derive(Clone)]
pub(crate) struct S3Emulator {
    pub(super) server: S3Server,
    pub(super) access: Arc<Access>,
}
