//! What an application does with an event.

use std::future::Future;

use anyvendor_core::webhook::WebhookEvent;
use async_trait::async_trait;

/// Why an event was not taken. It is not logged here, since it may hold anything; log it where it is made.
pub type HandlerError = Box<dyn std::error::Error + Send + Sync>;

/// Takes events: an application implements it, or gives a closure.
///
/// `Ok` means that the event is taken for good: done, or in a durable queue. An error, a panic or more time than the
/// receiver allows make the vendor send it again, so a handler may see an event again that it half did.
#[async_trait]
pub trait WebhookHandler: Send + Sync + 'static {
    /// Takes one event. Never called twice at once for the same event.
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
