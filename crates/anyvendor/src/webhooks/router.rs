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
/// ```no_run
/// use anyvendor::{
///     Config, Vendors,
///     payment::{GetPayment, PaymentStatus},
///     webhooks::{self, Event, WebhookEvent},
/// };
///
/// # fn app() -> Result<(), Box<dyn std::error::Error>> {
/// // The file has a table `[webhooks.stripe]`, which is received at `/webhooks/stripe`.
/// let vendors = Vendors::connect(&Config::load("anyvendor.toml")?)?;
/// let payments = vendors.payment()?;
/// let webhooks = webhooks::router(&vendors, move |event: WebhookEvent| {
///     let payments = payments.clone();
///     async move {
///         // The event says that something changed; the vendor says what is true now.
///         if let Event::Payment(change) = event.event
///             && let Some(id) = change.payment
///         {
///             let payment = payments.get(GetPayment::new(id)).await?;
///             if payment.status == PaymentStatus::Captured {
///                 println!("order {:?}: {} paid", payment.reference, payment.captured);
///             }
///         }
///         Ok(())
///     }
/// });
/// let app: axum::Router = axum::Router::new().merge(webhooks);
/// # drop(app);
/// # Ok(()) }
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
