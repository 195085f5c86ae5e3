//! A message as the vendor stores it, and its status.

use jiff::Timestamp;

use crate::{
    error::{Delivery, Error, Kind},
    macros::{setters, words},
    resilience::CallOptions,
    values::{MessageReference, PageRequest, PhoneNumber, VendorId},
};

/// A message as the vendor stores it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Message {
    /// The vendor's id of the message.
    pub id: VendorId,
    /// The status of the message.
    pub status: MessageStatus,
    /// The application's id, if the vendor stores it or the request named it.
    pub reference: Option<MessageReference>,
    /// The recipient, if that is a phone number.
    pub to: Option<PhoneNumber>,
    /// The text, if the vendor shows it; it distinguishes messages after an unknown outcome.
    pub text: Option<MessageText>,
    /// How many segments the vendor counted; `None` if it has not counted yet.
    pub segments: Option<u32>,
    /// The vendor's code for the failure, to quote to its support.
    pub vendor_code: Option<String>,
    /// When the vendor accepted the message.
    pub created_at: Option<Timestamp>,
    /// When the vendor sent the message.
    pub sent_at: Option<Timestamp>,
}

impl Message {
    /// Creates a message with an id and a status; adapters fill in the rest.
    #[must_use]
    pub fn new(id: VendorId, status: MessageStatus) -> Self {
        Self {
            id,
            status,
            reference: None,
            to: None,
            text: None,
            segments: None,
            vendor_code: None,
            created_at: None,
            sent_at: None,
        }
    }
}

/// The text of a message, which is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct MessageText(pub String);

impl std::fmt::Debug for MessageText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MessageText({} characters)", self.0.chars().count())
    }
}

/// The status of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MessageStatus {
    /// The vendor accepted the message.
    Accepted,
    /// The message is scheduled for later.
    Scheduled,
    /// The message is queued.
    Queued,
    /// The message is being handed to the carrier.
    Sending,
    /// The carrier accepted the message.
    Sent,
    /// The message reached the phone.
    Delivered,
    /// The message reached some of the recipients.
    PartiallyDelivered,
    /// The recipient has read the message.
    Read,
    /// The carrier could not deliver it.
    Undelivered(FailureKind),
    /// The vendor could not send it.
    Failed(FailureKind),
    /// The message was cancelled before it was sent.
    Cancelled,
    /// The message is inbound: somebody wrote to us.
    Received,
    /// Any other status, in the vendor's words.
    Other(String),
}

words!(MessageStatus {
    Self::Accepted => "accepted",
    Self::Scheduled => "scheduled",
    Self::Queued => "queued",
    Self::Sending => "sending",
    Self::Sent => "sent",
    Self::Delivered => "delivered",
    Self::PartiallyDelivered => "partially_delivered",
    Self::Read => "read",
    Self::Undelivered(_) => "undelivered",
    Self::Failed(_) => "failed",
    Self::Cancelled => "cancelled",
    Self::Received => "received",
} or Other);

impl MessageStatus {
    /// How far along the message is. A status of a lower rank than a known one is outdated.
    #[must_use]
    pub const fn rank(&self) -> u8 {
        match self {
            Self::Other(_) => 0,
            Self::Accepted | Self::Scheduled => 1,
            Self::Queued => 2,
            Self::Sending => 3,
            Self::Sent => 4,
            Self::Delivered | Self::PartiallyDelivered => 5,
            Self::Read => 6,
            Self::Undelivered(_) | Self::Failed(_) | Self::Cancelled | Self::Received => 7,
        }
    }

    /// Whether the status is final; only `Read` may still follow delivery.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        self.rank() >= 5
    }
}

/// Whether a message that did not arrive could arrive at another time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FailureKind {
    /// This number will never accept messages: stop writing to it.
    Hard,
    /// The failure is temporary; another message may arrive.
    Soft,
    /// The message was blocked, by a filter or by the recipient.
    Blocked,
    /// The vendor does not say.
    Unknown,
}

words!(FailureKind {
    Self::Hard => "hard",
    Self::Soft => "soft",
    Self::Blocked => "blocked",
    Self::Unknown => "unknown",
});

/// The outcome of sending a message. Exhaustive on purpose.
#[derive(Debug, Clone, PartialEq)]
pub enum MessageOutcome {
    /// The vendor accepted it; events, or looking it up, report whether it arrives.
    Accepted(Message),
    /// The recipient was rejected: the message was not sent and never will be.
    Rejected(Rejection),
}

