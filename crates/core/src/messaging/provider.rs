//! The trait that every messaging vendor implements.

use async_trait::async_trait;

use super::{
    CancelMessage, GetMessage, ListMessages, Message, MessageOutcome, MessagingCapabilities,
    TextMessage,
};
use crate::{error::Error, values::Page};

/// A vendor that sends messages to phones. Crates outside this workspace can implement it.
///
/// # For callers
/// Hold an `Arc<dyn MessagingProvider>`; [`MessagingProviderExt`](super::MessagingProviderExt) adds convenience
/// methods.
///
/// ```
/// use anyvendor_core::messaging::{
///     MessageOutcome, MessagingProvider, RejectionReason, TextMessage,
/// };
///
/// /// Whether to delete the number from the address book.
/// async fn is_dead(texts: &dyn MessagingProvider, message: TextMessage) -> bool {
///     match texts.send(message).await {
///         Ok(MessageOutcome::Rejected(why)) => why.reason == RejectionReason::InvalidRecipient,
///         Ok(MessageOutcome::Accepted(_)) | Err(_) => false,
///     }
/// }
/// ```
///
/// # For adapter authors
/// All methods are required. The conformance suite has one case per bullet below, under the same name.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait MessagingProvider: std::fmt::Debug + Send + Sync {
    /// The vendor's name, as in every [`VendorId`](crate::values::VendorId) of this vendor.
    fn vendor(&self) -> &'static str;

    /// The capabilities of this vendor.
    fn capabilities(&self) -> MessagingCapabilities;

    /// Sends one message.
    ///
    /// # Behavior
    /// - `send_text`: a text is accepted, with an id and our reference.
    /// - `send_with_media`: a text with a file is accepted.
    /// - `send_template`: a template with variables is accepted.
    /// - `send_over_whats_app`: a template over `WhatsApp` is accepted.
    /// - `send_long_text_counts_segments`: as many segments as [`Segments`](super::Segments) counts, once the vendor
    /// reports.
    /// - `send_to_invalid_number_is_an_outcome`: `Rejected(InvalidRecipient)`, not an error.
    /// - `send_to_opted_out_is_an_outcome`: `Rejected(OptedOut)`, not an error.
    /// - `send_nothing_is_refused`: neither text nor file is `InvalidRequest`, nothing is sent.
    /// - `send_too_long_is_refused`: over the vendor's limit is `InvalidRequest`, nothing is sent.
    /// - `send_too_many_files_is_refused`: over the vendor's limit is `InvalidRequest`, nothing is sent.
    /// - `send_outside_the_window_is_refused`: a time too near or too far is `InvalidRequest`, nothing is sent.
    /// - `send_later_and_cancel`: a scheduled message can be cancelled, twice.
    ///
    /// # Errors
    /// `InvalidRequest` for what the vendor does not accept; `Config` for a sender that is not ours; `QuotaExhausted`
    /// when the day's quota is used up. After an error whose delivery is `Unknown` the message may have been sent.
    async fn send(&self, message: TextMessage) -> Result<MessageOutcome, Error>;

    /// Looks a message up.
    ///
    /// # Examples
    /// ```
    /// use anyvendor_core::messaging::{GetMessage, MessageStatus, MessagingProvider};
    /// use anyvendor_core::{Error, values::VendorId};
    ///
    /// async fn arrived(texts: &dyn MessagingProvider, id: VendorId) -> Result<bool, Error> {
    ///     let message = texts.get(GetMessage::new(id)).await?;
    ///     Ok(matches!(message.status, MessageStatus::Delivered | MessageStatus::Read))
    /// }
    /// ```
    ///
    /// # Behavior
    /// - `get_sees_what_was_sent`: same id, and a status that has not gone back.
    /// - `get_unknown`: `NotFound`.
    /// - `get_of_another_vendor`: `InvalidRequest`, nothing is sent.
    ///
    /// # Errors
    /// `NotFound` for an unknown message.
    async fn get(&self, request: GetMessage) -> Result<Message, Error>;

    /// Cancels a scheduled message. Cancelling twice is a success.
    ///
    /// # Behavior
    /// - `cancel_sent_is_refused`: `Conflict` once it is on its way.
    ///
    /// # Errors
    /// `Unsupported` without the capability; `NotFound` for an unknown message; `Conflict` when it is too late.
    async fn cancel_scheduled(&self, request: CancelMessage) -> Result<Message, Error>;

    /// Lists messages, newest first, to find the status of one whose response was lost.
    ///
    /// # Examples
    /// ```
    /// use anyvendor_core::messaging::{ListMessages, MessagingProvider, TextMessage};
    /// use anyvendor_core::Error;
    ///
    /// /// After a lost response: whether the message was sent.
    /// async fn was_sent(texts: &dyn MessagingProvider, message: &TextMessage) -> Result<bool, Error> {
    ///     let request = ListMessages::new().with_reference(message.reference.clone());
    ///     Ok(!texts.list(request).await?.items.is_empty())
    /// }
    /// ```
    ///
    /// # Behavior
    /// - `list_finds_by_recipient`: what was sent to a phone is listed, page by page, each once.
    /// - `list_finds_by_reference`: what was sent under a reference is listed, and nothing else.
    ///
    /// # Errors
    /// `Unsupported` without the capability, also for a filter that the vendor does not have.
    async fn list(&self, request: ListMessages) -> Result<Page<Message>, Error>;
}

fn _dyn_safe(_: &dyn MessagingProvider) {}
