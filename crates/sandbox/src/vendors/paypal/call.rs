//! A call whose head was read, and the reply to it.

use http::{HeaderMap, Method};
use serde_json::Value;

use super::error::ApiError;
use crate::server::Pretend;

/// A request whose head was read.
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) request_id: Option<String>,
    pub(super) whole: bool,
    pub(super) headers: HeaderMap,
    pub(super) pretend: Pretend,
}

/// The reply to a successful call.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: Option<Value>,
}

impl Call {
    /// Takes as long as an injected fault asks, and fails if the fault asks for that.
    pub(super) async fn wait(&self) -> Result<(), ApiError> {
        if let Some(delay) = self.pretend.delay {
            tokio::time::sleep(delay).await;
        }
        match self.pretend.failure {
            Some(status) => Err(ApiError::status(status)),
            None => Ok(()),
        }
    }
}
