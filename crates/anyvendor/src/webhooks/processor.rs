//! Processing of the events of one verified delivery: each event separately, and never twice at the same time.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use anyvendor_core::{
    resilience::Clock,
    webhook::{Claim, DedupeStore, EventKey, SignedContent, WebhookError, WebhookEvent},
};
use futures_util::{FutureExt, StreamExt, stream};

use super::handler::WebhookHandler;

/// How much longer a lease is than the handler's time limit, so that it never expires while the handler is running.
const LEASE_MARGIN: Duration = Duration::from_secs(15);

/// Gives events to the application's handler.
pub(super) struct EventProcessor {
    pub(super) handler: Arc<dyn WebhookHandler>,
    pub(super) dedupe: Arc<dyn DedupeStore>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) handler_limit: Duration,
    /// How many events of one delivery are handled concurrently.
    pub(super) max_concurrent_events: usize,
}

/// The result of a verified delivery: what became of its events, and whether it is late.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct DeliverySummary {
    pub(super) handled: u32,
    pub(super) duplicates: u32,
    pub(super) ignored: u32,
    pub(super) failed: u32,
    pub(super) late: bool,
}

enum Outcome {
    Handled,
    Duplicate,
    Failed,
}

impl EventProcessor {
    /// Processes each event separately: one that fails does not hold up the others.
    pub(super) async fn process(
        &self,
        endpoint: Arc<str>,
        events: Vec<WebhookEvent>,
        late: bool,
    ) -> DeliverySummary {
        let mut summary = DeliverySummary {
            late,
            ..DeliverySummary::default()
        };
        let mut outcomes = stream::iter(events)
            .map(|event| self.process_one(&endpoint, event))
            .buffer_unordered(self.max_concurrent_events);
        while let Some(outcome) = outcomes.next().await {
            match outcome {
                Outcome::Handled => summary.handled += 1,
                Outcome::Duplicate => summary.duplicates += 1,
                Outcome::Failed => summary.failed += 1,
            }
        }
        summary
    }

    /// Rejects a delivery whose signature came with another content before.
    pub(super) async fn check_content(
        &self,
        endpoint: &str,
        signed: Option<&SignedContent>,
    ) -> Result<(), WebhookError> {
        let Some(SignedContent {
            signature, content, ..
        }) = signed
        else {
            return Ok(());
        };
        let signature = EventKey::new(endpoint, signature);
        match self.dedupe.bind(&signature, content).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(WebhookError::OtherContent),
            Err(error) => Err(WebhookError::Store(Box::new(error))),
        }
    }

    /// Processes an event, and logs what became of it.
    async fn process_one(&self, endpoint: &Arc<str>, event: WebhookEvent) -> Outcome {
        let (key, id) = (event.dedupe_key.clone(), event.id.clone());
        let id = || id.as_ref().map_or(key.as_str(), |id| id.id());
        let (name, endpoint_name) = (event.log_name().to_string(), &**endpoint);
        match self.handle(endpoint, event).await {
            Ok(outcome) => {
                let duplicate = matches!(outcome, Outcome::Duplicate);
                tracing::debug!(
                    endpoint = endpoint_name,
                    event = name,
                    id = id(),
                    duplicate,
                    "webhook event handled"
                );
                outcome
            }
            Err(why) => {
                tracing::warn!(
                    endpoint = endpoint_name,
                    event = name,
                    id = id(),
                    why,
                    "webhook event not handled"
                );
                Outcome::Failed
            }
        }
    }

    /// Handles an event unless it was handled before; `Err` says why it was not.
    async fn handle(
        &self,
        endpoint: &Arc<str>,
        mut event: WebhookEvent,
    ) -> Result<Outcome, &'static str> {
        const STORE: &str = "the dedupe store failed";
        let key = EventKey::new(endpoint, &event.dedupe_key);
        let lease = self.handler_limit.saturating_add(LEASE_MARGIN);
        let ticket = match self.dedupe.claim(&key, lease).await {
            Ok(Claim::Granted(ticket)) => ticket,
            Ok(Claim::Settled) => return Ok(Outcome::Duplicate),
            Ok(Claim::Held) => return Err("it is being handled already"),
            Err(_) => return Err(STORE),
        };
        event.endpoint = Some(Arc::clone(endpoint));
        // The call is inside the future too: a handler that is written by hand may panic before it returns one.
        let handling = async { self.handler.handle(event).await };
        let handling = AssertUnwindSafe(handling).catch_unwind();
        let why = match tokio::time::timeout(self.handler_limit, handling).await {
            Ok(Ok(Ok(()))) => match self.dedupe.settle(&key, ticket).await {
                Ok(()) => return Ok(Outcome::Handled),
                // Handled but not recorded: a repetition is better than a lost event.
                Err(_) => return Err(STORE),
            },
            Ok(Ok(Err(_))) => "the handler failed",
            Ok(Err(_)) => "the handler panicked",
            Err(_) => "the handler took too long",
        };
        // If this fails, the lease expires by itself.
        let _ = self.dedupe.release(&key, ticket).await;
        Err(why)
    }
}
