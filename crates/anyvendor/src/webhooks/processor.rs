//! Processing of the events of one verified delivery: each event separately, and never twice at the same time.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use anyvendor_core::{resilience::Clock, webhook::WebhookEvent};
use futures_util::{FutureExt, StreamExt, stream};

use super::{
    dedupe::{Claim, DedupeStore, EventKey},
    handler::WebhookHandler,
};

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

/// The result of a verified delivery: how many of its events were handled, and whether it is late.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct DeliverySummary {
    pub(super) handled: u32,
    pub(super) duplicates: u32,
    pub(super) failed: u32,
    pub(super) late: bool,
}

enum Outcome {
    Handled,
    Duplicate,
    Failed(&'static str),
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
                Outcome::Failed(why) => {
                    summary.failed += 1;
                    tracing::warn!(endpoint = &*endpoint, why, "webhook event not handled");
                }
            }
        }
        summary
    }

    async fn process_one(&self, endpoint: &Arc<str>, mut event: WebhookEvent) -> Outcome {
        let key = EventKey::new(endpoint, &event.dedupe_key);
        let lease = self.handler_limit.saturating_add(LEASE_MARGIN);
        let ticket = match self.dedupe.claim(&key, lease, self.clock.wall()).await {
            Ok(Claim::Granted(ticket)) => ticket,
            Ok(Claim::Settled) => return Outcome::Duplicate,
            Ok(Claim::Held) => return Outcome::Failed("it is being handled already"),
            Err(_) => return Outcome::Failed("the dedupe store failed"),
        };
        event.endpoint = Some(Arc::clone(endpoint));
        let handling = AssertUnwindSafe(self.handler.handle(event)).catch_unwind();
        let why = match tokio::time::timeout(self.handler_limit, handling).await {
            Ok(Ok(Ok(()))) => match self.dedupe.settle(&key, ticket).await {
                Ok(()) => return Outcome::Handled,
                // Handled but not recorded: a repetition is better than a lost event.
                Err(_) => return Outcome::Failed("the dedupe store failed"),
            },
            Ok(Ok(Err(_))) => "the handler failed",
            Ok(Err(_)) => "the handler panicked",
            Err(_) => "the handler took too long",
        };
        // If this fails, the lease expires by itself.
        let _ = self.dedupe.release(&key, ticket).await;
        Outcome::Failed(why)
    }
}
