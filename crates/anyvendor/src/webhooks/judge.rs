//! Verifies a whole delivery and reads its events; a long one away from the threads that serve others.

use std::sync::Arc;

use anyvendor_core::webhook::{
    Prefetched, SignedContent, WebhookError, WebhookEvent, WebhookRequest, WebhookVerifier,
};
use bytes::Bytes;
use http::{HeaderMap, Method};
use jiff::Timestamp;

/// The longest body that is verified and read on the thread that received it: a few milliseconds of work. Our default.
const MAX_INLINE: usize = 1024 * 1024;

/// A delivery with its body.
pub(super) struct Delivery {
    pub(super) method: Method,
    pub(super) target: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// What a verified delivery reports.
pub(super) struct Judged {
    pub(super) events: Vec<WebhookEvent>,
    /// Whether it is late.
    pub(super) late: bool,
    /// Its signature and its content, where another content could have the same signature.
    pub(super) signed: Option<SignedContent>,
}

impl Delivery {
    /// Verifies the delivery and reads its events.
    pub(super) async fn judge(
        self,
        verifier: &Arc<dyn WebhookVerifier>,
        now: Timestamp,
    ) -> Result<Judged, WebhookError> {
        let prefetched = verifier.prefetch(&self.request(), now).await?;
        if self.body.len() <= MAX_INLINE {
            return self.read(verifier.as_ref(), &prefetched, now);
        }
        let verifier = Arc::clone(verifier);
        let reading =
            tokio::task::spawn_blocking(move || self.read(verifier.as_ref(), &prefetched, now));
        match reading.await {
            Ok(judged) => judged,
            Err(error) => match error.try_into_panic() {
                // The verifier panicked, as it would have on this thread.
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(WebhookError::NotHandled),
            },
        }
    }

    fn request(&self) -> WebhookRequest<'_> {
        WebhookRequest::new(&self.method, &self.target, &self.headers, &self.body)
    }

    fn read(
        &self,
        verifier: &dyn WebhookVerifier,
        prefetched: &Prefetched,
        now: Timestamp,
    ) -> Result<Judged, WebhookError> {
        let verified = verifier.verify(self.request(), prefetched, now)?;
        Ok(Judged {
            events: verifier.events(&verified),
            late: verified.is_late(),
            signed: verifier.signed_content(&verified),
        })
    }
}
