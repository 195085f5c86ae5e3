//! The trait that every email vendor implements.

use async_trait::async_trait;

use super::{
    BulkEmail, BulkOutcome, CancelScheduled, EmailCapabilities, EmailMessage, SendOutcome,
};
use crate::error::Error;

/// A vendor that sends email. Crates outside this workspace can implement it.
///
/// # For callers
/// Hold an `Arc<dyn EmailProvider>`; [`EmailProviderExt`](super::EmailProviderExt) adds convenience methods.
///
/// ```
/// use anyvendor_core::{Error, email::{EmailMessage, EmailProvider, RecipientStatus}};
///
/// /// How many recipients will not get the message.
/// async fn rejected(emails: &dyn EmailProvider, message: EmailMessage) -> Result<usize, Error> {
///     let outcome = emails.send(message).await?;
///     let rejected = |status: &RecipientStatus| matches!(status, RecipientStatus::Rejected(_));
///     Ok(outcome.recipients.iter().filter(|one| rejected(&one.status)).count())
/// }
/// ```
///
/// # For adapter authors
/// All methods are required. The conformance suite has one case per bullet below, under the same name.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait EmailProvider: std::fmt::Debug + Send + Sync {
    /// The vendor's name, as in every [`VendorId`](crate::values::VendorId) of this vendor.
    fn vendor(&self) -> &'static str;

    /// The capabilities of this vendor.
    fn capabilities(&self) -> EmailCapabilities;

    /// Sends one message.
    ///
    /// # Behavior
    /// - `send_text`: a plain text message is accepted for every recipient, each with our reference.
    /// - `send_html_with_attachment`: HTML, text, a file and an inline image are accepted.
    /// - `send_template`: a template with data is accepted.
    /// - `send_to_many`: to, cc and bcc each get an entry in the outcome.
    /// - `send_invalid_recipient_is_an_outcome`: an address that the vendor rejects is `Rejected`, not an error.
    /// - `send_without_content_is_refused`: neither text nor HTML is `InvalidRequest`, nothing is sent.
    /// - `send_without_recipient_is_refused`: no `to` is `InvalidRequest`, nothing is sent.
    /// - `send_header_with_line_break_is_refused`: `InvalidRequest`, nothing is sent.
    /// - `send_later_and_cancel`: a scheduled message can be cancelled by its handle.
    /// - `send_too_far_ahead_is_refused`: over the vendor's limit is `InvalidRequest`, nothing is sent.
    ///
    /// # Errors
    /// `InvalidRequest` for what the vendor does not accept; `QuotaExhausted` when the credits are used up. After an
    /// error whose delivery is `Unknown` the message may have been sent.
    async fn send(&self, message: EmailMessage) -> Result<SendOutcome, Error>;

    /// Sends one content to many recipients who do not see each other.
    ///
    /// # Examples
    /// ```
    /// use anyvendor_core::{Error, email::{BulkEmail, EmailProvider}};
    ///
    /// async fn newsletter(emails: &dyn EmailProvider, bulk: BulkEmail) -> Result<usize, Error> {
    ///     Ok(emails.send_bulk(bulk).await?.accepted())
    /// }
    /// ```
    ///
    /// # Behavior
    /// - `bulk_has_an_outcome_per_recipient`: one entry each, in order, also over the vendor's limit per request.
    /// - `bulk_of_nobody_is_empty`: no recipients, no request, an empty outcome.
    /// - `bulk_part_failure_is_told_apart`: when one request fails, its recipients alone are `NotSent` or `Unknown`.
    ///
    /// # Errors
    /// `InvalidRequest` for content that the vendor does not accept, before anything is sent. Once the first request
    /// was sent, failures are reported per recipient.
    async fn send_bulk(&self, bulk: BulkEmail) -> Result<BulkOutcome, Error>;

    /// Cancels a scheduled message. Cancelling twice is a success.
    ///
    /// # Examples
    /// ```
    /// use anyvendor_core::email::{CancelScheduled, EmailProvider, SendOutcome};
    /// use anyvendor_core::Error;
    ///
    /// async fn take_back(emails: &dyn EmailProvider, sent: SendOutcome) -> Result<(), Error> {
    ///     match sent.schedule {
    ///         Some(handle) => emails.cancel_scheduled(CancelScheduled::new(handle)).await,
    ///         None => Err(Error::unsupported(emails.vendor(), "cancelling")),
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    /// `Unsupported` without the capability; `NotFound` for an unknown handle.
    async fn cancel_scheduled(&self, request: CancelScheduled) -> Result<(), Error>;
}

fn _dyn_safe(_: &dyn EmailProvider) {}
