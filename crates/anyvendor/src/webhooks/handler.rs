//! The application's handler of events.

use std::future::Future;

use anyvendor_core::webhook::WebhookEvent;
use async_trait::async_trait;

/// Why a handler failed. The receiver does not log it, since it may contain anything; log it where it is made.
pub type HandlerError = Box<dyn std::error::Error + Send + Sync>;

/// Handles events. An application implements this trait or passes a closure.
///
/// `Ok` means that the event is dealt with for good: processed, or stored in a durable queue. After an error, a panic or a
/// timeout the vendor sends the event again, so a handler may see an event that it has processed in part.
///
/// ```
/// use anyvendor::webhooks::{HandlerError, WebhookEvent, WebhookHandler};
///
/// struct Queue(tokio::sync::mpsc::Sender<WebhookEvent>);
///
/// #[async_trait::async_trait]
/// impl WebhookHandler for Queue {
///     async fn handle(&self, event: WebhookEvent) -> Result<(), HandlerError> {
///         self.0.send(event).await?;
///         Ok(())
///     }
/// }
/// ```
#[async_trait]
pub trait WebhookHandler: Send + Sync + 'static {
    /// Handles one event. It is never called concurrently for the same event.
    ///
    /// # Errors
    /// Any error; the receiver then responds with 503, and the vendor sends the event again.
    async fn handle(&self, event: WebhookEvent) -> Result<(), HandlerError>;
}

#[async_trait]
impl<F, T> WebhookHandler for F
where
    F: Fn(WebhookEvent) -> T + Send + Sync + 'static,
    T: Future<Output = Result<(), HandlerError>> + Send,
{
    async fn handle(&self, event: WebhookEvent) -> Result<(), HandlerError> {
        self(event).await
    }
}
