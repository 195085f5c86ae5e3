//! A call whose headers were read, and the reply to it.

use http::Method;
use serde_json::Value;

use super::error::ApiError;
use crate::call::Call;

/// A request whose headers were read.
pub(super) struct PayPalCall {
    /// The path has no trailing slash.
    pub(super) head: Call,
    pub(super) request_id: Option<String>,
    /// Whether the reply shows the whole object.
    pub(super) whole: bool,
}

/// The reply to a successful call.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: Option<Value>,
}

impl PayPalCall {
    pub(super) fn new(mut head: Call) -> Self {
        head.path = head.path.trim_end_matches('/').to_owned();
        let prefers = head.header("prefer");
        Self {
            request_id: head.header("paypal-request-id"),
            whole: head.method == Method::GET
                || prefers.is_some_and(|p| p.contains("return=representation")),
            head,
        }
    }

    /// Takes as long as an injected fault asks, and fails if the fault asks for that.
    pub(super) async fn wait(&self) -> Result<(), ApiError> {
        self.head.injected.wait().await;
        match self.head.injected.failure {
            Some(status) => Err(ApiError::status(status)),
            None => Ok(()),
        }
    }
}
