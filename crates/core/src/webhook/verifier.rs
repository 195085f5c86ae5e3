//! The trait that a vendor's webhooks are received through.

use std::fmt;

use async_trait::async_trait;
use http::Method;
use jiff::Timestamp;

use super::{
    error::WebhookError,
    event::WebhookEvent,
    head::WebhookHead,
    request::{DEFAULT_MAX_BODY, WebhookRequest},
    verified::{Prefetched, SignedContent, Verified},
};

/// Verifies the deliveries to one endpoint and reads their events.
///
/// # For callers
/// Pass one to the facade's webhook receiver, or call `precheck`, `prefetch`, `verify` and `events` in this
/// order.
///
/// ```
/// use anyvendor_core::webhook::{WebhookError, WebhookEvent, WebhookRequest, WebhookVerifier};
///
/// async fn receive(
///     acme: &dyn WebhookVerifier,
///     request: WebhookRequest<'_>,
///     now: jiff::Timestamp,
/// ) -> Result<Vec<WebhookEvent>, WebhookError> {
///     acme.precheck(&request.head())?;
///     let prefetched = acme.prefetch(&request, now).await?;
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

    /// Judges the head of a delivery before a byte of its body is read: the method, the content type, and that
    /// the headers of the signature are there and of its form. Credentials that are wholly in the head are checked here.
    /// Whoever passes takes a place of the receiver and the memory for the body, so this keeps strangers out.
    /// [`verify`](Self::verify) must reject whatever this rejects.
    ///
    /// The default accepts every POST, which is right only for a vendor that signs nothing in the head.
    ///
    /// # Behavior
    /// - `head_is_judged_first`: what lacks the method, the content type or the signature's headers is rejected without
    /// the body, as [`verify`](Self::verify) rejects it.
    /// - `another_method_is_refused`: `Method`, in `verify` too: a signature may not cover the method.
    ///
    /// # Errors
    /// What is wrong with the head.
    fn precheck(&self, head: &WebhookHead<'_>) -> Result<(), WebhookError> {
        head.check_method(&Method::POST)
    }

    /// Fetches what [`verify`](Self::verify) needs in addition to the delivery, such as a certificate that is not
    /// cached. Most vendors need nothing. Nothing in the delivery can be trusted yet: judge what needs no network, such
    /// as the age, first.
    ///
    /// # Errors
    /// `Unavailable` when it cannot be fetched now; any other error when the delivery is already known to be invalid.
    async fn prefetch(
        &self,
        request: &WebhookRequest<'_>,
        now: Timestamp,
    ) -> Result<Prefetched, WebhookError> {
        let _ = (request, now);
        Ok(Prefetched::none())
    }

    /// Checks that the delivery comes from the vendor, in this order: size, head, signature over the raw bytes,
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
    /// - `respelt_is_the_same_event`: whatever else the signature covers has the same keys, or is rejected, or is told
    /// apart by [`signed_content`](Self::signed_content).
    fn events(&self, verified: &Verified<'_>) -> Vec<WebhookEvent>;

    /// The signature of a delivery and its content, if a content of the sender's choice can have the same signature. The
    /// receiver accepts only the first content of a signature. `None`, the default, is right for vendors that sign
    /// every byte.
    fn signed_content(&self, verified: &Verified<'_>) -> Option<SignedContent> {
        let _ = verified;
        None
    }

    /// Whether the settings ask for an event, such as for one of its account. The receiver answers 200 to an event that is
    /// not wanted and does not hand it on. By default, every event is wanted.
    fn is_wanted(&self, event: &WebhookEvent) -> bool {
        let _ = event;
        true
    }
}

fn _dyn_safe(_: &dyn WebhookVerifier) {}