impl MessageOutcome {
    /// Returns the message, if the vendor accepted it.
    ///
    /// # Errors
    /// `Declined`, with the vendor's code, if the recipient was rejected.
    pub fn into_accepted(self) -> Result<Message, Error> {
        match self {
            Self::Accepted(message) => Ok(message),
            Self::Rejected(rejection) => {
                let message = "the recipient was rejected";
                let error = Error::new(Kind::Declined, Delivery::Refused, message);
                Err(match rejection.vendor_code {
                    Some(code) => error.with_vendor_code(code),
                    None => error,
                })
            }
        }
    }
}

/// Why a recipient was rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rejection {
    /// The neutral reason of the rejection.
    pub reason: RejectionReason,
    /// The vendor's code for the rejection.
    pub vendor_code: Option<String>,
}

impl Rejection {
    /// Creates a rejection for this reason.
    #[must_use]
    pub fn new(reason: RejectionReason) -> Self {
        Self {
            reason,
            vendor_code: None,
        }
    }

    /// Keeps the vendor's code.
    #[must_use]
    pub fn with_vendor_code(mut self, code: impl Into<String>) -> Self {
        self.vendor_code = Some(code.into());
        self
    }
}

/// The neutral reason of a rejection.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RejectionReason {
    /// The recipient is not a phone that can receive this message.
    InvalidRecipient,
    /// The recipient has opted out.
    OptedOut,
    /// The account may not send to that region.
    RegionBlocked,
    /// Any other reason, as the vendor's code.
    Other(String),
}

/// A request for the status of a message.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GetMessage {
    /// The message that is looked up.
    pub message: VendorId,
    /// Settings of this call.
    pub options: CallOptions,
}

impl GetMessage {
    /// Looks this message up.
    #[must_use]
    pub fn new(message: VendorId) -> Self {
        Self {
            message,
            options: CallOptions::default(),
        }
    }

    setters! {
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }
}

/// A request to cancel a scheduled message.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CancelMessage {
    /// The message that is cancelled.
    pub message: VendorId,
    /// Settings of this call.
    pub options: CallOptions,
}

impl CancelMessage {
    /// Cancels this message.
    #[must_use]
    pub fn new(message: VendorId) -> Self {
        Self {
            message,
            options: CallOptions::default(),
        }
    }

    setters! {
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }
}

/// A request for messages, newest first: by reference, or by recipient and time.
///
/// # Examples
/// ```
/// use anyvendor_core::messaging::{ListMessages, MessageReference};
///
/// let reference = MessageReference::new("order-1001")?;
/// let request = ListMessages::new().with_reference(reference.clone());
/// assert_eq!(request.reference, Some(reference));
/// # Ok::<(), anyvendor_core::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ListMessages {
    /// Only the message with this reference.
    pub reference: Option<MessageReference>,
    /// Only messages to this phone.
    pub to: Option<PhoneNumber>,
    /// Only messages that were accepted at this time or later.
    pub created_from: Option<Timestamp>,
    /// Only messages that were accepted before this time.
    pub created_before: Option<Timestamp>,
    /// Which page is returned, and how many items it has.
    pub page: PageRequest,
    /// Settings of this call.
    pub options: CallOptions,
}

impl ListMessages {
    /// Lists all messages, from the first page on.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    setters! {
        /// Lists only the message with this reference.
        with_reference(reference: Option<MessageReference>);
        /// Lists only messages to this phone.
        with_to(to: Option<PhoneNumber>);
        /// Lists only messages that were accepted at this time or later.
        with_created_from(created_from: Option<Timestamp>);
        /// Lists only messages that were accepted before this time.
        with_created_before(created_before: Option<Timestamp>);
        /// Sets which page is returned, and how many items it has.
        with_page(page: PageRequest);
        /// Sets the settings of this call.
        with_options(options: CallOptions);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_only_rise_along_the_way() {
        use MessageStatus as S;
        let way = [
            S::Other("x".to_owned()),
            S::Accepted,
            S::Queued,
            S::Sending,
            S::Sent,
            S::Delivered,
            S::Read,
        ];
        assert!(way.windows(2).all(|pair| pair[0].rank() < pair[1].rank()));
        assert!(!S::Sent.is_final() && S::Delivered.is_final() && S::Cancelled.is_final());
    }

    #[test]
    fn a_refused_recipient_is_no_acceptance_and_texts_are_not_printed() {
        let rejection = Rejection::new(RejectionReason::OptedOut).with_vendor_code("21610");
        let error = MessageOutcome::Rejected(rejection)
            .into_accepted()
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.vendor_code()),
            (&Kind::Declined, Some("21610"))
        );
        let text = MessageText("canary".to_owned());
        assert_eq!(format!("{text:?}"), "MessageText(6 characters)");
    }
}
