//! The receiver as an axum router.

use axum::{
    Router,
    extract::{OriginalUri, Path, Request, State},
    response::{IntoResponse, Response},
    routing::any,
};

use super::{handler::WebhookHandler, receiver::Receiver};
use crate::connect::Vendors;

/// An axum router that receives every endpoint of the configuration at `/webhooks/<endpoint>`.
///
/// Add it to the application's routes with `merge`. If it is nested below a path, the address to register with the vendor is
/// the whole path.
///
/// ```
/// use anyvendor::{
///     Config, Vendors,
///     webhooks::{self, Event, PaymentChange, WebhookEvent},
/// };
///
/// let config = Config::from_toml(
///     r#"
///     mode = "sandbox"
///     [webhooks.twilio]                        # received at /webhooks/twilio
///     auth_tokens = ["test:not-a-real-token"]
///     public_url = "https://hooks.example.com"
///     "#,
/// );
/// # let config = Config::from_toml("mode = \"sandbox\"");
/// let vendors = Vendors::connect(&config?)?;
/// let app: axum::Router = webhooks::router(&vendors, |event: WebhookEvent| async move {
///     if let Event::Payment(payment) = event.event
///         && payment.change == PaymentChange::Captured
///     {
///         println!("order {:?} is paid", payment.reference);
///     }
///     Ok(())
/// });
/// # anyvendor::Result::Ok(())
/// ```
pub fn router(vendors: &Vendors, handler: impl WebhookHandler) -> Router {
    Receiver::new(vendors, handler).into_router()
}

impl Receiver {
    /// Turns this receiver into an axum router with the route `/webhooks/{endpoint}`.
    pub fn into_router(self) -> Router {
        Router::new()
            .route("/webhooks/{endpoint}", any(receive))
            .with_state(self)
    }
}

async fn receive(
    State(receiver): State<Receiver>,
    Path(endpoint): Path<String>,
    // The URI before an outer router removed a prefix from it.
    OriginalUri(uri): OriginalUri,
    mut request: Request,
) -> Response {
    *request.uri_mut() = uri;
    receiver.receive(&endpoint, request).await.into_response()
}
