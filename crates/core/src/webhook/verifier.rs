//! The trait that a vendor's webhooks are received through.

use std::fmt;

use async_trait::async_trait;
use http::Method;
use jiff::Timestamp;

use super::{
    error::WebhookError,
    event::WebhookEvent,
    request::{DEFAULT_MAX_BODY, WebhookRequest},
    verified::{Prefetched, Verified},
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
    async fn prefetch(&self, request: &WebhookRequest<'_>) -> Result<Prefetched, WebhookError> {
        let _ = request;
        Ok(Prefetched::none())
    }

    /// Checks that the delivery is the vendor's, in this order: size, headers, signature over the raw bytes, time. Pure:
    /// the same arguments always give the same response.
    ///
    /// # Behavior
    /// - `genuine_is_taken`: what the vendor signed is taken, with all its events.
    /// - `any_secret_will_do`: each of several secrets or keys is tried.
    /// - `wrong_secret_is_refused`: a signature by any other is refused.
    /// - `another_delivery_with_this_signature_is_refused`: a signature is good for one body.
    /// - `missing_or_doubled_header_is_refused`: `MissingHeader`, `Malformed`.
    /// - `other_content_type_is_refused`: `ContentType`.
    /// - `too_long_is_refused`: `BodyTooLarge`, by [`max_body`](Self::max_body).
    /// - `old_and_future_are_refused`: `TooOld`, `TooNew`, where the vendor signs a time; both ends of the window belong to it.
    /// - `altered_is_refused`: whatever is changed of what is signed, without a panic.
    /// - `nothing_is_printed`: neither the delivery nor a secret.
    ///
    /// # Errors
    /// Whatever is wrong with it, which the sender is not told.
    fn verify<'a>(
        &self,
        request: WebhookRequest<'a>,
        prefetched: &Prefetched,
        now: Timestamp,
    ) -> Result<Verified<'a>, WebhookError>;

    /// The events of a delivery, in its order. What cannot be read is told as [`Event::Other`](super::Event::Other) with
    /// the whole payload, so that nothing is lost.
    ///
    /// # Behavior
    /// - `copies_share_their_key`: copies of an event have its key, and no other event has.
    fn events(&self, verified: &Verified<'_>) -> Vec<WebhookEvent>;
}

const _: Option<&dyn WebhookVerifier> = None;
