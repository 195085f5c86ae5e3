//! What becomes of the events of one verified delivery: each is handled alone, and at most once at a time.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use anyvendor_core::{resilience::Clock, webhook::WebhookEvent};
use futures_util::{FutureExt, StreamExt, stream};

use super::{
    dedupe::{Claim, DedupeStore, EventKey},
    handler::WebhookHandler,
};

/// Longer than the handler may take, so that a lease never runs out under a handler at work.
const LEASE_MARGIN: Duration = Duration::from_secs(15);

/// Who handles events, and how.
pub(super) struct EventProcessor {
    pub(super) handler: Arc<dyn WebhookHandler>,
    pub(super) dedupe: Arc<dyn DedupeStore>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) handler_limit: Duration,
    pub(super) at_once: usize,
}

/// What became of the events of a delivery.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct DeliverySummary {
    pub(super) handled: u32,
    pub(super) duplicates: u32,
    pub(super) failed: u32,
}

enum Settled {
    Handled,
    Duplicate,
    Failed(&'static str),
}

impl EventProcessor {
    /// Settles each event alone: one that fails does not hold up the others.
    pub(super) async fn settle_all(
        &self,
        endpoint: Arc<str>,
        events: Vec<WebhookEvent>,
    ) -> DeliverySummary {
        let mut summary = DeliverySummary::default();
        let mut settled = stream::iter(events)
            .map(|event| self.settle(&endpoint, event))
            .buffer_unordered(self.at_once);
        while let Some(settled) = settled.next().await {
            match settled {
                Settled::Handled => summary.handled += 1,
                Settled::Duplicate => summary.duplicates += 1,
                Settled::Failed(why) => {
                    summary.failed += 1;
                    tracing::warn!(endpoint = &*endpoint, why, "webhook event not taken");
                }
            }
        }
        summary
    }

    async fn settle(&self, endpoint: &Arc<str>, mut event: WebhookEvent) -> Settled {
        let key = EventKey::new(endpoint, &event.dedupe_key);
        let lease = self.handler_limit.saturating_add(LEASE_MARGIN);
        let ticket = match self.dedupe.claim(&key, lease, self.clock.wall()).await {
            Ok(Claim::Granted(ticket)) => ticket,
            Ok(Claim::Settled) => return Settled::Duplicate,
            Ok(Claim::Held) => return Settled::Failed("it is being handled already"),
            Err(_) => return Settled::Failed("the store of events does not respond"),
        };
        event.endpoint = Some(Arc::clone(endpoint));
        let handling = AssertUnwindSafe(self.handler.handle(event)).catch_unwind();
        let why = match tokio::time::timeout(self.handler_limit, handling).await {
            Ok(Ok(Ok(()))) => match self.dedupe.settle(&key, ticket).await {
                Ok(()) => return Settled::Handled,
                // Handled and not remembered: once more is better than never.
                Err(_) => return Settled::Failed("the store of events does not respond"),
            },
            Ok(Ok(Err(_))) => "the handler failed",
            Ok(Err(_)) => "the handler panicked",
            Err(_) => "the handler took too long",
        };
        // Where this fails, the lease runs out by itself.
        let _ = self.dedupe.release(&key, ticket).await;
        Settled::Failed(why)
    }
}
