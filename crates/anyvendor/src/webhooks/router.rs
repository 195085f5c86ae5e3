//! The receiver as an axum router.

use axum::{
    Router,
    extract::{OriginalUri, Path, Request, State},
    response::{IntoResponse, Response},
    routing::any,
};

use super::{handler::WebhookHandler, receiver::Receiver};
use crate::connect::Vendors;

/// Receives every endpoint of the configuration at `/webhooks/<endpoint>`. Mount it beside other routes by `merge`; where it
/// is nested below a path, the vendor's address is the whole path.
pub fn router(vendors: &Vendors, handler: impl WebhookHandler) -> Router {
    Receiver::new(vendors, handler).into_router()
}

impl Receiver {
    /// Receives at `/webhooks/<endpoint>`.
    pub fn into_router(self) -> Router {
        Router::new()
            .route("/webhooks/{endpoint}", any(receive))
            .with_state(self)
    }
}

async fn receive(
    State(receiver): State<Receiver>,
    Path(endpoint): Path<String>,
    // Before a router below a path cut it.
    OriginalUri(uri): OriginalUri,
    mut request: Request,
) -> Response {
    *request.uri_mut() = uri;
    receiver.receive(&endpoint, request).await.into_response()
}
