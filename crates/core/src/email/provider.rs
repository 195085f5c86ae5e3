//! The contract of an e-mail vendor.

use async_trait::async_trait;

use super::{
    BulkEmail, BulkOutcome, CancelScheduled, EmailCapabilities, EmailMessage, SendOutcome,
};
use crate::error::Error;

/// A vendor that sends e-mail. Open to outsiders; all methods are required.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait EmailProvider: std::fmt::Debug + Send + Sync {
    /// The vendor's name as it stands in every [`VendorId`](crate::values::VendorId) of it.
    fn vendor(&self) -> &'static str;

    /// What the vendor can do.
    fn capabilities(&self) -> EmailCapabilities;

    /// Sends one message.
    ///
    /// # Behavior
    /// - `send_text`: a plain text message is accepted for every recipient, each with our reference.
    /// - `send_html_with_attachment`: HTML, text, a file and an inline image are accepted.
    /// - `send_template`: a template with data is accepted.
    /// - `send_to_many`: to, cc and bcc each get an entry in the outcome.
    /// - `send_invalid_recipient_is_an_outcome`: an address that the vendor refuses is `Rejected`, not an error.
    /// - `send_without_content_is_refused`: neither text nor HTML is `InvalidRequest`, nothing is sent.
    /// - `send_without_recipient_is_refused`: no `to` is `InvalidRequest`, nothing is sent.
    /// - `send_header_with_line_break_is_refused`: `InvalidRequest`, nothing is sent.
    /// - `send_later_and_cancel`: a scheduled message can be cancelled by its handle.
    /// - `send_too_far_ahead_is_refused`: over the vendor's limit is `InvalidRequest`, nothing is sent.
    ///
    /// # Errors
    /// `InvalidRequest` for what the vendor cannot take; `QuotaExhausted` when credits are spent; an error whose
    /// delivery is `Unknown` may have sent the message.
    async fn send(&self, message: EmailMessage) -> Result<SendOutcome, Error>;

    /// Sends one content to many recipients who do not see each other.
    ///
    /// # Behavior
    /// - `bulk_has_an_outcome_per_recipient`: one entry each, in order, also over the vendor's limit per request.
    /// - `bulk_of_nobody_is_empty`: no recipients, no request, an empty outcome.
    /// - `bulk_part_failure_is_told_apart`: when one request fails, its recipients alone are `NotSent` or `Unknown`.
    ///
    /// # Errors
    /// `InvalidRequest` for content that the vendor cannot take, before anything is sent. Once the first request is out,
    /// failures are told per recipient.
    async fn send_bulk(&self, bulk: BulkEmail) -> Result<BulkOutcome, Error>;

    /// Cancels what is scheduled. Cancelling twice is a success.
    ///
    /// # Errors
    /// `Unsupported` without the capability; `NotFound` for an unknown handle.
    async fn cancel_scheduled(&self, request: CancelScheduled) -> Result<(), Error>;
}

fn _dyn_safe(_: &dyn EmailProvider) {}
