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

/// Verifies the deliveries to one endpoint and reads their events.
///
/// # For callers
/// Pass one to the facade's webhook receiver, or call `prefetch`, `verify` and `events` in this order.
///
/// ```
/// use anyvendor_core::webhook::{WebhookError, WebhookEvent, WebhookRequest, WebhookVerifier};
///
/// async fn receive(
///     acme: &dyn WebhookVerifier,
///     request: WebhookRequest<'_>,
///     now: jiff::Timestamp,
/// ) -> Result<Vec<WebhookEvent>, WebhookError> {
///     let prefetched = acme.prefetch(&request).await?;
///     let verified = acme.verify(request, &prefetched, now)?;
///     Ok(acme.events(&verified))
/// }
/// ```
///
/// # For adapter authors
/// `verify` must be pure; whatever it needs from the network is fetched by `prefetch`.
#[async_trait]
pub trait WebhookVerifier: fmt::Debug + Send + Sync {
    /// The vendor's name, as in ids.
    fn vendor(&self) -> &'static str;

    /// The longest body that is accepted, in bytes.
    fn max_body(&self) -> usize {
        DEFAULT_MAX_BODY
    }

    /// Whether the vendor sends deliveries with this HTTP method.
    fn accepts_method(&self, method: &Method) -> bool {
        method == Method::POST
    }

    /// Fetches what [`verify`](Self::verify) needs in addition to the delivery, such as a certificate that is not
    /// cached. Most vendors need nothing. Nothing in the delivery can be trusted yet.
    ///
    /// # Errors
    /// `Unavailable` when it cannot be fetched now; any other error when the delivery is already known to be invalid.
    async fn prefetch(&self, request: &WebhookRequest<'_>) -> Result<Prefetched, WebhookError> {
        let _ = request;
        Ok(Prefetched::none())
    }

    /// Checks that the delivery comes from the vendor, in this order: size, headers, signature over the raw bytes,
    /// time. Pure: the same arguments always give the same result.
    ///
    /// # Behavior
    /// - `genuine_is_taken`: what the vendor signed is accepted, with all its events.
    /// - `any_secret_will_do`: each of several secrets or keys is tried.
    /// - `wrong_secret_is_refused`: a signature by any other is rejected.
    /// - `another_delivery_with_this_signature_is_refused`: a signature is valid for one body.
    /// - `missing_or_doubled_header_is_refused`: `MissingHeader`, `Malformed`.
    /// - `other_content_type_is_refused`: `ContentType`.
    /// - `too_long_is_refused`: `BodyTooLarge`, by [`max_body`](Self::max_body).
    /// - `old_and_future_are_refused`: `TooOld`, `TooNew`, if the vendor signs a time; both ends of the window are
    /// included.
    /// - `altered_is_refused`: any change of what is signed is rejected, without a panic.
    /// - `nothing_is_printed`: neither the delivery nor a secret.
    ///
    /// # Errors
    /// What is wrong with the delivery; the sender is not informed.
    fn verify<'a>(
        &self,
        request: WebhookRequest<'a>,
        prefetched: &Prefetched,
        now: Timestamp,
    ) -> Result<Verified<'a>, WebhookError>;

    /// Returns the events of a delivery, in its order. What cannot be parsed is reported as
    /// [`Event::Other`](super::Event::Other) with the whole payload, so that nothing is lost.
    ///
    /// # Behavior
    /// - `copies_share_their_key`: copies of an event have its key, and no other event has.
    fn events(&self, verified: &Verified<'_>) -> Vec<WebhookEvent>;
}

fn _dyn_safe(_: &dyn WebhookVerifier) {}
