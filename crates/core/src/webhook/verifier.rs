//! The trait that a vendor's webhooks are received through.

use std::fmt;

use async_trait::async_trait;
use http::Method;
use jiff::Timestamp;

use super::{
    error::WebhookError,
    event::WebhookEvent,
    request::{DEFAULT_MAX_BODY, WebhookRequest},
    verified::{Evidence, Verified},
};

/// Verifies one endpoint's deliveries and tells their events.
#[async_trait]
pub trait WebhookVerifier: fmt::Debug + Send + Sync {
    /// The vendor's name, as in ids.
    fn vendor(&self) -> &'static str;

    /// The longest body that is read, in bytes.
    fn max_body(&self) -> usize {
        DEFAULT_MAX_BODY
    }

    /// Whether deliveries come by this method.
    fn takes(&self, method: &Method) -> bool {
        method == Method::POST
    }

    /// Fetches what [`verify`](Self::verify) needs beside the delivery, such as a certificate that is not cached. Most
    /// vendors need nothing. Nothing in the delivery is to be believed yet.
    ///
    /// # Errors
    /// `Unavailable` when it cannot be fetched now; anything else when the delivery is already seen to be bad.
    async fn gather(&self, request: &WebhookRequest<'_>) -> Result<Evidence, WebhookError> {
        let _ = request;
        Ok(Evidence::none())
    }

    /// Checks that the delivery is the vendor's, in this order: size, headers, signature over the raw bytes, time. Pure:
    /// the same arguments always give the same answer.
    ///
    /// # Errors
    /// Whatever is wrong with it, which the sender is not told.
    fn verify<'a>(
        &self,
        request: WebhookRequest<'a>,
        evidence: &Evidence,
        now: Timestamp,
    ) -> Result<Verified<'a>, WebhookError>;

    /// The events of a delivery, in its order. What cannot be read is told as [`Event::Other`](super::Event::Other) with
    /// the whole payload, so that nothing is lost.
    fn events(&self, verified: &Verified<'_>) -> Vec<WebhookEvent>;
}

const _: Option<&dyn WebhookVerifier> = None;
